// Goal: credits of /v1 are entries of the wallet: each of the five entries means what the contract says, the statement
// tells the books, a key has one effect, what is refused changes nothing. Method: the use cases on a real PostgreSQL,
// every answer checked against the document, the audit of the books at the end.
import { CreditsUnderTest, read, refusalOf, type CustomerUnderTest } from './credits-under-test.js';

let ledger: CreditsUnderTest;
beforeAll(async () => {
  ledger = await CreditsUnderTest.start();
});
beforeEach(() => {
  ledger.heldMicros = 0n;
});
afterAll(async () => {
  expect(await ledger.stop()).toEqual([]);
});

const increment = (amount: number, more = {}) => ({ entry_type: 'increment', amount, ...more });
const decrement = (amount: number, more = {}) => ({ entry_type: 'decrement', amount, ...more });
const holder = async (amount: number, more = {}): Promise<[CustomerUnderTest, string]> => {
  const customer = ledger.customer();
  const { credit_block: block } = await customer.entry(increment(amount, more));
  return [customer, block.id];
};
/** Everything that a refusal must leave as it is. */
const stateOf = async (customer: CustomerUnderTest): Promise<unknown> => [
  await customer.ledgerLines(),
  await customer.blocks({ include_all_blocks: true }),
  await ledger.changeWallet.load({ organizationId: customer.id, currency: 'credits' as never }),
];

test('increment, decrement over two blocks, soonest expiry first; the answer is the last slice', async () => {
  const customer = ledger.customer();
  const first = await customer.entry(
    increment(100.5, { per_unit_cost_basis: '0.20', description: 'bought', metadata: { po: '7' } }),
  );
  expect(first).toMatchObject({
    ...{ entry_type: 'increment', amount: 100.5, starting_balance: 0, ending_balance: 100.5 },
    ...{ currency: 'credits', description: 'bought', metadata: { po: '7' } },
    customer: { id: customer.id, external_customer_id: 'ext' },
    credit_block: { expiry_date: null, per_unit_cost_basis: '0.20', filters: [] },
  });
  const second = await customer.entry(increment(10, { expiry_date: '2026-12-28' }));
  expect(second.credit_block.expiry_date).toBe('2026-12-28T00:00:00.000Z');
  const drawn = await customer.entry(decrement(30, { metadata: { why: 'use' } }));
  expect(drawn).toMatchObject({
    ...{ amount: -20, starting_balance: 100.5, ending_balance: 80.5, metadata: { why: 'use' } },
    credit_block: { id: first.credit_block.id },
  });
  expect(await customer.ledgerLines()).toEqual([
    'decrement -20: 100.5 → 80.5',
    'decrement -10: 110.5 → 100.5',
    'increment 10: 100.5 → 110.5',
    'increment 100.5: 0 → 100.5',
  ]);
  expect(await customer.blocks()).toMatchObject([
    { id: first.credit_block.id, balance: 80.5, maximum_initial_balance: 100.5, status: 'active' },
  ]);
  expect(await customer.blocks({ include_all_blocks: true })).toMatchObject([
    { id: second.credit_block.id, balance: 0, per_unit_cost_basis: null },
    { id: first.credit_block.id, balance: 80.5, metadata: { po: '7' } },
  ]);
});

test('decrement takes a unit below zero: a block below zero stands for it, and the next increment repays it', async () => {
  const customer = ledger.customer();
  const drawn = await customer.entry(decrement(2.5));
  expect(drawn).toMatchObject({ starting_balance: 0, ending_balance: -2.5, amount: -2.5 });
  expect(await customer.blocks()).toMatchObject([{ id: drawn.credit_block.id, balance: -2.5 }]);
  const { blocks, deletion } = ledger.services;
  const call = customer.callOf({ path: { block_id: drawn.credit_block.id }, body: {} });
  expect(read('fetch-credit-block', await blocks.fetch(call))).toMatchObject({ balance: -2.5 });
  expect(JSON.parse((await blocks.findOwner(call)).body!)).toEqual({ customer_id: customer.id });
  for (const answer of [await blocks.update(call), await deletion.run(call)]) {
    expect(refusalOf(answer)).toMatch(/^404/);
  }
  await customer.entry(increment(10));
  expect(await customer.blocks()).toMatchObject([{ balance: 7.5, maximum_initial_balance: 10 }]);
  expect((await blocks.fetch(call)).status).toBe(404);
});

