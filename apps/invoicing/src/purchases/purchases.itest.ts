// Goal: credit that is bought is booked once and has one invoice, whatever is repeated or killed; a
// block that is to be paid first is no credit before that. Method: billing and the ledger each on a
// database of its own; between them the ledger's own controllers, through JSON.
import type { OrbCall } from '@orbit/contracts';
import type { CreditsUnderTest } from '../../../wallet-ledger/src/credits/credits-under-test.js';
import type { BillingUnderTest, Shown } from '../billing/billing-fixture.js';
import { priceOf } from '../timeline/domain/test-timeline.js';
import { PurchasesUnderTest, read, type Buyer } from './purchases-under-test.js';
import type { PurchasesFeature } from './purchases.module.js';

type Fields = Record<string, unknown>;
const at = (text: string): number => Date.parse(text);
const START = at('2026-05-16T12:00:00Z');

let rooms: PurchasesUnderTest;
let room: BillingUnderTest;
let ledger: CreditsUnderTest;
let bought: PurchasesFeature;

beforeAll(async () => {
  rooms = await PurchasesUnderTest.start(START);
  ({ room, ledger, bought } = rooms);
});
afterAll(async () => {
  expect(await rooms.stop()).toEqual([]);
});
beforeEach(() => {
  rooms.dies = -1;
  rooms.nowMs = START;
});

const send: PurchasesUnderTest['send'] = (...of) => rooms.send(...of);
const ask: PurchasesUnderTest['ask'] = (...of) => rooms.ask(...of);
const buyer: PurchasesUnderTest['buyer'] = (...of) => rooms.buyer(...of);
async function refusal(id: string, given: Partial<OrbCall>): Promise<string> {
  const { status, body } = await send(id, given);
  expect(status).toBeGreaterThanOrEqual(400);
  return `${String(status)} ${String((JSON.parse(body ?? '{}') as Fields)['detail'])}`;
}

const buy = ({ customer }: Buyer, body: Fields, key?: string) =>
  send('create-ledger-entry', {
    customer,
    body: { entry_type: 'increment', ...body },
    idempotency: key === undefined ? null : { key, request_hash: JSON.stringify(body) },
  });
const bill = (fields: Fields = {}) => ({ auto_collection: false, net_terms: 30, ...fields });
const invoicesOf = async ({ id }: Buyer): Promise<readonly Shown[]> => {
  const query = { customer_id: id, 'status[]': ['draft', 'issued', 'paid', 'void'] };
  return (await room.ask('list-invoices', { query }))['data'] as readonly Shown[];
};
const balanceOf = async ({ books }: Buyer): Promise<number> => {
  const rows = await books.blocks();
  return rows.reduce((sum, row) => sum + Number(row['balance']), 0);
};
const all = ({ books }: Buyer) => books.blocks({ include_all_blocks: true });
const paid = (invoice: Shown) =>
  room.ask('mark-invoice-as-paid', {
    path: { invoice_id: invoice.id },
    body: { payment_received_date: '2026-05-16' },
  });
const voided = (invoice: Shown) => room.ask('void-invoice', { path: { invoice_id: invoice.id } });
const topUpsOf = async ({ customer }: Buyer) => (await ask('list-top-ups', { customer }))['data'];
/** Everything that a refusal must leave as it is. */
const stateOf = async (one: Buyer): Promise<unknown> => [
  await one.books.ledgerLines(),
  await all(one),
  await invoicesOf(one),
  await topUpsOf(one),
];

