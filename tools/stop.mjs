/** `npm stop`: ends the stack of this ORBIT_HOME, also one whose launcher has died. */
import './setup/node-version.mjs';
import fs from 'node:fs';
import { isOurs, pidNames, readPid, stopProcess } from './infra/processes.mjs';
import { stopInfra } from './infra/infra.mjs';
import { DEV_FILE, HOME } from './stack/paths.mjs';

const LAUNCHER = 'launcher';
/** The launcher stops services, then servers; a service may take half a minute to finish its batch. */
const LAUNCHER_GRACE_MS = 90_000;
const INFRA = ['kafka', 'redis', 'postgres'];

const record = readPid(HOME, LAUNCHER);
const isRunning = record !== null && isOurs(record);
if (isRunning) await stopProcess(HOME, LAUNCHER, { graceMs: LAUNCHER_GRACE_MS });
// What a launcher that was killed left behind.
const left = pidNames(HOME).filter((name) => !INFRA.includes(name));
await Promise.all(left.map((name) => stopProcess(HOME, name, { graceMs: 30_000 })));
await stopInfra(HOME);
fs.rmSync(DEV_FILE, { force: true });
console.log(isRunning || left.length > 0 ? 'Stopped.' : `Nothing was running in ${HOME}.`);
