// Goal: what customers with credit use is pending in the ledger before any invoice has it, follows late events and
// corrections, and is drawn once by the invoice, whatever dies in between. Method: billing and the ledger each on a
// database of its own; between them the ledger's own controller, through JSON.
import { CREDIT_DRAWS_RPC } from '@orbit/contracts';
import { CreditDrawsController } from '../../../wallet-ledger/src/credits/adapters/credit-draws.controller.js';
import {
  CreditsUnderTest,
  type CustomerUnderTest,
} from '../../../wallet-ledger/src/credits/credits-under-test.js';
import { billingUnderTest, type BillingUnderTest, type Shown } from '../billing/billing-fixture.js';
import { RpcCreditLedger } from '../draws/adapters/rpc-credit-ledger.js';
import { usagePriceOf } from '../timeline/domain/test-timeline.js';
import { AccrualsFeature } from './accruals.module.js';

const at = (text: string): number => Date.parse(text);
const START = '2026-03-01T00:00:00Z';
let room: BillingUnderTest;
let ledger: CreditsUnderTest;
let accruals: AccrualsFeature;
/** Counts down to the effect at which everything stops; below 0: never. */
let dies = -1;
const die = (): void => {
  if (dies >= 0 && dies-- === 0) throw new Error('killed');
};
const asked: string[] = [];

beforeAll(async () => {
  ledger = await CreditsUnderTest.start();
  const controller = new CreditDrawsController(ledger.services.draws, ledger.services.pending);
  const methods = Object.entries(CREDIT_DRAWS_RPC);
  const call = async <T>(pattern: string, request: unknown): Promise<T> => {
    die();
    const name = methods.find(([, known]) => known === pattern)?.[0] as keyof CreditDrawsController;
    asked.push(`${name} ${(request as { organization_id?: string }).organization_id ?? ''}`);
    const answer = await controller[name](JSON.parse(JSON.stringify(request)) as never);
    die();
    return JSON.parse(JSON.stringify(answer)) as T;
  };
  const credits = new RpcCreditLedger({ call });
  room = await billingUnderTest(at(START), credits);
  accruals = new AccrualsFeature({
    ...{ prisma: room.prisma, reads: room.billing.reads, plans: room.billing.drafts },
    accountClock: { nowMs: () => Promise.resolve(room.time.nowMs) },
    usageVersions: {
      versions: (_account, ids) =>
        Promise.resolve(new Map(ids.map((id) => [id, JSON.stringify(room.events.get(id) ?? [])]))),
    },
    ledger: credits,
  });
  room.plans.set('prepaid', {
    ...{ id: 'prepaid', name: 'Prepaid', version: 1, status: 'active', netTerms: 0 },
    ...{ invoicingCurrency: 'USD', defaultInvoiceMemo: null, trialDays: null, phases: null },
    adjustments: [],
    prices: [
      usagePriceOf({
        ...{ id: 'calls', currency: 'credits', conversion_rate: 0.5 },
        unit_config: { unit_amount: '1' },
      }),
    ],
  });
});
afterAll(async () => {
  await room.drop();
  expect(await ledger.stop()).toEqual([]);
});
beforeEach(() => {
  room.time.nowMs = ledger.nowMs = at(START);
  asked.length = 0;
});

async function subscribed(credit: number | null): Promise<CustomerUnderTest> {
  const customer = ledger.customer('UTC', 'USD');
  await room.customer(customer.id);
  const body = { customer_id: customer.id, plan_id: 'prepaid' };
  await room.ask('create-subscription', { body });
  if (credit !== null) await grant(customer, credit);
  return customer;
}
const grant = (customer: CustomerUnderTest, amount: number) =>
  customer.entry({ entry_type: 'increment', amount });
const use = (customer: CustomerUnderTest, time: string, quantity: string): void => {
  const known = room.events.get(customer.id) ?? [];
  room.events.set(customer.id, [...known, { atMs: at(time), quantity }]);
};
async function reach(to: string): Promise<void> {
  if (at(to) < room.time.nowMs) return;
  room.time.nowMs = ledger.nowMs = at(to);
  await accruals.report.run();
}
/** Which runs what is due, too. */
async function jump(to: string): Promise<void> {
  await reach(to);
  await room.jump(at(to));
}
const pendingOf = async (customer: CustomerUnderTest): Promise<string> => {
  const wallet = await ledger.changeWallet.load({
    organizationId: customer.id,
    currency: 'credits' as never,
  });
  return wallet?.escrowed ?? 'none';
};
const invoicesOf = async ({ id }: CustomerUnderTest): Promise<readonly Shown[]> => {
  const query = { customer_id: id, 'status[]': ['issued', 'paid', 'void'] };
  return (await room.ask('list-invoices', { query }))['data'] as readonly Shown[];
};