test('1,000 credits at 0.015 cost 15.00: booked at once, with one invoice, which the block names', async () => {
  const one = await buyer();
  const body = {
    ...{ amount: 1_000, per_unit_cost_basis: '0.015', metadata: { po: '7' } },
    invoice_settings: bill({ memo: 'Thank you' }),
  };
  const entry = read('create-ledger-entry', await buy(one, body, 'first'));
  expect(entry).toMatchObject({
    ...{ entry_status: 'committed', amount: 1_000, starting_balance: 0, ending_balance: 1_000 },
    metadata: { po: '7' },
  });
  const [invoice] = entry['created_invoices'] as readonly Shown[];
  expect(invoice).toMatchObject({
    ...{ status: 'issued', total: '15.00', amount_due: '15.00', memo: 'Thank you' },
    ...{ invoice_source: 'one_off', due_date: '2026-06-15T12:00:00.000Z' },
    line_items: [{ name: 'Credits', quantity: 1_000, amount: '15.00' }],
  });
  expect(read('create-ledger-entry', await buy(one, body, 'first'))).toEqual(entry);
  const other = await buy(one, { ...body, amount: 2 }, 'first');
  expect(other).toMatchObject({ status: 409, is_final: true });
  expect(await invoicesOf(one)).toHaveLength(1);
  const [block] = await all(one);
  expect(block).toMatchObject({ balance: 1_000, credit_block_source: 'manual', status: 'active' });
  expect(block?.id).toBe((entry['credit_block'] as Shown).id);
  const path = { block_id: String(block?.id) };
  expect(await ask('list-credit-block-invoices', { path, customer: one.customer })).toMatchObject({
    block: { id: block?.id, per_unit_cost_basis: '0.015' },
    invoices: [{ id: invoice?.id, status: 'issued' }],
  });
  const told = await room.prisma.$queryRaw<{ expanded_body: string }[]>`
    SELECT expanded_body FROM invoicing.webhook_event
    WHERE object_id = ${one.id} AND type = 'customer.credit_ledger_incremented'`;
  expect(told.map(({ expanded_body: text }) => JSON.parse(text) as Fields)).toMatchObject([
    { properties: { block: { id: block?.id, balance: '1000', per_unit_cost_basis: '0.015' } } },
  ]);
});

test('a block that is to be paid first is shown, and is no credit before that; paid twice, it is booked once', async () => {
  const one = await buyer();
  const settings = bill({ require_successful_payment: true });
  const entry = read(
    'create-ledger-entry',
    await buy(one, { amount: 10, per_unit_cost_basis: '2', invoice_settings: settings }),
  );
  expect(entry).toMatchObject({ entry_status: 'pending', starting_balance: 0, ending_balance: 0 });
  const id = (entry['credit_block'] as Shown).id;
  expect(await one.books.blocks()).toEqual([]);
  expect(await all(one)).toMatchObject([{ id, status: 'pending_payment', balance: 10 }]);
  expect(await one.books.ledgerLines()).toEqual(['increment 10: 0 → 0']);
  expect(await one.books.ledgerLines({ entry_status: 'committed' })).toEqual([]);
  const call = one.books.callOf({ path: { block_id: id }, body: { metadata: { a: '1' } } });
  const { blocks, deletion } = ledger.services;
  expect(read('update-credit-block', await blocks.update(call))).toMatchObject({
    id,
    metadata: { a: '1' },
  });
  expect((await deletion.run(call)).status).toBe(400);
  const [invoice] = (await invoicesOf(one)) as [Shown];
  await paid(invoice);
  await Promise.all([bought.follow.runAll(true), bought.follow.ofInvoice('acct_a', invoice.id)]);
  expect(await all(one)).toMatchObject([
    { id, status: 'active', balance: 10, metadata: { a: '1' } },
  ]);
  expect(await one.books.ledgerLines()).toEqual(['increment 10: 0 → 10']);
  expect(read('fetch-credit-block', await blocks.fetch(call))).toMatchObject({ id, balance: 10 });
});

test('a void invoice takes the block with it: one that waits never becomes credit, of the other what is left goes', async () => {
  const one = await buyer();
  const terms = { amount: 10, per_unit_cost_basis: '1' };
  const pays = bill({ require_successful_payment: true });
  read('create-ledger-entry', await buy(one, { ...terms, invoice_settings: pays }));
  await voided((await invoicesOf(one))[0] as Shown);
  expect(await all(one)).toEqual([]);
  expect(await one.books.ledgerLines()).toEqual([]);
  read('create-ledger-entry', await buy(one, { ...terms, invoice_settings: bill() }));
  await one.books.entry({ entry_type: 'decrement', amount: 4 });
  const open = (await invoicesOf(one)).find(({ status }) => status === 'issued');
  await voided(open as Shown);
  expect(await balanceOf(one)).toBe(0);
  expect((await one.books.ledgerLines()).slice(0, 1)).toEqual(['void -6: 6 → 0']);
  await bought.follow.runAll(true);
  expect(await one.books.ledgerLines()).toHaveLength(4);
});

