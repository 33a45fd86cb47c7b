/** Orb's own test suite: fetched when it is needed, never part of this repository. */
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '4.90.0';
const NAME = `orb_billing-${VERSION}`;
/** Those of the suite's own lock file: it takes a warning of a newer one for a failure. */
const PACKAGES = [
  ...['pytest==9.0.2', 'pytest-asyncio==1.3.0', 'pytest-xdist==3.8.0', 'respx==0.22.0'],
  ...['time-machine==3.2.0', 'dirty-equals==0.11', 'importlib-metadata==8.7.1', 'rich==14.2.0'],
  ...['httpx-aiohttp==0.1.12', 'aiohttp==3.13.3', 'pydantic==2.12.5', 'httpx==0.28.1'],
  'anyio==4.12.1',
];
const PROGRESS_EVERY = 250;

/** Why the suite cannot be run; nothing is known about the server. */
export class SuiteError extends Error {}

/** Returns where it is: `{folder, python}`. Kept in the user's cache, so that a second run needs no network. */
export async function fetchSuite(say) {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const home = path.join(cache, 'orbit-billing', `orb-suite-${VERSION}`);
  const suite = { folder: path.join(home, NAME), python: path.join(home, 'v', 'bin', 'python') };
  const ready = path.join(home, 'ready');
  if (fs.existsSync(ready)) return suite;
  say(`  fetching Orb's Python SDK ${VERSION} with its tests (about 20 s, once)`);
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(home, { recursive: true });
  const archive = `${NAME}.tar.gz`;
  const pip = ['-m', 'pip', '--disable-pip-version-check'];
  const download = ['download', '-q', '--no-deps', '--no-binary', ':all:'];
  try {
    await run('python3', [...pip, ...download, `orb-billing==${VERSION}`, '-d', home]);
    await run('tar', ['xzf', archive], { cwd: home });
    await run('python3', ['-m', 'venv', path.join(home, 'v')]);
    await run(suite.python, [...pip, 'install', '-q', path.join(home, archive), ...PACKAGES]);
  } catch (error) {
    const [reason] = String(error.stderr ?? error.message)
      .trim()
      .split('\n')
      .slice(-1);
    throw new SuiteError(
      `Orb's test suite could not be fetched: ${reason} It needs python3 (3.9 or newer) with venv and a package index.`,
    );
  }
  fs.writeFileSync(ready, '');
  return suite;
}

/** Runs it against an address; answers `[{test, outcome}]`, outcome `passed`, `failed` or `skipped`. */
export async function runSuite({ folder, python }, url, selection, say) {
  const results = fs.mkdtempSync(path.join(os.tmpdir(), 'orb-suite-'));
  const file = path.join(results, 'outcomes.jsonl');
  const select = selection ? ['-k', selection] : [];
  const flags = ['-n', '0', '-q', '-p', 'no:cacheprovider', '-p', 'orbit_outcomes', '--tb=no'];
  const args = ['-m', 'pytest', 'tests/api_resources', ...flags, ...select];
  const env = {
    ...process.env,
    TEST_API_BASE_URL: `${url}/v1`,
    PYTHONPATH: import.meta.dirname,
    PYTHONDONTWRITEBYTECODE: '1',
    ORBIT_OUTCOMES: file,
    ORBIT_PROXY: url,
  };
  const child = spawn(python, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const tail = [];
  let done = 0;
  const count = (text) => {
    const before = Math.floor(done / PROGRESS_EVERY);
    done += (text.match(/[.Fs]/g) ?? []).length;
    if (Math.floor(done / PROGRESS_EVERY) > before) say(`  ${done} tests done`);
  };
  for (const stream of [child.stdout, child.stderr]) {
    readline.createInterface({ input: stream }).on('line', (line) => {
      tail.push(line);
      if (tail.length > 20) tail.shift();
      if (/^[.Fs]+ /.test(line)) count(line.split(' ')[0]);
    });
  }
  const code = await new Promise((resolve) => child.on('exit', resolve));
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  fs.rmSync(results, { recursive: true, force: true });
  // 0: all passed, 1: some failed. Anything else: pytest itself did not get that far.
  if (code !== 0 && code !== 1)
    throw new SuiteError(`pytest ended with ${code}:\n${tail.join('\n')}`);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
