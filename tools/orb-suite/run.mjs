/**
 * Runs Orb's own Python test suite against a stack of ours, through a proxy that makes what each request takes for
 * granted, and checks every answer against the contract.
 *
 *   npm run orb-suite                        a stack of its own, the whole suite
 *   npm run orb-suite -- --home .orbit       the stack that `npm start` runs from this folder
 *   npm run orb-suite -- -k "test_items"     what pytest is to select
 *
 * Exit code: 0 when every operation that is served answered as the contract says and no test of it failed; 1 when one
 * did not; 69 when the suite could not be fetched.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { makeThrowAwayHome, removeThrowAway } from '../infra/throw-away.mjs';
import { ROOT } from '../stack/paths.mjs';
import { Fixtures } from './fixtures.mjs';
import { startProxy } from './proxy.mjs';
import { fetchSuite, runSuite, SuiteError } from './python-suite.mjs';
import { summarize } from './summary.mjs';

const run = promisify(execFile);
const UNAVAILABLE = 69;
const ORB_PORT = '3790';

const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    k: { type: 'string', short: 'k' },
    report: { type: 'string' },
    verbose: { type: 'boolean', short: 'v', default: false },
  },
});
const say = (text) => console.error(text);

async function script(name, home, ...args) {
  const env = { ...process.env, ORBIT_HOME: home, ORBIT_PORT: process.env.ORBIT_PORT ?? ORB_PORT };
  await run(process.execPath, [path.join(ROOT, 'tools', name), ...args], { env });
}

/** The addresses of the stack that runs from this folder, a test account's key, and the operator's. */
function readStack(home) {
  const { gatewayUrl, operatorApiKey, orbAccounts } = JSON.parse(
    fs.readFileSync(path.join(home, 'dev.json'), 'utf8'),
  );
  const { api_key: key } = orbAccounts.find(({ mode }) => mode === 'test');
  return { baseUrl: `${gatewayUrl}/v1`, key, gatewayUrl, operatorApiKey };
}

const ownHome = values.home ? null : makeThrowAwayHome();
const home = path.resolve(values.home ?? ownHome);
try {
  const suite = await fetchSuite(say);
  if (ownHome) {
    say('  starting a stack of its own');
    await script('start.mjs', home, '--detach');
  }
  const target = readStack(home);
  const fixtures = new Fixtures(target);
  const proxy = await startProxy(target, fixtures);
  try {
    const outcomes = await runSuite(suite, proxy.url, values.k, say);
    const summary = summarize(outcomes, proxy.seen);
    if (values.report) fs.writeFileSync(values.report, JSON.stringify(summary, null, 2));
    for (const line of summary.lines(values.verbose)) console.log(line);
    process.exitCode = summary.isGood ? 0 : 1;
  } finally {
    await proxy.close();
  }
} catch (error) {
  if (!(error instanceof SuiteError)) throw error;
  console.error(error.message);
  process.exitCode = UNAVAILABLE;
} finally {
  if (ownHome) {
    await script('stop.mjs', ownHome).catch(() => undefined);
    await removeThrowAway(ownHome);
  }
}
