import fs from 'node:fs';
import path from 'node:path';
import { stopInfra } from '../infra/infra.mjs';
import { isOurs, pidNames, readPid, stopProcess } from '../infra/processes.mjs';

const LAUNCHER = 'launcher';
/** The launcher stops services, then servers; a service may take half a minute to finish its batch. */
const LAUNCHER_GRACE_MS = 90_000;
const SERVICE_GRACE_MS = 30_000;
const INFRA = ['kafka', 'redis', 'postgres'];

/** Ends everything that runs in `home`, also when its launcher has died. Returns whether anything did. */
export async function stopStack(home, graceMs = LAUNCHER_GRACE_MS) {
  if (!fs.existsSync(path.join(home, 'pids'))) return false;
  const record = readPid(home, LAUNCHER);
  const isRunning = record !== null && isOurs(record);
  if (isRunning) await stopProcess(home, LAUNCHER, { graceMs });
  // What a launcher that was killed left behind.
  const left = pidNames(home).filter((name) => !INFRA.includes(name));
  const options = { graceMs: Math.min(graceMs, SERVICE_GRACE_MS) };
  await Promise.all(left.map((name) => stopProcess(home, name, options)));
  await stopInfra(home);
  return isRunning || left.length > 0;
}