test('mark_as_paid: the invoice is paid from the start, the block is credit', async () => {
  const one = await buyer('UTC', null);
  const settings = bill({ mark_as_paid: true, require_successful_payment: true });
  const entry = read(
    'create-ledger-entry',
    await buy(one, { amount: 3, per_unit_cost_basis: '1.10', invoice_settings: settings }),
  );
  expect(entry).toMatchObject({
    ending_balance: 3,
    created_invoices: [{ status: 'paid', total: '3.30' }],
  });
});

test('what cannot be bought is refused and changes nothing', async () => {
  const one = await buyer();
  const before = await stateOf(one);
  const terms = { amount: 10, per_unit_cost_basis: '1' };
  const refused = async (body: Fields) => {
    const { status, body: text } = await buy(one, body);
    return `${String(status)} ${String((JSON.parse(text ?? '{}') as Fields)['detail'])}`;
  };
  expect(await refused({ amount: 1, invoice_settings: bill() })).toMatch(
    /^400 per_unit_cost_basis/,
  );
  const settings = bill({ custom_due_date: '2026-06-01' });
  expect(await refused({ ...terms, invoice_settings: settings })).toMatch(/^400 .*net_terms/);
  expect(await refused({ ...terms, invoice_settings: bill({ net_terms: -1 }) })).toMatch(/^400/);
  expect(await refused({ ...terms, invoice_settings: bill({ item_id: 'item_no' }) })).toMatch(
    /^404/,
  );
  const ended = { ...terms, expiry_date: '2026-05-01', invoice_settings: bill() };
  expect(await refused(ended)).toMatch(/^400 expiry_date is over/);
  expect(await refused({ ...terms, amount: 0, invoice_settings: bill() })).toMatch(/^400 amount/);
  expect(await refused({ ...terms, currency: 'EUR', invoice_settings: bill() })).toMatch(
    /^400 currency/,
  );
  expect(await refused({ ...terms, currency: 'messages', invoice_settings: bill() })).toMatch(
    /^400/,
  );
  await bought.follow.runAll(true);
  expect(await stateOf(one)).toEqual(before);
});

test('whatever dies in between: one block, one invoice', async () => {
  for (let death = 0; death < 11; death++) {
    const one = await buyer();
    const body = { amount: 5, per_unit_cost_basis: '1', invoice_settings: bill() };
    rooms.dies = death;
    await buy(one, body, `k${String(death)}`).catch(() => null);
    rooms.dies = -1;
    if (death % 2 === 0) await bought.follow.runAll(false);
    read('create-ledger-entry', await buy(one, body, `k${String(death)}`));
    expect(await invoicesOf(one)).toHaveLength(1);
    expect(await one.books.ledgerLines()).toEqual(['increment 5: 0 → 5']);
  }
});

const topUp = (fields: Fields = {}) => ({
  ...{ currency: 'credits', threshold: '10', amount: '50', per_unit_cost_basis: '0.20' },
  invoice_settings: { auto_collection: true, net_terms: 0, memo: null },
  ...fields,
});
const create = ({ customer }: Buyer, fields: Fields = {}) =>
  ask('create-top-up', { customer, body: topUp(fields) });
const spend = ({ books }: Buyer, amount: number) =>
  books.entry({ entry_type: 'decrement', amount });
const judge = () => bought.topUps.run();

test('a top-up adds its block and an invoice once per crossing, however often and by whomever it is judged', async () => {
  const one = await buyer();
  await one.books.entry({ entry_type: 'increment', amount: 20 });
  const made = await create(one);
  expect(made).toMatchObject({ threshold: '10', amount: '50', expires_after: null });
  expect(await balanceOf(one)).toBe(20);
  await spend(one, 9.5);
  await judge();
  expect(await balanceOf(one)).toBe(10.5);
  await spend(one, 0.5);
  await Promise.all([judge(), judge(), judge()]);
  await judge();
  expect(await balanceOf(one)).toBe(60);
  expect(await invoicesOf(one)).toMatchObject([{ status: 'issued', total: '10.00' }]);
  expect(await all(one)).toMatchObject([
    { credit_block_source: 'top_up', per_unit_cost_basis: '0.20' },
    {},
  ]);
  // What is no use calls for nothing: it comes down by a void.
  const [block] = await one.books.blocks();
  await one.books.entry({ entry_type: 'void', block_id: block?.id, amount: 50 });
  await judge();
  expect(await invoicesOf(one)).toHaveLength(1);
  await spend(one, 1);
  await judge();
  expect(await invoicesOf(one)).toHaveLength(2);
});

