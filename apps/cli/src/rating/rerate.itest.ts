// Goal: `orbit rerate` prints per organization what another card would have made of a period, and 0 for the same card;
// an organization's own prices stay with it. Method: charges in a real PostgreSQL, the command as a process.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { priceTagOf, rateAsk } from '@orbit/contracts';
import { readCardPrices } from '@orbit/pricing';
import { createTestDatabase, uniqueId } from '@orbit/testing';
import pg from 'pg';
import { runOrbit } from '../cli/orbit-process.fake.js';

const CALLS = 6_000;
const unit = (unit_amount: string) => ({ model_type: 'unit', unit_config: { unit_amount } });
const chat = (unit_amount: string) => ({ currency: 'USD', channel: 'ai', ...unit(unit_amount) });
const [org, owner] = [uniqueId('org'), uniqueId('org')];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orbit-rerate-'));
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;

/** A charge of each quantity, one slice for each of `slices` blocks; written as the ledger writes it. */
async function book(organizationId: string, card: string, prices: object, calls: number) {
  const { rows } = await pool.query<{ wallet_no: string }>(
    `INSERT INTO wallet_ledger.wallet (wallet_id, organization_id, currency) VALUES ($1, $2, 'USD') RETURNING wallet_no`,
    [uniqueId('wal'), organizationId],
  );
  const ready = { version: card, prices: readCardPrices(prices).prices };
  const rated = rateAsk(ready, { price: 'chat', quantity: '1.5' });
  if ('fault' in rated) throw new Error(rated.fault.message);
  await pool.query(
    `INSERT INTO wallet_ledger.entry (wallet_no, sequence, type, from_account, to_account, slice, notices, amount_micros,
       balance_after_micros, quantity, occurred_at, booked_at, reference, channel, metadata)
     SELECT $1, n, 2, 1, 2, n % 2, 0, $2::bigint, 0, 1, now(), now(), 'charge:c' || n / 2, 'ai', $3::jsonb
     FROM generate_series(0, $4::integer * 2 - 1) AS n`,
    [rows[0]!.wallet_no, String(rated.amountMicros / 2n), JSON.stringify(priceTagOf(rated)), calls],
  );
}

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 2 });
  await pool.query(
    `INSERT INTO wallet_ledger.rate_card (account_id, organization_id, version, effective_at, prices)
     VALUES ('acct_live', $1, 1, now(), $2)`,
    [owner, JSON.stringify({ chat: chat('0.4') })],
  );
  await book(org, '1.0', { chat: chat('0.02') }, CALLS);
  await book(owner, '1.1', { chat: chat('0.4') }, 10);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function rerate(card: unknown, ...args: string[]) {
  const file = path.join(folder, 'card.json');
  fs.writeFileSync(file, typeof card === 'string' ? card : JSON.stringify(card));
  const env = { ORBIT_DATABASE_URL: database.adminUrl };
  const all = ['--json', 'rerate', '--since', '-1h', '--rate-card', file, '--diff', ...args];
  const run = await runOrbit(env, all);
  return { ...run, rows: run.status === 0 ? (JSON.parse(run.stdout) as object[]) : [] };
}
const rowOf = (organization_id: string, charges: number, charged: string, difference: string) =>
  expect.objectContaining({
    ...{ organization_id, currency: 'USD', charges, charged, difference },
  });

test('the same card prints 0 for each organization; twice the price prints what was charged, but of own prices', async () => {
  const same = await rerate({ prices: { chat: chat('0.02') } });
  expect([same.stderr, same.rows]).toEqual([
    expect.stringContaining(`${CALLS * 2 + 20}`),
    expect.arrayContaining([rowOf(org, CALLS, '180', '0'), rowOf(owner, 10, '6', '0')]),
  ]);
  const twice = await rerate({ chat: chat('0.04') });
  expect(twice.rows).toEqual(
    expect.arrayContaining([rowOf(org, CALLS, '180', '180'), rowOf(owner, 10, '6', '0')]),
  );
  const own = await rerate({ chat: chat('0.2') }, '--organization', owner);
  expect(own.rows).toEqual([rowOf(owner, 10, '6', '-3')]);
}, 60_000);

test.each([
  ['not json', 'is no JSON'],
  [{ prices: { chat: { ...chat('1'), currency: 7 } } }, 'prices.chat.currency'],
  [{ chat: chat('-1') }, 'prices.chat.unit_config.unit_amount'],
])('a card that is none is refused: %j', async (card, why) => {
  const { status, stderr } = await rerate(card);
  expect([status, stderr]).toEqual([1, expect.stringContaining(why)]);
});
