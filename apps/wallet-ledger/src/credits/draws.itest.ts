// Goal: a document draws credit once, as far as it goes, from what was alive on the day of the usage, and the credit
// ledger says for which invoice. Method: the use case on a real PostgreSQL, the audit of the books at the end.
import type { CreditsDrawn } from '@orbit/contracts';
import type { Currency } from '@orbit/money';
import { usd } from '../books/domain/draft-fixture.js';
import { CreditsUnderTest, type CustomerUnderTest } from './credits-under-test.js';

let ledger: CreditsUnderTest;
let count = 0;
beforeAll(async () => {
  ledger = await CreditsUnderTest.start();
});
afterAll(async () => {
  expect(await ledger.stop()).toEqual([]);
});

const NOW = '2026-05-16T12:00:00.000Z';
interface Asked {
  readonly line: string;
  readonly amount: string;
  readonly on?: string;
}
const draw = (
  customer: CustomerUnderTest,
  documentId: string,
  parts: readonly Asked[],
): Promise<CreditsDrawn> =>
  ledger.services.draws.run({
    key: { organizationId: customer.id, currency: 'credits' as Currency },
    documentId,
    parts: parts.map(({ line, amount, on = NOW }) => ({
      ...{ lineId: line, priceId: `price_${line}` },
      ...{ amountMicros: usd(amount), usedAtMs: Date.parse(on) },
    })),
  });
const document = (): string => `inv_${++count}_${ledger.nowMs}`;
const increment = (amount: number, more = {}) => ({ entry_type: 'increment', amount, ...more });

test('credit pays what it can, line by line; the rest is the invoice, never debt; a repeat says the same', async () => {
  const customer = ledger.customer();
  const { credit_block: soon } = await customer.entry(increment(5, { expiry_date: '2026-06-01' }));
  const { credit_block: late } = await customer.entry(increment(7));
  const id = document();
  const parts = [
    { line: 'a', amount: '4.5' },
    { line: 'b', amount: '3' },
    { line: 'a', amount: '100' },
  ];
  const drawn = await draw(customer, id, parts);
  expect(drawn).toEqual({
    ...{ document_id: id, currency: 'credits', applied: '12' },
    lines: [
      {
        ...{ line_id: 'a', applied: '9' },
        slices: [
          { block_id: soon.id, amount: '4.5' },
          { block_id: late.id, amount: '4.5' },
        ],
      },
      {
        ...{ line_id: 'b', applied: '3' },
        slices: [
          { block_id: soon.id, amount: '0.5' },
          { block_id: late.id, amount: '2.5' },
        ],
      },
    ],
  });
  await customer.entry(increment(50));
  const again = await Promise.all([1, 2, 3].map(() => draw(customer, id, parts)));
  expect(again).toEqual([drawn, drawn, drawn]);
  expect(await customer.blocks()).toMatchObject([{ balance: 50 }]);
  const { data } = await customer.page({ entry_type: 'decrement' });
  expect(data.map(({ price_id, invoice_id, amount }) => [price_id, invoice_id, amount])).toEqual([
    ['price_a', id, -4.5],
    ['price_b', id, -2.5],
    ['price_b', id, -0.5],
    ['price_a', id, -4.5],
  ]);
});

test('requests for one document that race draw once', async () => {
  const customer = ledger.customer();
  await customer.entry(increment(10));
  const id = document();
  const parts = [{ line: 'a', amount: '4' }];
  const [first, ...others] = await Promise.all([1, 2, 3, 4].map(() => draw(customer, id, parts)));
  for (const other of others) expect(other).toEqual(first);
  expect(await customer.blocks()).toMatchObject([{ balance: 6 }]);
});

test('nothing is drawn for a customer without credit, and later credit does not change that', async () => {
  const customer = ledger.customer();
  const id = document();
  const none = { document_id: id, currency: 'credits', applied: '0', lines: [] };
  expect(await draw(customer, id, [{ line: 'a', amount: '4' }])).toEqual(none);
  await customer.entry(increment(10));
  expect(await draw(customer, id, [{ line: 'a', amount: '4' }])).toEqual(none);
  expect(await customer.ledgerLines()).toEqual(['increment 10: 0 → 10']);
});

