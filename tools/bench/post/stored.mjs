/** The cost of a charge when much is stored already, and the memory that a long queue takes. */
import { withClient } from '../servers.mjs';
import { median, row, short } from '../numbers.mjs';
import { wants } from '../options.mjs';
import { AMOUNT_MICROS, deleteTopics } from './charges.mjs';
import { ledgerRound } from './rounds.mjs';

const CHUNK = 500_000;
const FILLERS = 2;
const FEW = 10_000;
const STAGES = [
  { id: 'post-stored-1m', entries: 1_000_000, isLong: false },
  { id: 'post-stored-10m', entries: 10_000_000, isLong: true },
];
const COST_TARGET = 1.3;
const MEMORY_TARGET = 1.5;

/**
 * Entries as this many charges would have left them: sequences without gaps, every balance_after
 * right, block and wallet less by what was spent; in the order of their arrival, with ids that sort
 * by time and lie before those of the measured charges.
 */
async function fill(servers, template, database, entries, say) {
  await servers.copyDatabase(template, database);
  const url = servers.adminUrlOf(database);
  const each = await withClient(url, async (client) => {
    const { rows } = await client.query('SELECT count(*)::int AS n FROM wallet_ledger.wallet');
    return Math.ceil(entries / rows[0].n);
  });
  await Promise.all(
    Array.from({ length: FILLERS }, (_, share) =>
      withClient(url, (client) => fillShare(client, share, each, entries, say)),
    ),
  );
  await withClient(url, async (client) => {
    await client.query(
      `UPDATE wallet_ledger.credit_block SET remaining_micros = remaining_micros - $1::bigint * $2::bigint`,
      [each, AMOUNT_MICROS],
    );
    await client.query(
      `UPDATE wallet_ledger.wallet SET sequence = sequence + $1::bigint, version = version + 1,
         balance_micros = balance_micros - $1::bigint * $2::bigint`,
      [each, AMOUNT_MICROS],
    );
    await client.query('VACUUM ANALYZE');
  });
}

async function fillShare(client, share, each, entries, say) {
  // The foreign key is known to hold, and asking 10 million times is what takes long.
  await client.query('SET session_replication_role = replica');
  const step = Math.max(1, Math.ceil((each * CHUNK) / entries));
  for (let from = 1; from <= each; from += step) {
    const to = Math.min(each, from + step - 1);
    await client.query(
      `INSERT INTO wallet_ledger.entry (wallet_no, sequence, type, from_account, to_account, slice, notices, amount_micros,
         balance_after_micros, block_sequence, quantity, occurred_at, booked_at, reference, channel, metadata)
       SELECT w.wallet_no, w.sequence + n, 2, 1, 2, 0, 0, $3::bigint, w.balance_micros - n * $3::bigint, b.sequence, 1,
         now() - interval '1 hour' + n * interval '1 ms', now() - interval '1 hour' + n * interval '1 ms',
         'charge:msg_01K' || lpad(n::text, 11, '0') || upper(substr(md5(w.wallet_no || '.' || n), 1, 12)), 'sms',
         '{"country": "44", "carrier": "orbit-mobile", "segments": 1}'::jsonb
       FROM generate_series($1::int, $2::int) n CROSS JOIN wallet_ledger.wallet w JOIN wallet_ledger.credit_block b USING (wallet_no)
       WHERE w.wallet_no % $4::bigint = $5::bigint ORDER BY n, w.wallet_no`,
      [from, to, AMOUNT_MICROS, FILLERS, share],
    );
    if (share === 0 && entries > CHUNK) say(`${short((to / each) * entries)} entries stored`);
  }
}

/** Rounds over the same messages with little and with much stored, in turns. */
export async function storedRows({ servers, options, template, stage, charges, say, note }) {
  const stages = STAGES.filter(
    ({ id, isLong }) => wants(options, id) && !(isLong && options.isQuick),
  );
  if (stages.length === 0) return [];
  const all = [{ id: 'few', entries: FEW }, ...stages];
  const databaseOf = ({ id }) => `bench_${id.replaceAll('-', '_')}`;
  for (const one of all) await fill(servers, template, databaseOf(one), one.entries, say);
  const micros = new Map(all.map(({ id }) => [id, []]));
  for (let number = 1; number <= options.rounds; number++) {
    for (const one of all) {
      const { rate } = await ledgerRound({
        servers,
        stage: { ...stage, label: `${short(one.entries)} entries stored` },
        template: databaseOf(one),
        charges,
        before: one.entries,
        // The audit of ten million entries takes minutes: once, at the end.
        isAudited: number === options.rounds,
        options,
        say,
      });
      micros.get(one.id).push(1e6 / rate);
      note(`${short(one.entries)} entries stored: ${short(1e6 / rate)} µs per charge`);
    }
  }
  for (const one of all) await servers.dropDatabase(databaseOf(one));
  const baseline = median(micros.get('few'));
  return stages.map(({ id }) => {
    const ours = median(micros.get(id));
    const ratio = ours / baseline;
    const holds = ratio <= COST_TARGET;
    return row({ id, ours, baseline, ratio, target: `≤ ${COST_TARGET}`, holds, unit: 'µs/charge' });
  });
}

/** The same ledger with a long queue before it takes no more memory than with a short one. */
export async function memoryRows({ servers, options, template, makeStage, few, say }) {
  const many = options.isQuick ? 300_000 : 1_000_000;
  const context = { servers, template, options, say };
  const measure = async (charges) => {
    const stage = await makeStage(`queue${charges}`, charges);
    const { memory, drainMs } = await ledgerRound({ ...context, stage, charges });
    await deleteTopics(servers, stage.prefix);
    say(
      `${short(charges)} waiting: peak ${memory.peakMb} MB, drained in ${short(drainMs / 1e3)} s`,
    );
    return memory.peakMb;
  };
  const baseline = await measure(few);
  const ours = await measure(many);
  const ratio = ours / baseline;
  const holds = ratio <= MEMORY_TARGET;
  const target = `≤ ${MEMORY_TARGET}`;
  return [row({ id: 'post-memory', ours, baseline, ratio, target, holds, unit: 'MB' })];
}