test('void takes a part back in two rows, and at most what is left', async () => {
  const [customer, block_id] = await holder(100);
  await customer.entry(decrement(70));
  const body = { entry_type: 'void', block_id, amount: 10, void_reason: 'refund' };
  expect(await customer.entry(body)).toMatchObject({
    ...{ entry_type: 'void', amount: -10, void_amount: 10, void_reason: 'refund' },
    ...{ starting_balance: 30, ending_balance: 20 },
  });
  expect(await customer.entry({ ...body, amount: 100 })).toMatchObject({ amount: -20 });
  expect(await customer.ledgerLines()).toEqual([
    'void -20: 20 → 0',
    'void_initiated 20: 20 → 20',
    'void -10: 30 → 20',
    'void_initiated 30: 30 → 30',
    'decrement -70: 100 → 30',
    'increment 100: 0 → 100',
  ]);
  const before = await stateOf(customer);
  expect(refusalOf(await customer.post({ ...body, amount: 1 }))).toContain('nothing is left');
  expect(refusalOf(await customer.post({ ...body, amount: 101 }))).toContain('initial balance');
  expect(await stateOf(customer)).toEqual(before);
});

test('amendment gives back what a decrement took of the block, no more; charges are given back by reversals', async () => {
  const [customer, block_id] = await holder(100);
  await customer.entry(decrement(30));
  await customer.charge('c1', '50');
  const amend = (amount: number) => ({ entry_type: 'amendment', block_id, amount });
  expect(await customer.entry(amend(20))).toMatchObject({ amount: 20, ending_balance: 40 });
  const before = await stateOf(customer);
  expect(refusalOf(await customer.post(amend(10.000001)))).toMatch(/^400 constraint-violation/);
  expect(await stateOf(customer)).toEqual(before);
  await customer.entry(amend(10));
  expect(await customer.blocks()).toMatchObject([{ id: block_id, balance: 50 }]);
});

test('expiration change moves a part to a new block that costs the same; the balance stays', async () => {
  const [customer, block_id] = await holder(100, {
    expiry_date: '2026-12-28',
    per_unit_cost_basis: '0.123456789',
  });
  const move = { entry_type: 'expiration_change', target_expiry_date: '2027-12-28' };
  expect(
    await customer.entry({ ...move, amount: 10, expiry_date: '2026-12-28', block_id }),
  ).toMatchObject({
    ...{ amount: 10, starting_balance: 100, ending_balance: 100 },
    ...{ new_block_expiry_date: '2027-12-28T00:00:00.000Z', credit_block: { id: block_id } },
  });
  expect(await customer.blocks()).toMatchObject([
    { balance: 10, expiry_date: '2027-12-28T00:00:00.000Z', per_unit_cost_basis: '0.123456789' },
    { balance: 90, id: block_id },
  ]);
  // By the date alone, all that is left.
  await customer.entry({ ...move, expiry_date: '2026-12-28', target_expiry_date: '2026-06-01' });
  expect(await customer.blocks()).toMatchObject([{ balance: 90 }, { balance: 10 }]);
  const before = await stateOf(customer);
  for (const [body, why] of [
    [{ expiry_date: '2026-12-28' }, 'no block with a balance'],
    [{ block_id }, 'nothing is left'],
    [{}, 'expiry_date or block_id'],
    [{ block_id: 'blk_zz_1' }, 'resource-not-found'],
  ] as const) {
    expect(refusalOf(await customer.post({ ...move, ...body }))).toContain(why);
  }
  expect(await stateOf(customer)).toEqual(before);
});

test('credit expires at the midnight of the customer, and the ledger says so before anything else', async () => {
  const customer = ledger.customer('Asia/Kathmandu');
  const { credit_block: block } = await customer.entry(increment(5, { expiry_date: '2026-05-20' }));
  expect(block.expiry_date).toBe('2026-05-19T18:15:00.000Z');
  await customer.entry(increment(7));
  const now = ledger.nowMs;
  ledger.nowMs = Date.parse('2026-05-19T18:15:00.000Z');
  try {
    expect(await customer.ledgerLines({ entry_type: 'credit_block_expiry' })).toEqual([
      'credit_block_expiry -5: 12 → 7',
    ]);
    expect(await customer.blocks()).toMatchObject([{ balance: 7 }]);
    const late = { entry_type: 'void', block_id: block.id, amount: 1 };
    expect(refusalOf(await customer.post(late))).toContain('has expired');
  } finally {
    ledger.nowMs = now;
  }
});

