/**
 * `npm run reliability`: kills the ledger and its stores again and again under load, and then looks whether anything was
 * lost, done twice or left unequal. Its servers and data are its own and go with it.
 *
 *   npm run reliability -- --kills 200 --seed 7        prints a table, writes docs/reliability.md
 *   npm run reliability -- --kills 20 --no-report      a short look; prints only
 *   npm run reliability -- --json FILE                 the result for programs, too
 *   npm run reliability -- --service usage-metering    see metering/run.mjs
 *
 * Ends with 0 when every fact holds, 1 when one does not. A run is repeated by its seed; what the kills hit is not the
 * same twice, because processes and disks are not.
 */
import { Command } from 'commander';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInfra } from '../infra/infra.mjs';
import { makeThrowAwayHome, removeThrowAway } from '../infra/throw-away.mjs';
import { migrate, SERVICES, withDatabase } from '../migrate.mjs';
import { ROOT } from '../stack/paths.mjs';
import { formatTable } from '../../apps/cli/dist/cli/output.js';
import { summarize, toReport } from './report.mjs';
import { planKills, Victims } from './victims.mjs';

const PASSWORD = 'throw-away';
const DATABASE = 'orbit';
const SESSION_TIMEOUT_MS = 2_000;
const PROGRESS_MS_MAX = 90_000;
const QUIET_MS_MAX = 180_000;
const HOLD_LIFE_MS_MAX = 60_000;

const program = new Command('reliability')
  .description('Kill the ledger and its stores under load, then check that nothing is wrong.')
  .option('--kills <n>', 'how many', Number, 200)
  .option('--seed <n>', 'of what is killed and of the load', Number, Date.now() % 1_000_000)
  .option('--wallets <n>', 'wallets under load', Number, 40)
  .option('--workers <n>', 'senders at once', Number, 24)
  .option('--minutes <n>', 'stop killing after so long, whatever --kills says', Number, 60)
  .option('--json <file>', 'write the result as JSON')
  .option('--no-report', 'do not write docs/reliability.md')
  .parse();
const options = program.opts();
const say = (text) => process.stderr.write(`${text}\n`);

let isInterrupted = false;
process.once('SIGINT', () => {
  isInterrupted = true;
  say('\nNo more kills; checking what there is. Ctrl-C again ends at once.');
});

const { checkRun } = await import('./check-run.mjs');
const { seededRandom } = await import('@orbit/testing');
const { LedgerOnServers } = await import('./ledger-on-servers.mjs');
const { Load } = await import('./load.mjs');

const home = makeThrowAwayHome();
try {
  const result = await run();
  process.stdout.write(`${formatTable(result.kills)}\n\n${formatTable(result.facts)}\n`);
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  if (options.report) {
    fs.writeFileSync(path.join(ROOT, 'docs', 'reliability.md'), toReport(result));
    say('wrote docs/reliability.md');
  }
  process.exitCode = result.facts.every(({ violations }) => violations === 0) ? 0 : 1;
} finally {
  await removeThrowAway(home);
}
// Drivers of servers that were killed may linger.
process.exit();

/** Durable servers, as in production: a kill must not be excused by a missing fsync. */
async function startServers() {
  const infra = await startInfra({ home, onProgress: (name) => say(`  ${name} is up`) });
  const adminUrl = withDatabase(infra.databaseAdminUrl, DATABASE);
  const passwords = Object.fromEntries(SERVICES.map((service) => [service, PASSWORD]));
  await migrate({ adminUrl: infra.databaseAdminUrl, database: DATABASE, passwords });
  const role = new URL(adminUrl);
  role.username = 'orbit_wallet_ledger';
  role.password = PASSWORD;
  const ledger = await LedgerOnServers.create({ infra, databaseUrl: role.href, adminUrl });
  return { infra, ledger };
}

async function run() {
  const random = seededRandom(options.seed);
  const { infra, ledger } = await startServers();
  const instance = await ledger.instance('wallet-ledger', {
    LEDGER_SESSION_TIMEOUT_MS: String(SESSION_TIMEOUT_MS),
    LEDGER_CLAIM_TTL_MS: '20000',
  });
  await instance.start();
  const load = new Load({
    ...{ ledger, random, address: instance.rpcAddress },
    ...{ wallets: options.wallets, workers: options.workers },
  });
  await load.open();
  const victims = new Victims({ home, handles: infra.handles, instance, random });
  load.start();
  const startedMs = performance.now();
  const kills = [];
  const notes = { stuck: [], unanswered: [] };
  try {
    for (const together of planKills(options.kills, random)) {
      const minutes = (performance.now() - startedMs) / 60_000;
      if (isInterrupted || minutes > options.minutes) break;
      await sleep(random.integer(50, 1_500));
      const bookedMs = await killAll(ledger, victims, together);
      // The first of two came back only to die again.
      for (const kill of together) {
        kills.push({ ...kill, bookedMs: kill === together.at(-1) ? bookedMs : null });
      }
      const what = together.map(({ target, failPoint }) => failPoint ?? target).join(', then at ');
      say(`  ${kills.length} of ${options.kills}: ${what}; ${(bookedMs / 1_000).toFixed(1)} s`);
    }
  } catch (error) {
    say(`  ${error.message}`);
    notes.stuck.push(error.message);
  }
  if (!(await load.stop(PROGRESS_MS_MAX))) notes.unanswered.push('the load');
  const loadSeconds = (performance.now() - startedMs) / 1_000;
  say('  quiet; waiting until everything is read');
  await ledger.untilRead(QUIET_MS_MAX).catch((error) => notes.unanswered.push(error.message));
  const facts = await checkRun({ ledger, load, holdLifeMs: HOLD_LIFE_MS_MAX });
  const { unexpected } = victims;
  facts.facts.unshift(
    ...[
      ['the ledger booked again after every kill', notes.stuck],
      ['every sender was answered and every message read', notes.unanswered],
      ['the ledger never ended by itself', unexpected],
    ].map(([fact, found]) => ({ fact, violations: found.length, examples: found.join(' ') })),
  );
  await victims.end();
  await load.close();
  await ledger.close();
  return {
    ...{ seed: options.seed, planned: options.kills, killed: kills.length, loadSeconds },
    ...{ wallets: options.wallets, workers: options.workers, load: load.counts, ...facts },
    kills: summarize(kills),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString().trim(),
  };
}

/** Kills, and answers how long it took until the ledger booked again. */
async function killAll(ledger, victims, kills) {
  const startedMs = performance.now();
  await victims.kill(kills);
  const since = await countEntries(ledger);
  const deadlineMs = performance.now() + PROGRESS_MS_MAX;
  while ((await countEntries(ledger)) <= since) {
    if (performance.now() > deadlineMs) {
      const [{ target }] = kills;
      throw new Error(
        `Nothing was booked for ${PROGRESS_MS_MAX / 1_000} s after a kill of ${target}`,
      );
    }
    await sleep(50);
  }
  return performance.now() - startedMs;
}

async function countEntries({ pool }) {
  for (;;) {
    try {
      const { rows } = await pool.query('SELECT sum(sequence) AS n FROM wallet_ledger.wallet');
      return Number(rows[0].n);
    } catch {
      await sleep(100);
    }
  }
}
