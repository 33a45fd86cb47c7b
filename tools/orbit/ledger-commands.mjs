import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { readJson } from './dead-letters.mjs';
import { Interrupted, OrbitCliError, UsageError } from './faults.mjs';
import { examples, group } from './frame.mjs';
import { readInstant } from './instants.mjs';
import { readBalances } from './ledger-balance.mjs';
import { databaseRecords, fileRecords } from './ledger-records.mjs';
import { LedgerVerifier } from './ledger-verify.mjs';

const CHUNK_SIZE = 64 * 1_024;

/** `orbit ledger` and `orbit balance`: take the books out, prove them, look at the past. */
export function register(program, context) {
  const ledger = group(program, 'ledger', 'the books as a whole: export, prove, check');
  const exporting = ledger
    .command('export <file>')
    .summary('write wallets, blocks, entries, escrows, seals and roots to a file')
    .description(
      'Write the whole ledger as of one instant, one JSON object a line; packed when the name ends in .gz. The export is all that `ledger verify` needs, and carries the metadata of every charge: keep it safe.',
    )
    .action((file) => exportLedger(context, file));
  examples(exporting, 'ledger export books.ndjson.gz');

  const verify = ledger
    .command('verify [file]')
    .summary('recompute the books and name the first row that was tampered with')
    .description(
      'Recompute hashes, roots, balances, sequences, blocks and sums from an export, without a database; without a file, straight from the database. Ends with 1 when anything differs. A root that was noted when it was published proves that the whole history up to it is the one of that day.',
    )
    .option('--root <no:hash>', 'a published root that must be there; repeatable', collectRoot)
    .option('--roots <file>', 'published roots, one JSON value of `ledger.sealed` a line')
    .action((file, options) => verifyLedger(context, file, options));
  examples(
    verify,
    'ledger verify books.ndjson.gz',
    'ledger verify --json',
    'ledger verify books.ndjson.gz --roots sealed.ndjson',
  );

  const recheck = ledger
    .command('recheck <organizationId>')
    .summary('check a wallet now; lift its freeze when every check holds')
    .description(
      'Run the live checks on the wallets of an organization. With --clear, a wallet that is frozen with reason `reconciliation` is released if they hold, and stays frozen if one does not. Ends with 1 on a breach.',
    )
    .option('--currency <code>', 'of several wallets, this one')
    .option('--clear', 'release the wallet when all checks hold')
    .action((id, options) => recheckWallet(context, id, options));
  examples(recheck, 'ledger recheck org_…', 'ledger recheck org_… --clear');

  const health = ledger
    .command('health')
    .description(
      'when each live check was last true, open breaches, stalled partitions, lag of sealing',
    )
    .action(() => showHealth(context));
  examples(health, 'ledger health', 'ledger health --json');

  const balance = program
    .command('balance')
    .summary('balances of wallets at a past instant')
    .description(
      'What the books said at an instant: the balance after the last entry that was booked until then. Credit that had expired without its breakage being booked yet counts in it.',
    )
    .requiredOption('--at <time>', 'an instant such as 2026-05-16T12:00:00Z, -2h or now', toInstant)
    .option('--organization <id>', 'only the wallets of this one')
    .option('--currency <code>', 'only wallets in it')
    .action((options) => showBalances(context, options));
  examples(
    balance,
    'balance --at 2026-05-16T00:00:00Z',
    'balance --at 2026-05-16T12:00:00+02:00 --organization org_… --json',
  );
}

function collectRoot(text, roots = []) {
  const match = /^(\d+):([0-9a-f]{64})$/i.exec(text);
  if (!match) throw new UsageError(`"${text}" is no root; write its number, a colon, its hash.`);
  return [...roots, [match[1], match[2].toLowerCase()]];
}

export function toInstant(text, nowMs = Date.now()) {
  const ms = readInstant(text, nowMs) ?? Number.NaN;
  if (Number.isNaN(new Date(ms).getTime())) {
    throw new UsageError(
      `"${text}" is no instant; write it like 2026-05-16T12:00:00Z, -2h or now.`,
    );
  }
  return new Date(ms).toISOString();
}

async function exportLedger(context, file) {
  const target = path.resolve(file);
  const part = `${target}.part`;
  if (!fs.existsSync(path.dirname(target))) {
    throw new OrbitCliError(`There is no folder ${path.dirname(target)}.`);
  }
  if (fs.existsSync(target) && !fs.statSync(target).isFile()) {
    throw new OrbitCliError(`${target} is no file: name the file to write.`);
  }
  if (fs.existsSync(target)) await context.confirm(`Write over ${target}?`);
  const output = await openNew(part);
  const progress = context.progress('rows exported', await estimateRows(context));
  const lines = Readable.from(chunks(context, progress), { objectMode: false });
  const packing = target.endsWith('.gz') ? [createGzip({ level: 6 })] : [];
  try {
    await pipeline(lines, ...packing, output);
    fs.renameSync(part, target);
  } catch (error) {
    fs.rmSync(part, { force: true });
    throw error;
  }
  progress.total = progress.done;
  progress.finish();
  context.print({ file: target, rows: progress.done, bytes: fs.statSync(target).size });
}