test('charges are one row a day, channel and block; another row ends them, so that what was read stays', async () => {
  const customer = ledger.customer('America/New_York');
  await customer.entry(increment(100));
  for (const [id, channel] of [
    ['c1', 'sms'],
    ['c2', 'voice'],
    ['c3', 'sms'],
  ] as const) {
    await customer.charge(`${customer.id}${id}`, '1.25', channel);
  }
  expect(await customer.ledgerLines()).toEqual([
    'decrement -1.25: 97.5 → 96.25',
    'decrement -2.5: 100 → 97.5',
    'increment 100: 0 → 100',
  ]);
  await customer.charge(`${customer.id}c4`, '1', 'sms');
  const three = await customer.ledgerLines();
  expect(three).toEqual([
    'decrement -1.25: 96.5 → 95.25',
    'decrement -3.5: 100 → 96.5',
    'increment 100: 0 → 100',
  ]);
  await customer.entry(increment(1));
  await customer.charge(`${customer.id}c5`, '2', 'sms');
  expect(await customer.ledgerLines()).toEqual([
    'decrement -2: 96.25 → 94.25',
    'increment 1: 95.25 → 96.25',
    ...three,
  ]);
});

test('pages and filters; a cursor of another list is none', async () => {
  const [customer] = await holder(10);
  for (let n = 1; n <= 4; n++) await customer.entry(decrement(n));
  const first = await customer.page({ limit: 2 });
  expect(first.data.map(({ amount }) => amount)).toEqual([-4, -3]);
  const cursor = first.pagination_metadata.next_cursor!;
  const second = await customer.page({ limit: 2, cursor });
  expect(second.data.map(({ amount }) => amount)).toEqual([-2, -1]);
  expect(await customer.ledgerLines({ entry_type: 'decrement', minimum_amount: '3' })).toHaveLength(
    2,
  );
  expect(await customer.ledgerLines({ 'created_at[gt]': '2026-05-17' })).toEqual([]);
  expect(await customer.ledgerLines({ entry_status: 'pending' })).toEqual([]);
  const { credits } = ledger.services;
  for (const query of [
    { cursor: 'x' },
    { cursor, entry_type: 'void' },
    { currency: 'usd' },
    { minimum_amount: '1e3' },
  ]) {
    const answer = await credits.listLedger(customer.callOf({ query }));
    expect(refusalOf(answer)).toMatch(/^400 request-validation-errors/);
  }
});

test('an Idempotency-Key has one effect: repeats, races and other requests under it', async () => {
  const customer = ledger.customer();
  const [first, ...others] = await Promise.all(
    Array.from({ length: 5 }, () => customer.post(increment(5), 'key-1')),
  );
  for (const other of others) {
    expect(other.status).toBe(201);
    expect(other.body).toBe(first!.body);
  }
  expect(await customer.ledgerLines()).toEqual(['increment 5: 0 → 5']);
  expect(refusalOf(await customer.post(increment(6), 'key-1'))).toMatch(/^409 resource-conflict/);
  // Of another customer of the account: the key is the account's.
  const other = ledger.customer();
  expect(refusalOf(await other.post(increment(5), 'key-1', 'other'))).toMatch(/^409/);
  const refused = await customer.post({ entry_type: 'void', block_id: 'blk_1', amount: 1 }, 'k2');
  expect(await customer.post({ entry_type: 'void', block_id: 'blk_1', amount: 1 }, 'k2')).toEqual({
    ...refused,
    is_replay: true,
  });
  expect(await other.ledgerLines()).toEqual([]);
});

