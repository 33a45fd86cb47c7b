/**
 * Facts of a ledger after any history: every charge that was accepted has exactly one outcome, the outcome was
 * published, the books balance, and Redis agrees with them. Returns facts with the ids that deny them.
 */
import { WALLET_RPC } from '@orbit/contracts';
import { HotBalances } from '@orbit/spend';
import { readRanges } from '../../apps/cli/dist/kafka/kafka-read.js';
import { compare, readWallets } from '../../apps/cli/dist/wallets/wallet-reads.js';

const OUTCOME_TOPICS = ['charge.posted', 'charge.rejected'];

/** charge id → [{topic, organizationId, sequence}] of everything that was published. */
export async function readPublished(ledger) {
  const published = new Map();
  for (const topic of OUTCOME_TOPICS) {
    const name = ledger.topicPrefix + topic;
    const ends = await ledger.admin.fetchTopicOffsets(name);
    const ranges = ends
      .map(({ partition, low, high }) => ({ partition, from: BigInt(low), to: BigInt(high) }))
      .filter(({ from, to }) => from < to);
    const take = (_, messages) => {
      for (const { value } of messages) {
        for (const outcome of outcomesIn(JSON.parse(value.toString()))) {
          const known = published.get(outcome.charge_id) ?? [];
          published.set(outcome.charge_id, known);
          known.push({ topic, sequence: outcome.sequence ?? null, reason: outcome.reason });
        }
      }
    };
    await readRanges(ledger.kafka, name, ranges, take, new AbortController().signal);
  }
  return published;
}

const outcomesIn = (value) => (Array.isArray(value.charges) ? value.charges : [value]);

/** Rows of the books by charge id: {booked: micros, sequences, rejections}. */
export async function readDecided(pool) {
  const { rows } = await pool.query(
    `SELECT w.organization_id, substr(e.reference, 8) AS charge_id, sum(e.amount_micros)::text AS booked,
       min(e.sequence)::text AS sequence, count(DISTINCT e.wallet_no)::integer AS times
     FROM wallet_ledger.entry e JOIN wallet_ledger.wallet w USING (wallet_no)
     WHERE e.reference LIKE 'charge:%' AND e.type = 2 GROUP BY 1, 2`,
  );
  const rejected = await pool.query('SELECT charge_id, reason FROM wallet_ledger.rejection');
  const decided = new Map();
  const of = (id) => {
    if (!decided.has(id)) decided.set(id, { booked: 0n, times: 0, rejections: 0, sequence: null });
    return decided.get(id);
  };
  for (const row of rows) {
    const one = of(row.charge_id);
    one.booked += BigInt(row.booked);
    one.times += row.times;
    one.sequence = row.sequence;
    one.organizationId = row.organization_id;
  }
  for (const { charge_id: id } of rejected.rows) of(id).rejections += 1;
  return decided;
}

/**
 * `accepted`: Map of charge id → {organizationId, amountMicros}; `attempted`: ids that may have an outcome, too. A charge that was rejected and one that was posted
 * are both answered; one that is neither was lost, one that is both was decided twice.
 */
export async function checkOutcomes(ledger, accepted, attempted = accepted) {
  const decided = await readDecided(ledger.pool);
  const published = await readPublished(ledger);
  const facts = {
    'accepted charges without an outcome': [],
    'charges with more than one outcome': [],
    'charges booked with another amount': [],
    'outcomes that were never published': [],
    'outcomes published differently': [],
    'charges that nobody sent': [],
  };
  for (const [id, { amountMicros }] of accepted) {
    const one = decided.get(id);
    if (!one) {
      facts['accepted charges without an outcome'].push(id);
      continue;
    }
    if (one.times + one.rejections !== 1) facts['charges with more than one outcome'].push(id);
    if (one.times > 0 && one.booked !== amountMicros) {
      facts['charges booked with another amount'].push(id);
    }
    const outcomes = published.get(id) ?? [];
    if (outcomes.length === 0) facts['outcomes that were never published'].push(id);
    const topic = one.times > 0 ? 'charge.posted' : 'charge.rejected';
    const isSame = (one) => one.topic === topic && one.sequence === outcomes[0].sequence;
    if (!outcomes.every(isSame)) facts['outcomes published differently'].push(id);
  }
  for (const id of decided.keys()) {
    if (!attempted.has(id)) facts['charges that nobody sent'].push(id);
  }
  return { facts, posted: countOf(decided, 'times'), rejected: countOf(decided, 'rejections') };
}

const countOf = (decided, name) =>
  [...decided.values()].reduce((sum, one) => sum + (one[name] > 0 ? 1 : 0), 0);

/**
 * Wallets whose hot balance is not what the books say: [{organizationId, state}]. Needs a quiet ledger. A wallet that
 * nobody has used since Redis came back is loaded first, as its next use would do; one that differs never is.
 */
export async function checkHotBalances(ledger, address, redis, organizationIds) {
  const hotBalances = new HotBalances({ redis });
  const client = await ledger.pool.connect();
  const wrong = [];
  try {
    for (const organizationId of organizationIds) {
      for (const wallet of await readWallets(client, organizationId, undefined, 0)) {
        const { currency } = wallet.row;
        let hot = await hotBalances.read(organizationId, currency);
        if (hot === null) {
          const ref = { organization_id: organizationId, currency };
          await ledger.call(address, WALLET_RPC.load, ref);
          hot = await hotBalances.read(organizationId, currency);
        }
        const state = hot === null ? 'missing' : compare(hot, wallet, Date.now());
        if (state !== 'agrees') wrong.push({ organizationId, state });
      }
    }
  } finally {
    client.release();
  }
  return wrong;
}
