// Goal: usage that is on no invoice yet is a pending draw: shown, set aside, never booked, in
// whatever order it is told; the document that takes it over books it in the same transaction.
// Method: use cases on a real PostgreSQL, the audit of the books at the end.
import type { Currency } from '@orbit/money';
import { usd } from '../books/domain/draft-fixture.js';
import { CreditsUnderTest, refusalOf, type CustomerUnderTest } from './credits-under-test.js';

let ledger: CreditsUnderTest;
let versions = 0n;
beforeAll(async () => {
  ledger = await CreditsUnderTest.start();
});
afterAll(async () => {
  expect(await ledger.stop()).toEqual([]);
});

/** Line, amount, day of May 2026. */
type Used = readonly [line: string, amount: string, day: number];
const keyOf = ({ id }: CustomerUnderTest) => ({
  organizationId: id,
  currency: 'credits' as Currency,
});
const partsOf = (used: readonly Used[]) =>
  used.map(([lineId, amount, day]) => ({
    ...{ lineId, priceId: `price_${lineId}`, amountMicros: usd(amount) },
    usedAtMs: Date.UTC(2026, 4, day),
  }));
const tell = (
  customer: CustomerUnderTest,
  used: readonly Used[],
  subscriptionId = 'sub',
  version = ++versions,
) =>
  ledger.services.pending.report(keyOf(customer), {
    subscriptionId,
    version,
    parts: partsOf(used),
  });
const draw = (customer: CustomerUnderTest, documentId: string, used: readonly Used[]) =>
  ledger.services.draws.run({
    ...{ key: keyOf(customer), documentId: `${documentId}_${customer.id}`, parts: partsOf(used) },
    replaces: { subscriptionId: 'sub', version: ++versions, lineIds: used.map(([line]) => line) },
  });
const available = async (customer: CustomerUnderTest) => {
  const wallet = await ledger.changeWallet.load(keyOf(customer));
  return [wallet?.balance, wallet?.escrowed];
};
const increment = (amount: number, more = {}) => ({
  ...{ entry_type: 'increment', amount, effective_date: '2026-05-01' },
  ...more,
});

test('usage is pending: 2 and 3 of 10 are shown, cannot be spent and are not booked; the document books them', async () => {
  const customer = ledger.customer();
  const { credit_block: block } = await customer.entry(increment(10));
  await tell(customer, [
    ['a', '2', 14],
    ['a', '3', 15],
  ]);
  const lines = ['decrement -3: 8 → 5', 'decrement -2: 10 → 8', 'increment 10: 0 → 10'];
  expect(await customer.ledgerLines()).toEqual(lines);
  const { data } = await customer.page();
  expect(data[0]).toMatchObject({
    ...{ entry_status: 'pending', price_id: 'price_a', invoice_id: null },
    ...{ created_at: '2026-05-15T00:00:00.000Z', credit_block: { id: block.id } },
  });
  expect(data.map((row) => row['ledger_sequence_number'])).toEqual([201, 200, 100]);
  const status = (entry_status: string) => customer.ledgerLines({ entry_status });
  expect(await status('committed')).toEqual(lines.slice(2));
  expect(await status('pending')).toEqual(lines.slice(0, 2));
  expect(await customer.ledgerLines({ entry_type: 'increment' })).toEqual(lines.slice(2));
  expect(await customer.blocks()).toMatchObject([{ balance: 5 }]);
  expect(await available(customer)).toEqual(['10', '5']);
  const first = await customer.page({ limit: 1 });
  const { next_cursor: cursor } = first.pagination_metadata;
  const second = await customer.page({ limit: 2, cursor: String(cursor) });
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(data.map(({ id }) => id));

  const drawn = await draw(customer, 'inv', [
    ['a', '2', 14],
    ['a', '3', 15],
  ]);
  expect(drawn.applied).toBe('5');
  expect(await available(customer)).toEqual(['5', '0']);
  expect(await customer.ledgerLines()).toEqual(lines);
  expect(await status('pending')).toEqual([]);
  expect(await customer.blocks()).toMatchObject([{ balance: 5 }]);
});

test('what is told last counts, in whatever order it comes, also after its document', async () => {
  const customer = ledger.customer();
  await customer.entry(increment(10));
  const [older, newer] = [++versions, ++versions];
  await tell(customer, [['a', '4', 15]], 'sub', newer);
  await Promise.all([
    tell(customer, [['a', '9', 15]], 'sub', older),
    tell(customer, [['a', '4', 15]], 'sub', newer),
  ]);
  expect(await customer.blocks()).toMatchObject([{ balance: 6 }]);
  // Less was used than was thought: an event was taken back.
  await tell(customer, [['a', '1', 15]]);
  expect(await customer.blocks()).toMatchObject([{ balance: 9 }]);
  const before = ++versions;
  await draw(customer, 'inv', [['a', '1', 15]]);
  await tell(customer, [['a', '1', 15]], 'sub', before);
  expect(await available(customer)).toEqual(['9', '0']);
});

test('a document takes its own lines over; what runs on and what others used stays pending', async () => {
  const customer = ledger.customer();
  await customer.entry(increment(10));
  await Promise.all([
    tell(customer, [
      ['may', '2', 15],
      ['june', '1', 16],
    ]),
    tell(customer, [['other', '3', 14]], 'sub_2'),
  ]);
  expect(await available(customer)).toEqual(['10', '6']);
  await draw(customer, 'inv', [['may', '2', 15]]);
  expect(await available(customer)).toEqual(['8', '4']);
  expect(await customer.ledgerLines()).toEqual([
    'decrement -1: 5 → 4',
    'decrement -3: 8 → 5',
    'decrement -2: 10 → 8',
    'increment 10: 0 → 10',
  ]);
});

