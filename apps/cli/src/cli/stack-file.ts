import path from 'node:path';
import { readJsonFile } from '../../../../tools/stack/json-file.mjs';
import { OrbitCliError } from './faults.js';

/** Reads the file in which `npm start` describes the running stack. `variable` overrules one of its fields. */
export function readStack(home: string, variable: string): Readonly<Record<string, unknown>> {
  const stack = readJsonFile(path.join(home, 'dev.json'), {
    advice: `npm stop, then npm start, writes it anew; or name a stack with ${variable}.`,
  });
  if (stack !== null) return stack;
  throw new OrbitCliError(
    `There is no running stack in ${home}. Start one with npm start, set ORBIT_HOME, or name one elsewhere with ${variable}.`,
  );
}