test('two voids race for one block: one takes what is left, the other finds nothing', async () => {
  const [customer, block_id] = await holder(10);
  const answers = await Promise.all(
    [1, 2].map(() => customer.post({ entry_type: 'void', block_id, amount: 10 })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
  expect(await customer.blocks()).toEqual([]);
});

test('what open authorizations count on is not voided, what a lease keeps is neither', async () => {
  const [customer, block_id] = await holder(10);
  const before = await stateOf(customer);
  ledger.heldMicros = 8_000_000n;
  const body = { entry_type: 'void', block_id };
  expect(refusalOf(await customer.post({ ...body, amount: 3 }))).toMatch(/^409 resource-conflict/);
  expect(await stateOf(customer)).toEqual(before);
  await customer.entry({ ...body, amount: 2 });
  expect(await customer.blocks()).toMatchObject([{ balance: 8 }]);
});

test.each([
  [increment(0), 'amount must be above zero'],
  [increment(-1), 'amount must be above zero'],
  [increment(0.0000001), 'six decimals'],
  [increment(1e16), 'larger pricing unit'],
  [increment(9_007_199_254.75), 'larger pricing unit'],
  [increment(1, { currency: 'usd' }), 'currency must be'],
  [increment(1, { currency: 'EUR' }), 'invoiced in USD'],
  [increment(1, { currency: 'messages' }), 'units that plans include'],
  [increment(1, { per_unit_cost_basis: '-1' }), 'per_unit_cost_basis'],
  [increment(1, { expiry_date: '2026-05-16' }), 'over already'],
  [increment(1, { expiry_date: '2026-06-01', effective_date: '2026-06-01' }), 'after effective'],
  [increment(1, { invoice_settings: { auto_collection: true } }), 'invoice_settings'],
  [{ entry_type: 'void', block_id: 'nothing', amount: 1 }, 'resource-not-found'],
  [{ entry_type: 'amendment', block_id: 'blk_1_0', amount: 1 }, 'resource-not-found'],
])('%j is refused: %s', async (body, why) => {
  const customer = ledger.customer('UTC', 'USD');
  expect(refusalOf(await customer.post(body))).toContain(why);
  expect(await customer.ledgerLines()).toEqual([]);
});

test('a block of another customer is not found; metadata of a block change in the ledger too', async () => {
  const [customer, block_id] = await holder(1, { metadata: { a: '1', b: '2' } });
  const other = ledger.customer();
  const body = { entry_type: 'void', block_id, amount: 1 };
  expect(refusalOf(await other.post(body))).toMatch(/^404/);
  const { blocks } = ledger.services;
  const call = (metadata: unknown) => customer.callOf({ path: { block_id }, body: { metadata } });
  expect(JSON.parse((await blocks.findOwner(call(null))).body!)).toEqual({
    customer_id: customer.id,
  });
  const updated = await blocks.update(call({ a: null, c: '3' }));
  expect(read('update-credit-block', updated)).toMatchObject({ metadata: { b: '2', c: '3' } });
  expect((await customer.page()).data[0]).toMatchObject({ metadata: { b: '2', c: '3' } });
  const cleared = await blocks.update(call(null));
  expect(read('update-credit-block', cleared)).toMatchObject({ metadata: {} });
  expect(read('fetch-credit-block', await blocks.fetch(call(null)))).toMatchObject({ balance: 1 });
});

test('a deleted block never was: its draws lie on the others, or are owed, in their place', async () => {
  const [customer, block_id] = await holder(10, { expiry_date: '2026-08-01' });
  const { credit_block: other } = await customer.entry(increment(5));
  await customer.entry(decrement(8, { description: 'use' }));
  await customer.entry({ entry_type: 'amendment', block_id, amount: 1 });
  await customer.entry(increment(20, { effective_date: '2026-06-01' }));
  await customer.ledgerLines();
  const call = customer.callOf({ path: { block_id } });
  ledger.heldMicros = 20_000_000n;
  const held = await ledger.services.deletion.run(call);
  expect(refusalOf(held)).toMatch(/^409 resource-conflict/);
  ledger.heldMicros = 0n;
  const races = await Promise.all([1, 2].map(() => ledger.services.deletion.run(call)));
  expect(races.map(({ status }) => status).sort()).toEqual([204, 404]);
  expect(await customer.ledgerLines()).toEqual([
    'increment 20: -2 → 18',
    'decrement -2: 0 → -2',
    'decrement -5: 5 → 0',
    'increment 5: 0 → 5',
  ]);
  const { data } = await customer.page({ entry_type: 'decrement' });
  expect(data).toMatchObject([{ description: 'use' }, { credit_block: { id: other.id } }]);
  expect(await customer.blocks()).toMatchObject([{ balance: 20 }, { balance: -2 }]);
  expect(await customer.blocks({ include_all_blocks: true })).toHaveLength(3);
  expect((await ledger.services.blocks.fetch(call)).status).toBe(404);
  const view = await ledger.changeWallet.load({
    organizationId: customer.id,
    currency: 'credits' as never,
  });
  // What has not begun is not in the balance that can be spent.
  expect(view).toMatchObject({ balance: '-2' });
});

test('a block that charges drew on, or that was moved, is not deleted; nothing changes', async () => {
  const [customer, block_id] = await holder(10);
  await customer.charge(`${customer.id}c`, '1');
  const [moved, moved_id] = await holder(10);
  const target_expiry_date = '2027-01-01';
  const move = { entry_type: 'expiration_change', amount: 1, target_expiry_date };
  await moved.entry({ ...move, block_id: moved_id });
  for (const [owner, id, why] of [
    [customer, block_id, 'Charges'],
    [moved, moved_id, 'was moved'],
  ] as const) {
    const before = await stateOf(owner);
    const answer = await ledger.services.deletion.run(owner.callOf({ path: { block_id: id } }));
    expect(refusalOf(answer)).toContain(why);
    expect(await stateOf(owner)).toEqual(before);
  }
});

test('a balance of 9,007,199,254.740991 is answered to the last digit', async () => {
  const customer = ledger.customer();
  const answer = await customer.post(increment(9_007_199_254.740_99));
  expect(answer.body).toContain('"amount":9007199254.74099,');
  const small = await customer.post(increment(0.000001));
  expect(small.body).toContain('"ending_balance":9007199254.740991,');
});
