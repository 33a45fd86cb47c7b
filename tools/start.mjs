/**
 * `npm start`: everything on this machine, from a fresh clone. Node built-ins only up to the point
 * where the dependencies are known to be there.
 *
 *   npm start                 in the foreground; Ctrl-C stops every process it started
 *   npm start -- --detach     returns when ready; npm stop ends it
 *   ORBIT_PORT=3100 ORBIT_HOME=/tmp/second npm start      a second stack beside the first
 */
import './setup/node-version.mjs';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWritableFolder } from './infra/make-folder.mjs';
import { isOurs, readPid, tailOf, writePid } from './infra/processes.mjs';
import { SetupError } from './infra/setup-error.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { checkHome, checkPort, DEV_FILE, HOME, ROOT } from './stack/paths.mjs';

const LAUNCHER = 'launcher';
const MARKER = 'tools/start.mjs';
const say = (text) => process.stdout.write(`${text}\n`);

function refuseSecondStart() {
  const record = readPid(HOME, LAUNCHER);
  if (!record || record.pid === process.pid || !isOurs(record)) return false;
  throw new SetupError(
    `A stack is already running in ${HOME} (process ${record.pid}). Stop it with npm stop, or set ORBIT_HOME and ORBIT_PORT for a second one.`,
  );
}

function makeHome() {
  try {
    makeWritableFolder(HOME);
  } catch (error) {
    throw new SetupError(
      `${HOME} cannot be written (${error.code}). Set ORBIT_HOME to a folder of your own.`,
    );
  }
}

/** Starts this program again in the background and shows what it says until it is ready. */
async function detach() {
  fs.mkdirSync(path.join(HOME, 'logs'), { recursive: true });
  const logFile = path.join(HOME, 'logs', 'launcher.log');
  fs.writeFileSync(logFile, '');
  fs.rmSync(DEV_FILE, { force: true });
  const log = fs.openSync(logFile, 'a');
  const child = spawn(process.execPath, [path.join(ROOT, MARKER), '--detached'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  let exitCode = null;
  child.once('exit', (code) => (exitCode = code ?? 1));
  let shown = 0;
  for (;;) {
    const isReady = fs.existsSync(DEV_FILE);
    const text = fs.readFileSync(logFile, 'utf8');
    process.stdout.write(text.slice(shown));
    shown = text.length;
    if (exitCode !== null) {
      process.exitCode = exitCode || 1;
      return;
    }
    if (isReady) return;
    await sleep(100);
  }
}

async function main() {
  checkPort();
  checkHome();
  const isDetached = process.argv.includes('--detached');
  refuseSecondStart();
  makeHome();
  if (process.argv.includes('--detach')) return detach();
  writePid(HOME, LAUNCHER, { pid: process.pid, marker: MARKER });
  await installDependencies(say);
  const { runStack } = await import('./stack/run.mjs');
  return runStack({ say, isDetached, launcher: LAUNCHER });
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof SetupError;
  process.stderr.write(`\n${isExpected ? error.message : (error?.stack ?? error)}\n`);
  if (!isExpected) process.stderr.write(tailOf(path.join(HOME, 'logs', 'launcher.log'), 0));
  // 78: a setting has another form; its service has named it.
  process.exit(isExpected && error.exitCode === 78 ? 78 : 1);
}