test('a balance that is low already is topped up when the top-up is made; not again by a repeat', async () => {
  const one = await buyer();
  await create(one);
  expect(await balanceOf(one)).toBe(50);
  await create(one, { threshold: '20' });
  expect(await balanceOf(one)).toBe(50);
  expect(await topUpsOf(one)).toMatchObject([{ threshold: '20' }]);
});

test('while a block waits for its payment nothing more is bought; deleting the top-up voids its invoice', async () => {
  const one = await buyer();
  const settings = { auto_collection: true, net_terms: 0, require_successful_payment: true };
  const made = await create(one, { invoice_settings: settings });
  await spend(one, 5);
  await judge();
  expect(await balanceOf(one)).toBe(-5);
  const [invoice] = (await invoicesOf(one)) as [Shown];
  await paid(invoice);
  expect(await balanceOf(one)).toBe(45);
  await spend(one, 40);
  await judge();
  expect(await all(one)).toMatchObject([{ status: 'pending_payment' }, { balance: 5 }]);
  const path = { top_up_id: made.id };
  const { customer: foreign } = await buyer();
  expect(await refusal('delete-top-up', { customer: foreign, path })).toMatch(/^404/);
  expect(await send('delete-top-up', { customer: one.customer, path })).toMatchObject({
    status: 204,
  });
  expect(await refusal('delete-top-up', { customer: one.customer, path })).toMatch(/^404/);
  expect((await invoicesOf(one)).map(({ status }) => status).sort()).toEqual(['paid', 'void']);
  expect(await all(one)).toMatchObject([{ balance: 5 }]);
  await spend(one, 1);
  await judge();
  expect(await invoicesOf(one)).toHaveLength(2);
});

test('a void invoice ends its top-up', async () => {
  const one = await buyer();
  await create(one);
  await voided((await invoicesOf(one))[0] as Shown);
  expect(await topUpsOf(one)).toEqual([]);
  await spend(one, 1);
  await judge();
  expect(await invoicesOf(one)).toHaveLength(1);
  expect(await balanceOf(one)).toBe(-1);
});

test('from its day on; its blocks end at a local midnight', async () => {
  const one = await buyer('America/New_York');
  await create(one, {
    ...{ active_from: '2026-05-20T04:00:00Z', expires_after: 1, expires_after_unit: 'month' },
  });
  await judge();
  expect(await invoicesOf(one)).toEqual([]);
  expect(await bought.dueWork.nextDue('acct_a', at('2026-06-01T00:00:00Z'))).toBe(
    at('2026-05-20T04:00:00Z'),
  );
  rooms.nowMs = at('2026-05-20T04:00:00Z');
  await bought.dueWork.runDue('acct_a', room.time.nowMs);
  expect(await all(one)).toMatchObject([{ expiry_date: '2026-06-20T04:00:00.000Z', balance: 50 }]);
  expect(await bought.dueWork.nextDue('acct_a', at('2026-06-01T00:00:00Z'))).toBeNull();
});

test('whatever dies while a top-up is judged: one block, one invoice', async () => {
  for (let death = 0; death < 11; death++) {
    const one = await buyer();
    await one.books.entry({ entry_type: 'increment', amount: 11 });
    await create(one);
    await spend(one, 1);
    rooms.dies = death;
    await judge().catch(() => null);
    rooms.dies = -1;
    await Promise.all([judge(), bought.follow.runAll(false)]);
    await judge();
    expect(await invoicesOf(one)).toHaveLength(1);
    expect(await balanceOf(one)).toBe(60);
  }
});