test('usage of an open period is pending by its days, follows late events and corrections, and is drawn once', async () => {
  const customer = await subscribed(20);
  use(customer, '2026-03-03T10:00:00Z', '4');
  use(customer, '2026-03-05T10:00:00Z', '2');
  await reach('2026-03-06T12:00:00Z');
  const rows = ['decrement -2: 16 → 14', 'decrement -4: 20 → 16', 'increment 20: 0 → 20'];
  expect(await customer.ledgerLines()).toEqual(rows);
  expect(await customer.blocks()).toMatchObject([{ balance: 14 }]);
  // The upcoming invoice is paid by credit that is set aside for it.
  const query = { customer_id: customer.id };
  const { data } = await room.ask('list-subscriptions', { query });
  const [{ id: subscription_id } = { id: '' }] = data as readonly Shown[];
  const upcoming = await room.ask('fetch-upcoming-invoice', { query: { subscription_id } });
  expect(upcoming).toMatchObject({ total: '0.00', subtotal: '3.00' });
  // Nothing changed, so nothing is told.
  asked.length = 0;
  await accruals.report.run();
  expect(asked).toEqual(['holders ']);
  // An event of the third day is late.
  use(customer, '2026-03-03T23:00:00Z', '1');
  await reach('2026-03-06T13:00:00Z');
  expect(await pendingOf(customer)).toBe('7');
  // One of the fifth is taken back.
  room.events.set(customer.id, (room.events.get(customer.id) ?? []).slice(0, 1));
  await reach('2026-03-06T14:00:00Z');
  expect(await pendingOf(customer)).toBe('4');
  // The period is over and in its grace; the next one has begun.
  use(customer, '2026-04-01T01:00:00Z', '3');
  await reach('2026-04-01T02:00:00Z');
  expect(await pendingOf(customer)).toBe('7');
  await room.jump(at('2026-04-01T13:00:00Z'));
  expect(await pendingOf(customer)).toBe('3');
  const [invoice] = await invoicesOf(customer);
  expect(invoice).toMatchObject({ status: 'paid', total: '0.00', subtotal: '2.00' });
  const { data: committed } = await customer.page({ entry_status: 'committed' });
  expect(committed.map((row) => [row['amount'], row['invoice_id'] ?? null])).toEqual([
    [-4, invoice?.id],
    [20, null],
  ]);
  expect(await customer.blocks()).toMatchObject([{ balance: 13 }]);
  await reach('2026-04-01T14:00:00Z');
  expect(await pendingOf(customer)).toBe('3');
});

test('customers without credit are not told of; the first credit brings what they used', async () => {
  const customer = await subscribed(null);
  use(customer, '2026-03-03T10:00:00Z', '4');
  await reach('2026-03-04T12:00:00Z');
  expect(asked).not.toContain(`accrue ${customer.id}`);
  await customer.entry({ entry_type: 'increment', amount: 3, effective_date: '2026-03-01' });
  await reach('2026-03-04T12:00:01Z');
  expect(await pendingOf(customer)).toBe('3');
  expect(await customer.blocks()).toEqual([]);
  // Used up, and nothing else is kept for it.
  await jump('2026-04-01T13:00:00Z');
  await reach('2026-04-01T13:00:01Z');
  expect(await pendingOf(customer)).toBe('0');
  expect((await invoicesOf(customer))[0]).toMatchObject({ total: '0.50' });
});

test('killed at any step, the ledger ends with what was used, and the invoice draws it once', async () => {
  for (let point = 0; ; point++) {
    room.time.nowMs = ledger.nowMs = at(START);
    await room.prisma.$executeRaw`
      UPDATE invoicing.accrual_watch w SET is_over = true, row_version = s.xmin::text
      FROM invoicing.orb_subscription s WHERE s.id = w.subscription_id`;
    const customer = await subscribed(10);
    use(customer, '2026-03-03T10:00:00Z', '4');
    use(customer, '2026-04-01T01:00:00Z', '1');
    await reach('2026-03-10T12:00:00Z');
    use(customer, '2026-03-11T10:00:00Z', '2');
    dies = point;
    const run = async (): Promise<void> => {
      await reach('2026-03-12T12:00:00Z');
      await reach('2026-04-01T02:00:00Z');
      await room.jump(at('2026-04-01T13:00:00Z'));
      await accruals.report.run();
    };
    await run().catch((error: unknown) => expect(String(error)).toContain('killed'));
    const isOver = dies >= 0;
    dies = -1;
    await run();
    expect(await pendingOf(customer)).toBe('1');
    const { data } = await customer.page({ entry_status: 'committed' });
    expect(data.map((row) => row['amount'])).toEqual([-2, -4, 10]);
    expect(await customer.blocks()).toMatchObject([{ balance: 3 }]);
    if (isOver) break;
  }
}, 120_000);
