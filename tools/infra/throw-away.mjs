/**
 * Servers for one test run, in a temporary folder that goes with them. A run that was killed could
 * not clean up; the next one finds its folder by the pid in its name and ends what is left.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startInfra, stopInfra } from './infra.mjs';
import { removePostgresData } from './postgres.mjs';
import { stopStack } from '../stack/stop-stack.mjs';
import { commandLineOf } from './processes.mjs';

const PREFIX = 'orbit-test-';
/** Whole stacks of end-to-end tests (e2e/stack.ts); an interrupted test could not stop its own. */
const STACK_PREFIX = 'orbit-e2e-';
const STACK_GRACE_MS = 20_000;

/** A folder that another account may enter: as root, PostgreSQL runs as one. */
export function makeThrowAwayHome() {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  fs.chmodSync(home, 0o755);
  return home;
}

/** Ends and removes what killed runs of this account left behind. */
export async function sweepThrowAway() {
  const names = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    const home = path.join(os.tmpdir(), name);
    if (!Number.isInteger(owner) || owner === 0 || commandLineOf(owner) !== null) continue;
    if (fs.statSync(home).uid === process.getuid?.()) await removeThrowAway(home);
  }
}

/** Starts all servers and answers the text of ORBIT_TEST_INFRA. */
export async function startThrowAway(home, onProgress) {
  const { kafkaBrokers, redisUrl, databaseAdminUrl } = await startInfra({
    home,
    isThrowAway: true,
    onProgress,
  });
  return JSON.stringify({ kafkaBrokers, redisUrl, databaseAdminUrl });
}

/** Ends the stacks that tests started in `home` and did not stop. */
async function stopStacks(home) {
  const names = fs.readdirSync(home).filter((name) => name.startsWith(STACK_PREFIX));
  const stacks = names.map((name) => path.join(home, name));
  await Promise.all(stacks.map((stack) => stopStack(stack, STACK_GRACE_MS)));
  for (const stack of stacks) removePostgresData(stack);
}

/** Stops the servers and removes everything they wrote. */
export async function removeThrowAway(home) {
  await stopStacks(home);
  await stopInfra(home);
  removePostgresData(home);
  fs.rmSync(home, { recursive: true, force: true });
}