test('a top-up with a wrong field is refused, and the one that there is stays', async () => {
  const wrong: readonly (readonly [string, Fields])[] = [
    ['currency', { currency: 'usd' }],
    ['currency', { currency: 'messages' }],
    ['threshold', { threshold: '-1' }],
    ['amount', { amount: '0' }],
    ['amount', { amount: '0.0000001' }],
    ['amount', { amount: '99999999999999' }],
    ['per_unit_cost_basis', { per_unit_cost_basis: '-0.1' }],
    [
      'invoice_settings.net_terms',
      { invoice_settings: { auto_collection: true, net_terms: 4_000 } },
    ],
    ['expires_after', { expires_after: 3 }],
    ['expires_after', { expires_after: 0, expires_after_unit: 'day' }],
    ['active_from', { active_from: '2026-05-01T00:00:00Z' }],
  ];
  const one = await buyer();
  await create(one);
  const before = await stateOf(one);
  for (const [field, fields] of wrong) {
    const body = topUp(fields);
    expect(await refusal('create-top-up', { customer: one.customer, body })).toMatch(
      `400 ${field}`,
    );
  }
  expect(await stateOf(one)).toEqual(before);
});

test('a plan allocates 100 credits a month at 0.05: granted with each period, invoiced with its fee, unused ones expire', async () => {
  const one = await buyer('America/New_York');
  const allocation = (id: string, fields: Fields) => ({
    ...{ currency: 'credits', allows_rollover: false, custom_expiration: null, filters: [] },
    ...fields,
    id,
  });
  const price = (id: string, quantity: number, basis: string, fields: Fields = {}) =>
    priceOf({
      ...{ id, billing_mode: 'in_advance', currency: 'credits', fixed_price_quantity: quantity },
      unit_config: { unit_amount: basis },
      credit_allocation: allocation(id, fields),
    });
  room.plans.set('allocating', {
    ...{ id: 'allocating', name: 'Allocating', version: 1, status: 'active' },
    ...{ invoicingCurrency: 'USD', netTerms: 0, defaultInvoiceMemo: null, trialDays: null },
    ...{ phases: null, adjustments: [] },
    prices: [
      price('monthly', 100, '0.05'),
      price('rolling', 7.5, '0', { allows_rollover: true }),
      price('own', 3, '0', { custom_expiration: { duration: 10, duration_unit: 'day' } }),
    ],
  });
  rooms.nowMs = at('2026-05-01T15:00:00Z');
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.item (id, account_id, name, created_at)
    VALUES ('item_own', 'acct_a', 'Own', now())`;
  await room.ask('create-subscription', {
    body: {
      ...{ customer_id: one.id, plan_id: 'allocating', align_billing_with_plan_change_date: true },
      // Of this subscription alone.
      add_prices: [
        {
          allocation_price: {
            ...{ currency: 'credits', amount: '2', cadence: 'monthly', item_id: 'item_own' },
            expires_at_end_of_cadence: false,
          },
        },
      ],
    },
  });
  await Promise.all([bought.follow.runAll(false), bought.follow.runAll(true)]);
  const shown = async () =>
    (await one.books.blocks())
      .map((row) => [row['balance'], row['effective_date'], row['expiry_date']])
      .sort((a, b) => Number(a[0]) - Number(b[0]));
  const day = '2026-05-01T04:00:00.000Z';
  expect(await shown()).toEqual([
    [2, day, null],
    [3, day, '2026-05-11T04:00:00.000Z'],
    [7.5, day, null],
    [100, day, expect.stringMatching(/^2026-06-01T/)],
  ]);
  const blocks = await one.books.blocks();
  expect(new Set(blocks.map((row) => row['credit_block_source']))).toEqual(new Set(['allocation']));
  expect(await invoicesOf(one)).toMatchObject([{ total: '5.00', status: 'issued' }]);
  await spend(one, 20);
  ledger.nowMs = at('2026-07-05T00:00:00Z');
  await room.jump(ledger.nowMs, 3);
  await bought.follow.runAll(true);
  // Of May 83 and of June 103 expired; what rolls over stays, and July has its own.
  expect((await shown()).map(([balance]) => balance)).toEqual([2, 2, 2, 3, 7.5, 7.5, 7.5, 100]);
  expect((await invoicesOf(one)).map(({ total }) => total)).toEqual(['5.00', '5.00', '5.00']);
});