test('credit pays the days on which it lived: what had not begun pays nothing, what lapsed since comes back', async () => {
  const customer = ledger.customer();
  await customer.entry(increment(3, { expiry_date: '2026-05-20' }));
  await customer.entry(increment(100, { effective_date: '2026-05-18' }));
  const now = ledger.nowMs;
  ledger.nowMs = Date.parse('2026-06-01T12:00:00.000Z');
  try {
    expect(await customer.ledgerLines({ limit: 1 })).toEqual(['credit_block_expiry -3: 103 → 100']);
    const drawn = await draw(customer, document(), [
      { line: 'before', amount: '1', on: '2026-05-16T00:00:00Z' },
      { line: 'early', amount: '2.5', on: '2026-05-17T00:00:00Z' },
      { line: 'both', amount: '10', on: '2026-05-19T00:00:00Z' },
    ]);
    // The first block was made at noon of the 16th.
    expect(drawn.lines.map(({ line_id, applied }) => [line_id, applied])).toEqual([
      ['early', '2.5'],
      ['both', '10'],
    ]);
    expect(drawn.applied).toBe('12.5');
    expect(await customer.blocks()).toMatchObject([{ balance: 90.5 }]);
  } finally {
    ledger.nowMs = now;
  }
});

test('a block that a document drew on can be deleted: the invoice keeps its credit, the customer owes', async () => {
  const customer = ledger.customer();
  const { credit_block: block } = await customer.entry(increment(3));
  const id = document();
  await draw(customer, id, [{ line: 'a', amount: '2' }]);
  const call = customer.callOf({ path: { block_id: block.id } });
  expect((await ledger.services.deletion.run(call)).status).toBe(204);
  expect(await customer.ledgerLines()).toEqual(['decrement -2: 0 → -2']);
  expect((await draw(customer, id, [])).applied).toBe('2');
  expect((await customer.page()).data).toMatchObject([{ invoice_id: id, price_id: 'price_a' }]);
});

test('what a line drew comes back to the blocks that paid, the last one first, once per return; a preview books nothing', async () => {
  const customer = ledger.customer();
  const { credit_block: soon } = await customer.entry(increment(5, { expiry_date: '2026-06-01' }));
  const { credit_block: late } = await customer.entry(increment(7));
  const key = { organizationId: customer.id, currency: 'credits' as Currency };
  const id = document();
  const request = {
    ...{ key, documentId: id },
    parts: [
      {
        ...{ lineId: 'a', priceId: 'p', amountMicros: usd('8') },
        usedAtMs: Date.parse(NOW),
      },
    ],
  };
  const { draws } = ledger.services;
  const nobody = { organizationId: 'org_nobody', currencies: ['credits'] };
  const holder = { organizationId: customer.id, currencies: ['credits', 'USD'] };
  expect(await draws.held([nobody, holder])).toEqual([[], ['credits']]);
  const preview = await draws.preview(request);
  expect(await customer.blocks()).toHaveLength(2);
  expect(await customer.ledgerLines()).toHaveLength(2);
  expect(await draws.run(request)).toEqual(preview);
  const back = (returnId: string, amount: string) =>
    draws.giveBack(key, { returnId, documentId: id, lineId: 'a', amountMicros: usd(amount) });
  const asked = await Promise.all([1, 2, 3].map(() => back('ret_1', '4')));
  expect(asked).toEqual([1, 2, 3].map(() => ({ return_id: 'ret_1', returned: '4' })));
  expect(await customer.blocks()).toMatchObject([
    { id: late.id, balance: 7 },
    { id: soon.id, balance: 1 },
  ]);
  expect(await customer.ledgerLines({ limit: 3 })).toContain('amendment 3: 4 → 7');
  expect(await back('ret_2', '100')).toMatchObject({ returned: '4' });
  expect(await customer.blocks()).toMatchObject([{ balance: 7 }, { balance: 5 }]);
});
