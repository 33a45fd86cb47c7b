/**
 * `npm test`: every test, on throw-away servers of its own. Ends with "N passed, N failed".
 *
 * npm test everything
 * npm test -- wallet-ledger only files whose path matches
 * npm test -- --kind itest only one kind: spec, itest, sim or e2e
 *
 * Random tests draw from ORBIT_SEED, 2026 unless set, so that a commit passes twice or fails twice;
 * `npm run simulate` is for looking further.
 */
import { setUpAndBuild } from './setup/set-up-and-build.mjs';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { browserPath } from './infra/browser.mjs';
import { refuseNewProcesses } from './infra/processes.mjs';
import {
  makeThrowAwayHome,
  removeThrowAway,
  startThrowAway,
  sweepThrowAway,
} from './infra/throw-away.mjs';
import { SetupError } from './infra/setup-error.mjs';

const ROOT = path.join(import.meta.dirname, '..');
/** Every file talks to the same Kafka and PostgreSQL. */
const WORKERS_MAX = 4;
/** Each worker may have a whole stack, of a gigabyte and a half. */
const ROOMY_BYTES = 10 * 1024 ** 3;
/** Files that are named at the end: the longest of those that take this long. */
const TOLD_SECONDS_MIN = 10;
const TOLD_MAX = 30;
const args = process.argv.slice(2);
const kindAt = args.indexOf('--kind');
const kinds = kindAt === -1 ? ['spec', 'itest', 'sim', 'e2e'] : args.splice(kindAt, 2).slice(1);
const needsServers = kinds.includes('itest');

const home = makeThrowAwayHome();
const report = path.join(home, 'report.json');

/** Ctrl-C ends the tests, or the start of the servers, and still cleans up below. */
let interrupt = () => refuseNewProcesses();
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    isInterrupted = true;
    interrupt(signal);
  });
}

/** Whether a file is asked for that opens a page, as Jest reads the patterns. */
function needsBrowser() {
  const folder = path.join(ROOT, 'e2e');
  const patterns = args
    .filter((word) => !word.startsWith('-'))
    .map((word) => new RegExp(word, 'i'));
  const isAsked = (file) => patterns.length === 0 || patterns.some((pattern) => pattern.test(file));
  return (
    kinds.includes('e2e') &&
    fs
      .readdirSync(folder)
      .map((name) => path.join(folder, name))
      .filter((file) => file.endsWith('.e2e.ts') && isAsked(file))
      .some((file) => fs.readFileSync(file, 'utf8').includes("from './browser.js'"))
  );
}

/** Before the tests, whose time is limited. Without one, the tests that need it fail, and the others run. */
async function fetchBrowser() {
  try {
    await browserPath();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`${error.message} Tests that need one will fail.`);
  }
}

/** A file with servers waits for them a third of its time, so there is one more than cores; they all share them. */
function workerCount() {
  const hasRoom = os.totalmem() > ROOMY_BYTES;
  return Math.min(WORKERS_MAX, Math.max(2, os.availableParallelism() + (hasRoom ? 1 : 0)));
}

function runJest(env) {
  const jest = path.join(ROOT, 'node_modules/jest/bin/jest.js');
  const parameters = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest];
  const flags = [
    '--selectProjects',
    ...kinds,
    '--json',
    `--outputFile=${report}`,
    `--maxWorkers=${workerCount()}`,
    // A driver's lingering socket must not keep a finished run from ending.
    '--forceExit',
  ];
  const jestArgs = args.length > 0 ? ['--testPathPatterns', ...args] : [];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...parameters, ...flags, ...jestArgs], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      // stdout is the JSON that also goes to the file; people read the reporter on stderr.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('exit', (code) => resolve(code ?? 1));
    interrupt = (signal) => child.kill(signal);
  });
}

/** Prints the slowest files for the next repair of the time; the order of files goes by it, too (docs/testing.md). */
function printLongest({ testResults }) {
  const files = testResults
    .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1_000 }))
    .filter(({ seconds }) => seconds >= TOLD_SECONDS_MIN)
    .sort((one, other) => other.seconds - one.seconds);
  for (const { name, seconds } of files.slice(0, TOLD_MAX)) {
    console.log(`${seconds.toFixed(0).padStart(5)} s  ${path.relative(ROOT, name)}`);
  }
}

let code = 1;
let counts = { passed: 0, failed: 1 };
try {
  await sweepThrowAway();
  await setUpAndBuild();
  if (needsBrowser()) await fetchBrowser();
  const env = { ORBIT_SEED: process.env.ORBIT_SEED ?? '2026', ORBIT_TEST_HOME: home };
  if (needsServers && !process.env.ORBIT_TEST_INFRA) {
    env.ORBIT_TEST_INFRA = await startThrowAway(home, (name, seconds) =>
      console.error(`  ${name} is up after ${seconds.toFixed(1)} s`),
    );
  }
  code = await runJest(env);
  const results = JSON.parse(fs.readFileSync(report, 'utf8'));
  printLongest(results);
  // A file that could not even be loaded has no tests of its own, but it failed.
  counts = {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
  };
  if (results.numPendingTests > 0) counts.failed += results.numPendingTests;
} catch (error) {
  // Whatever broke then broke because of it: a server that could not start, a report that is not there.
  const message = error instanceof Error ? error.message : error;
  console.error(isInterrupted ? 'Interrupted before the tests were over.' : message);
} finally {
  await removeThrowAway(home);
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = code === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1;