test('what credit does not cover is nobody’s debt; credit that comes later pays its own days alone', async () => {
  const customer = ledger.customer();
  await tell(customer, [['a', '5', 14]]);
  await customer.entry(increment(3));
  await tell(customer, [['a', '5', 14]]);
  expect(await available(customer)).toEqual(['3', '3']);
  expect(await customer.blocks()).toEqual([]);
  await customer.entry(increment(20, { effective_date: '2026-05-15' }));
  expect(await customer.blocks()).toMatchObject([{ balance: 20 }]);
  // Dated back, it pays at once.
  await customer.entry(increment(1, { effective_date: '2026-05-02' }));
  expect(await customer.blocks()).toMatchObject([{ balance: 20 }]);
  expect(await available(customer)).toEqual(['24', '4']);
});

test('a charge takes only what is not pending, and is rejected beyond it', async () => {
  const customer = ledger.customer();
  await customer.entry(increment(10));
  await tell(customer, [['a', '7', 15]]);
  const post = (chargeId: string, amount: string) =>
    ledger.postBatch.run(
      [
        {
          ...({ kind: 'charge', key: keyOf(customer), replyTo: null } as const),
          charge: {
            ...{ chargeId, amountMicros: usd(amount), channel: 'sms', quantity: 1, metadata: {} },
            ...{ occurredAtMs: ledger.nowMs, isAuthorized: false, leaseId: null },
          },
        },
      ],
      `test ${chargeId}`,
    );
  expect(await post(`c1_${customer.id}`, '4')).toMatchObject([{ status: 'rejected' }]);
  expect(await post(`c2_${customer.id}`, '3')).toMatchObject([{ status: 'booked' }]);
  expect((await draw(customer, 'inv', [['a', '7', 15]])).applied).toBe('7');
  expect(await available(customer)).toEqual(['0', '0']);
});

test('void, expiration change and deletion go before pending usage, which falls on other blocks or on the invoice', async () => {
  const customer = ledger.customer();
  const { credit_block: soon } = await customer.entry(increment(5, { expiry_date: '2026-06-01' }));
  const { credit_block: late } = await customer.entry(increment(5));
  await tell(customer, [['a', '6', 15]]);
  expect(await customer.blocks()).toMatchObject([{ id: late.id, balance: 4 }]);
  await customer.entry({ entry_type: 'void', block_id: soon.id, amount: 3 });
  expect(await customer.blocks()).toMatchObject([{ id: late.id, balance: 1 }]);
  expect(await available(customer)).toEqual(['7', '6']);
  await customer.entry({
    ...{ entry_type: 'expiration_change', block_id: soon.id, amount: 2 },
    target_expiry_date: '2026-07-01',
  });
  expect(await available(customer)).toEqual(['7', '6']);
  const call = customer.callOf({ path: { block_id: late.id } });
  expect((await ledger.services.deletion.run(call)).status).toBe(204);
  expect(await available(customer)).toEqual(['2', '2']);
  // What is refused leaves everything as it was.
  const answer = await customer.post({ entry_type: 'void', block_id: soon.id, amount: 9 });
  expect(refusalOf(answer)).toMatch(/^400 constraint-violation/);
  expect(await available(customer)).toEqual(['2', '2']);
});

test('a block that expires keeps what its days used; the rest leaves', async () => {
  const customer = ledger.customer();
  await customer.entry(increment(5, { expiry_date: '2026-05-20' }));
  await tell(customer, [['a', '2', 15]]);
  const now = ledger.nowMs;
  ledger.nowMs = Date.UTC(2026, 4, 21);
  try {
    expect(await customer.ledgerLines()).toEqual([
      'decrement -2: 2 → 0',
      'credit_block_expiry -3: 5 → 2',
      'increment 5: 0 → 5',
    ]);
    // More is found to have been used on that day: what lapsed pays it, and comes back when it is drawn.
    await tell(customer, [['a', '4', 15]]);
    expect(await available(customer)).toEqual(['2', '2']);
    expect((await draw(customer, 'inv', [['a', '4', 15]])).applied).toBe('4');
    expect(await available(customer)).toEqual(['0', '0']);
  } finally {
    ledger.nowMs = now;
  }
});

test('usage that is reported at the instant of expiry is kept before the rest expires', async () => {
  const customer = ledger.customer();
  await customer.entry(increment(5, { expiry_date: '2026-05-20' }));
  const now = ledger.nowMs;
  ledger.nowMs = Date.UTC(2026, 4, 20);
  try {
    await tell(customer, [['a', '2', 15]]);
    expect(await customer.ledgerLines()).toEqual([
      'decrement -2: 2 → 0',
      'credit_block_expiry -3: 5 → 2',
      'increment 5: 0 → 5',
    ]);
  } finally {
    ledger.nowMs = now;
  }
});

test('tellings, draws, charges and corrections that race leave what the last telling says', async () => {
  const customer = ledger.customer();
  await customer.entry(increment(100));
  await Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      const name = `sub_${String(index % 3)}`;
      await tell(customer, [[name, String(index + 1), 15]], name, versions + BigInt(index) + 1n);
      if (index % 4 === 0) await customer.charge(`r${String(index)}_${customer.id}`, '1');
      if (index % 4 === 1) await customer.entry({ entry_type: 'decrement', amount: 1 });
    }),
  );
  // The last of each: 22, 23 and 24.
  expect(await available(customer)).toEqual(['88', '69']);
});
