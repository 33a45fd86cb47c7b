/** `npm stop`: ends the stack of this ORBIT_HOME, also one whose launcher has died. */
import './setup/node-version.mjs';
import fs from 'node:fs';
import { DEV_FILE, HOME } from './stack/paths.mjs';
import { stopStack } from './stack/stop-stack.mjs';

const wasRunning = await stopStack(HOME);
if (fs.existsSync(DEV_FILE)) fs.rmSync(DEV_FILE);
console.log(wasRunning ? 'Stopped.' : `Nothing was running in ${HOME}.`);
