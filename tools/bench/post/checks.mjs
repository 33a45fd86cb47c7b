/** Facts that must be true before a figure counts. Each check throws with the numbers when one is not. */
import pg from 'pg';
import { Redis } from 'ioredis';
import { auditLedger } from '../../../apps/wallet-ledger/dist/books/adapters/ledger-audit.js';
import { AMOUNT_MICROS } from './charges.mjs';
import { hotKeyOf } from './entry-rows.mjs';
import { readBetween } from './results.mjs';
import { topicEnds, totalOf } from './progress.mjs';

const SPEND_TYPE = 2;

function expect(what, found, wanted) {
  if (String(found) !== String(wanted)) {
    throw new Error(`No figure: ${what} is ${found}, and should be ${wanted}.`);
  }
}

async function withPool(url, work) {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** Every charge is one spend entry of the right amount; the books balance. */
export async function checkBooks(servers, database, { before, charges, isAudited = true }) {
  await withPool(servers.adminUrlOf(database), async (pool) => {
    const { rows } = await pool.query(
      `SELECT count(*) AS entries, count(DISTINCT (wallet_no, reference)) AS charges, coalesce(sum(amount_micros), 0) AS micros
       FROM wallet_ledger.entry WHERE type = ${SPEND_TYPE}`,
    );
    expect('the number of booked charges', rows[0].charges, before + charges);
    expect('the amount booked', rows[0].micros, BigInt(before + charges) * AMOUNT_MICROS);
    if (!isAudited) return;
    for (const { fact, violations } of await auditLedger(pool)) {
      expect(`the number of rows that deny "${fact}"`, violations, 0);
    }
  });
}

/**
 * Checks that the hot balances are the ledger's, and that nothing is left held. Read as they lie in Redis: through
 * libs/spend a wallet would first be loaded anew, because each round begins with an empty Redis.
 */
export async function checkHotBalances(servers, database, organizations) {
  const redis = new Redis(servers.redisUrl);
  try {
    const { rows } = await withPool(servers.adminUrlOf(database), (pool) =>
      pool.query(
        `SELECT organization_id, balance_micros FROM wallet_ledger.wallet WHERE organization_id = ANY ($1::text[])`,
        [organizations],
      ),
    );
    const pipeline = redis.pipeline();
    for (const row of rows) pipeline.hmget(hotKeyOf(row.organization_id), 'posted', 'held');
    const states = await pipeline.exec();
    for (const [index, row] of rows.entries()) {
      const [posted, held] = states[index][1];
      expect(`the hot balance of ${row.organization_id}`, posted, row.balance_micros);
      expect(`what is held of ${row.organization_id}`, held ?? 0, 0);
    }
  } finally {
    redis.disconnect();
  }
}

/** Every charge has its `charge.posted`, none a rejection or a dead letter. Returns the bytes of one. */
export async function checkResults(servers, prefix, from, charges) {
  const seen = new Set();
  let bytes = 0;
  await readBetween({
    servers,
    topic: `${prefix}charge.posted`,
    from,
    take: ({ value }) => {
      bytes += value.length;
      for (const id of chargeIdsOf(JSON.parse(value.toString()))) seen.add(id);
    },
  });
  expect('the number of charges published as posted', seen.size, charges);
  for (const topic of ['charge.rejected', 'charge.requested.dlq']) {
    const ends = await topicEnds(servers, `${prefix}${topic}`);
    expect(`the number of messages in ${topic}`, totalOf(ends), 0);
  }
  return Math.round(bytes / charges);
}

/** A message carries one result or several. */
const chargeIdsOf = (value) =>
  Array.isArray(value) ? value.map(({ charge_id: id }) => id) : [value.charge_id];

/** After a stage: books and hot balances are right, with this many charges in them. */
export async function auditStage(servers, database, charges, organizations) {
  await checkBooks(servers, database, { before: 0, charges });
  await checkHotBalances(servers, database, organizations);
}

/** The straight pipe did all of its work: rows, balances, hot balances, results. */
export async function checkPipe(servers, database, { from, topic, charges }) {
  const redis = new Redis(servers.redisUrl);
  try {
    await withPool(servers.adminUrlOf(database), async (pool) => {
      const { rows } = await pool.query(
        `SELECT count(*) AS charges FROM wallet_ledger.entry WHERE type = ${SPEND_TYPE}`,
      );
      expect('the number of rows of the pipe', rows[0].charges, charges);
      const wallets = await pool.query(
        `SELECT w.organization_id, w.balance_micros, sum(CASE WHEN e.to_account = 1 THEN e.amount_micros ELSE -e.amount_micros END) AS entries
         FROM wallet_ledger.wallet w JOIN wallet_ledger.entry e USING (wallet_no) GROUP BY 1, 2`,
      );
      const keys = wallets.rows.map((row) => hotKeyOf(row.organization_id));
      const pipeline = redis.pipeline();
      for (const key of keys) pipeline.hget(key, 'posted');
      const hot = await pipeline.exec();
      for (const [index, row] of wallets.rows.entries()) {
        expect(`the pipe's balance of ${row.organization_id}`, row.balance_micros, row.entries);
        expect(`the pipe's hot balance of ${row.organization_id}`, hot[index][1], row.entries);
      }
    });
  } finally {
    redis.disconnect();
  }
  const ends = await topicEnds(servers, topic);
  expect('the number of results of the pipe', totalOf(ends) - totalOf(from), charges);
}
