/**
 * `npm run simulate`: the ledger's simulation with one new seed after another, until it is stopped or one fails.
 *
 *   npm run simulate                    for ten minutes
 *   npm run simulate -- --minutes 120
 *
 * A failure prints the seed; `ORBIT_SEED=… npm test -- --kind sim` brings it back.
 */
import { setUpAndBuild } from './setup/set-up-and-build.mjs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.join(import.meta.dirname, '..');
const OPERATIONS = 200_000;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error(`--minutes has to be a number above 0, not ${values.minutes}`);
  process.exit(2);
}

await setUpAndBuild();
const endMs = Date.now() + minutes * 60_000;
let operations = 0;
while (Date.now() < endMs) {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      path.join(ROOT, 'node_modules/jest/bin/jest.js'),
      '--selectProjects=sim',
    ],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, ORBIT_SEED: String(seed), ORBIT_SIM_OPERATIONS: String(OPERATIONS) },
    },
  );
  if (status !== 0) {
    console.error(stderr);
    console.error(
      `seed ${seed} failed after ${operations.toLocaleString('en')} operations that held`,
    );
    process.exit(1);
  }
  operations += OPERATIONS;
  console.log(`seed ${seed} holds; ${operations.toLocaleString('en')} operations so far`);
}
