/**
 * `npm start`: everything on this machine, from a fresh clone. Node built-ins only up to the point
 * where the dependencies are known to be there.
 *
 *   npm start                 in the foreground; Ctrl-C stops every process it started
 *   npm start -- --detach     returns when ready; npm stop ends it
 *   ORBIT_PORT=3100 ORBIT_HOME=/tmp/second npm start      a second stack beside the first
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOurs, readPid, tailOf, writePid } from './infra/processes.mjs';
import { SetupError } from './infra/setup-error.mjs';
import { checkPort, DEV_FILE, HOME, ROOT } from './stack/paths.mjs';

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

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`Node ${process.versions.node} is too old. Install Node 20.19 or newer.`);
}

const packagesOf = (file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages;

/**
 * True when node_modules holds what the lockfile names. npm writes its own list last, so a broken
 * installation has none. Versions are compared, not times: a copied clone must start offline.
 */
function isInstalled() {
  const list = path.join(ROOT, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(list)) return false;
  const installed = packagesOf(list);
  const wanted = Object.entries(packagesOf(path.join(ROOT, 'package-lock.json')));
  return wanted
    .filter(([place]) => place.startsWith('node_modules/'))
    .every(([place, { version, optional }]) =>
      installed[place] ? installed[place].version === version : optional === true,
    );
}

/** npm ci when node_modules is missing or is not what the lockfile says. */
async function installDependencies() {
  if (isInstalled()) return;
  say('  … installing dependencies (npm ci), about a minute the first time');
  // Also where NODE_ENV or the user's settings leave them out: the servers come from these.
  const included = ['--include=dev', '--include=optional'];
  const args = ['ci', ...included, '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn('npm', args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  if (code !== 0)
    throw new SetupError('npm ci failed; its message is above. Is the package registry reachable?');
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
  checkNode();
  checkPort();
  const isDetached = process.argv.includes('--detached');
  refuseSecondStart();
  fs.mkdirSync(HOME, { recursive: true });
  if (process.argv.includes('--detach')) return detach();
  writePid(HOME, LAUNCHER, { pid: process.pid, marker: MARKER });
  await installDependencies();
  const { runStack } = await import('./stack/run.mjs');
  return runStack({ say, isDetached, launcher: LAUNCHER });
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof SetupError;
  process.stderr.write(`\n${isExpected ? error.message : (error?.stack ?? error)}\n`);
  if (!isExpected) process.stderr.write(tailOf(path.join(HOME, 'logs', 'launcher.log'), 0));
  process.exit(1);
}
