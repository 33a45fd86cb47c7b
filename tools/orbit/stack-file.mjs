import path from 'node:path';
import { readJsonFile } from '../stack/json-file.mjs';
import { OrbitCliError } from './faults.mjs';

/** What `npm start` wrote about the running stack. `variable` overrules what is asked of it. */
export function readStack(home, variable) {
  const stack = readJsonFile(path.join(home, 'dev.json'), {
    advice: `npm stop, then npm start, writes it anew; or name a stack with ${variable}.`,
  });
  if (stack !== null) return stack;
  throw new OrbitCliError(
    `There is no running stack in ${home}. Start one with npm start, set ORBIT_HOME, or name one elsewhere with ${variable}.`,
  );
}