/** Before anything is read: a folder that takes no file is told at once. */
async function openNew(file) {
  const output = fs.createWriteStream(file, { mode: 0o600 });
  try {
    await once(output, 'open');
  } catch (error) {
    throw new OrbitCliError(`${file} cannot be written: ${error.message}`);
  }
  return output;
}

async function* chunks(context, progress) {
  let text = '';
  for await (const record of databaseRecords(context)) {
    stopWhenAsked(context, 'Nothing was written.');
    text += `${JSON.stringify(record)}\n`;
    progress.advance();
    if (text.length >= CHUNK_SIZE) {
      yield text;
      text = '';
    }
  }
  yield text;
}

async function estimateRows(context) {
  const client = await context.postgres();
  const { rows } = await client.query(
    `SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint AS count FROM pg_class
     WHERE relnamespace = 'wallet_ledger'::regnamespace AND relkind = 'r'
       AND relname IN ('wallet', 'credit_block', 'escrow', 'entry', 'seal', 'seal_root')`,
  );
  return Number(rows[0].count);
}

async function verifyLedger(context, file, { root, roots }) {
  const published = new Map([...(root ?? []), ...(roots === undefined ? [] : readRoots(roots))]);
  const verifier = new LedgerVerifier({ published });
  const isOffline = file !== undefined;
  const records = isOffline ? fileRecords(path.resolve(file)) : databaseRecords(context);
  const progress = context.progress('rows checked', isOffline ? 0 : await estimateRows(context));
  for await (const record of records) {
    stopWhenAsked(context, 'Nothing was decided.');
    verifier.accept(record);
    progress.advance();
  }
  progress.total = progress.done;
  progress.finish();
  const result = verifier.finish();
  const { formatAmount } = await import('@orbit/money');
  const currencies = result.currencies.map(({ currency, sum, in_wallets }) => ({
    currency,
    sum: formatAmount(sum, currency),
    in_wallets: formatAmount(in_wallets, currency),
  }));
  if (!result.isClean) context.finding();
  if (context.options().json) {
    const { isClean, findings, findingsLeftOff, counts } = result;
    const told = { clean: isClean, first: findings[0] ?? null, findings };
    context.print({ ...told, findings_left_off: findingsLeftOff, counts, currencies });
    return;
  }
  const { counts } = result;
  const unsealed = counts.entries - counts.sealed_entries;
  context.print({
    ...counts,
    unsealed_entries: unsealed,
    currencies,
    ...(result.isClean
      ? { result: 'every check holds' }
      : { result: `tampered: ${sentence(result.findings[0])}` }),
    ...(result.findings.length > 1 ? { findings: result.findings } : {}),
  });
  if (result.findingsLeftOff > 0) context.say(`${result.findingsLeftOff} more findings.`);
}

/** "wallet wal_1 (no. 3), entry 17, amount_micros: …" */
export function sentence(finding) {
  const { wallet_id, wallet_no, table, sequence, root_no, escrow_id, field, problem } = finding;
  const wallet = wallet_no === undefined ? [] : [`wallet ${wallet_id ?? '?'} (no. ${wallet_no})`];
  const row = [table, sequence ?? root_no ?? escrow_id].filter((part) => part !== undefined);
  const { suspects, is } = finding;
  const more = suspects
    ? ` (${suspects})`
    : is === undefined
      ? ''
      : ` and is ${JSON.stringify(is)}`;
  return `${[...wallet, row.join(' '), ...(field ? [field] : [])].join(', ')}: ${problem}${more}`;
}

function readRoots(file) {
  if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
    throw new OrbitCliError(`There is no file ${file}.`);
  }
  const lines = fs.readFileSync(file, 'utf8').split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    const value = readJson(line);
    const { root_no: number, root } = value ?? {};
    if (!/^\d+$/.test(String(number)) || typeof root !== 'string') {
      throw new OrbitCliError(`${file}:${index + 1} is no value of ledger.sealed.`);
    }
    return [[String(number), root]];
  });
}

function stopWhenAsked(context, consequence) {
  if (context.interruption.aborted) throw new Interrupted(`Interrupted. ${consequence}`);
}

async function recheckWallet(context, id, { currency, clear = false }) {
  const route = `/organizations/${encodeURIComponent(id)}/reconciliation`;
  const body = { clear, ...(currency === undefined ? {} : { currency }) };
  const checked = await context.operator('POST', route, body);
  if (checked.wallets.some(({ breaches }) => breaches.length > 0)) context.finding();
  context.print(
    context.options().json
      ? checked
      : checked.wallets.flatMap(({ breaches, ...wallet }) =>
          breaches.length === 0 ? [wallet] : breaches.map((breach) => ({ ...wallet, ...breach })),
        ),
  );
}

async function showHealth(context) {
  const health = await context.operator('GET', '/ledger/health');
  if (health.status !== 'ok') context.finding();
  context.print(tellLeftOff(health));
}

/** The ledger lists the breaches of the wallets that are frozen longest: says of how many wallets it does not. */
export function tellLeftOff({ breaches = [], breach_count: count = 0, ...health }) {
  const listed = new Set(breaches.map(({ wallet_id: id }) => id)).size;
  const wallets_left_off = Math.max(0, count - listed);
  return { ...health, breach_count: count, wallets_left_off, breaches };
}

async function showBalances(context, options) {
  const found = await readBalances(context, options);
  if (found.length === 0) throw new OrbitCliError('There is no such wallet.');
  context.print(found);
}
