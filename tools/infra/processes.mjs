/**
 * Long-lived child processes, each with a pid file. A pid file names the process and a `marker`
 * that its command line carries (a path below its ORBIT_HOME), so that after a crash we end what
 * is ours and never a stranger that was given the same pid.
 */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from './setup-error.mjs';

const POLL_MS = 50;
const WAIT_REPORT_MS = 10_000;

/** The command line of a live process, or null when there is none (zombies count as gone). */
export function commandLineOf(pid) {
  try {
    if (fs.existsSync('/proc/self/cmdline')) {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return line === '' ? null : line;
    }
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], options).trim() || null;
  } catch {
    return null;
  }
}

/** When the process started, in the kernel's own count; null where there is no /proc. */
export function startedTicksOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, in brackets, may hold spaces; the start time is the twentieth after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/**
 * True while the process lives, its command line still carries the marker and, where both are
 * known, it started when the recorded one did: the pid was not given to another.
 */
export function isOurs({ pid, marker, startedTicks = null }) {
  if (!(commandLineOf(pid)?.includes(marker) ?? false)) return false;
  return startedTicks === null || startedTicksOf(pid) === startedTicks;
}

const pidFile = (home, name) => path.join(home, 'pids', `${name}.json`);

/** The record in the pid file, or null when it is missing or half written. */
export function readPid(home, name) {
  try {
    const record = JSON.parse(fs.readFileSync(pidFile(home, name), 'utf8'));
    return Number.isInteger(record.pid) && record.marker ? record : null;
  } catch {
    return null;
  }
}

/** Writes a pid file in one step. */
export function writePid(home, name, { pid, marker }) {
  const file = pidFile(home, name);
  const record = { pid, marker, startedTicks: startedTicksOf(pid) };
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.tmp`, JSON.stringify(record));
  fs.renameSync(`${file}.tmp`, file);
}

export function removePid(home, name) {
  fs.rmSync(pidFile(home, name), { force: true });
}

/** Names of every pid file below this home. */
export function pidNames(home) {
  const folder = path.join(home, 'pids');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));
}

let isClosing = false;

/** From now on nothing is started: what is under way while we stop must not outlive us. */
export function refuseNewProcesses() {
  isClosing = true;
}

/**
 * Starts a process in a group of its own (Ctrl-C reaches only the launcher, which then stops the
 * others in order), with its output in `$home/logs/<name>.log`.
 */
export function spawnRecorded({ home, name, command, args, marker, env, uid, gid, cwd }) {
  if (isClosing) throw new SetupError(`${name} was not started: the stack is stopping.`);
  const logFile = path.join(home, 'logs', `${name}.log`);
  fs.mkdirSync(path.dirname(logFile), { recursive: true });
  const log = fs.openSync(logFile, 'a');
  const child = spawn(command, args, {
    cwd: cwd ?? home,
    env: env ?? process.env,
    stdio: ['ignore', log, log],
    detached: true,
    ...(uid === undefined ? {} : { uid, gid }),
  });
  fs.closeSync(log);
  const handle = { name, home, logFile, marker, pid: child.pid, child, exit: null };
  handle.exited = new Promise((resolve) => {
    const finish = (exit) => {
      handle.exit = exit;
      resolve(exit);
    };
    child.once('error', (error) => finish({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => finish({ code, signal }));
  });
  if (child.pid !== undefined) writePid(home, name, { pid: child.pid, marker });
  child.unref();
  return handle;
}

/** The last lines of a log file, for an error message. */
export function tailOf(logFile, lines = 12) {
  try {
    return fs.readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/**
 * Waits until `isReady` answers true; an earlier end of the process or the time limit is a fault.
 * `onWait(seconds)` is called every ten seconds while it still waits.
 * @param {(seconds: number) => unknown} onWait
 */
export async function waitUntilReady(handle, isReady, timeoutMs, onWait = () => undefined) {
  const startedMs = Date.now();
  const deadlineMs = startedMs + timeoutMs;
  let nextWaitMs = startedMs + WAIT_REPORT_MS;
  while (!(await isReady())) {
    if (Date.now() >= nextWaitMs) {
      nextWaitMs += WAIT_REPORT_MS;
      onWait(Math.round((Date.now() - startedMs) / 1_000));
    }
    if (handle.exit || Date.now() > deadlineMs) {
      const why = handle.exit
        ? `ended (${handle.exit.error?.message ?? handle.exit.signal ?? `exit code ${handle.exit.code}`})`
        : `was not ready after ${timeoutMs / 1_000} s`;
      const text = `${handle.name} ${why}.\n${tailOf(handle.logFile)}\nLog: ${handle.logFile}`;
      throw new SetupError(text, handle.exit?.code ?? 1);
    }
    await sleep(POLL_MS);
  }
}

/** Ends one process: `signal`, then SIGKILL to its group after `graceMs`. Missing is success. */
export async function stopProcess(home, name, { signal = 'SIGTERM', graceMs = 10_000 } = {}) {
  const record = readPid(home, name);
  if (record && isOurs(record)) {
    kill(record.pid, signal);
    const deadlineMs = Date.now() + graceMs;
    while (isOurs(record) && Date.now() < deadlineMs) await sleep(POLL_MS);
    if (isOurs(record)) {
      if (!kill(-record.pid, 'SIGKILL')) kill(record.pid, 'SIGKILL');
      while (isOurs(record)) await sleep(POLL_MS);
    }
  }
  removePid(home, name);
}

function kill(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // It ended in the meantime.
  }
}
