// Goal: whatever happens to subscriptions, and however late events come, what documents charged less what was given
// back is the price of all usage and fees under the final facts; each period once; nothing issued changes. Method:
// seeded histories over a real database, beside a model that counts days and cents.
import { seededRandom } from '@orbit/testing';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import { billingUnderTest, type BillingUnderTest, type Shown } from './billing-fixture.js';

const DAY = 86_400_000;
const START = Date.parse('2026-03-01T00:00:00Z');
const HISTORIES = 5;
let room: BillingUnderTest;
beforeAll(async () => {
  room = await billingUnderTest(START);
  room.plans.set('random', {
    ...{ id: 'random', name: 'Random', version: 1, status: 'active', invoicingCurrency: 'USD' },
    ...{ netTerms: 0, defaultInvoiceMemo: null, trialDays: null, phases: null },
    // Half off the calls: each costs 0.05.
    adjustments: [
      {
        ...{ id: 'half', adjustment_type: 'percentage_discount', percentage_discount: 0.5 },
        ...{ is_invoice_level: false, filters: [], applies_to_price_ids: ['calls'] },
        ...{ reason: null, replaces_adjustment_id: null, plan_phase_order: null },
      },
    ],
    prices: [
      usagePriceOf({ id: 'calls', unit_config: { unit_amount: '0.10' } }),
      priceOf({ id: 'seats', unit_config: { unit_amount: '12.34' }, fixed_price_quantity: 2 }),
      priceOf({
        ...{ id: 'base', unit_config: { unit_amount: '7.00' }, fixed_price_quantity: 1 },
        billing_mode: 'in_arrear',
      }),
    ],
  });
});
afterAll(() => room.drop());

interface Subject {
  readonly customer: string;
  readonly id: string;
  endMs: number;
  isOver: boolean;
  readonly steps: { fromMs: number; quantity: number }[];
}

const cents = (text: unknown): number => Math.round(Number(text) * 100);
const sumOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0);

async function invoicesOf(customer_id: string): Promise<readonly Shown[]> {
  const query = { customer_id, 'status[]': ['draft', 'issued', 'paid', 'void'], limit: 100 };
  return (await room.ask('list-invoices', { query }))['data'] as readonly Shown[];
}

/** What a fee costs by civil days of UTC: of each month its part, rounded half up to cents. */
function feeOf(centsEach: number, quantityAt: (dayMs: number) => number, endMs: number): number {
  let total = 0;
  for (let month = 2; ; month++) {
    const [from, to] = [Date.UTC(2026, month, 1), Date.UTC(2026, month + 1, 1)];
    if (from >= endMs) return total;
    const days = (to - from) / DAY;
    let units = 0;
    for (let day = from; day < Math.min(to, endMs); day += DAY) units += quantityAt(day);
    total += Math.floor((units * centsEach * 2 + days) / (days * 2));
  }
}

test(`${String(HISTORIES)} random histories: documents and credit notes add up to usage and fees`, async () => {
  const { integer } = seededRandom();
  const below = (count: number): number => integer(0, count - 1);
  const subjects: Subject[] = [];
  for (let index = 0; index < HISTORIES; index++) {
    const customer = `org_random_${String(index)}`;
    await room.customer(customer);
    const { id } = await room.ask('create-subscription', {
      body: {
        ...{ customer_id: customer, plan_id: 'random' },
        // Some have partial invoices on the way.
        invoicing_threshold: index % 2 === 0 ? String(2 + below(8)) : null,
      },
    });
    const endMs = START + (60 + below(100)) * DAY;
    subjects.push({ customer, id, endMs, isOver: false, steps: [{ fromMs: START, quantity: 2 }] });
  }
  const seen = new Map<string, string>();
  /** What was issued once is seen the same for ever. */
  const keep = (invoice: Shown): void => {
    if (invoice['status'] === 'draft') return;
    const { line_items, total, invoice_number, issued_at } = invoice;
    const text = JSON.stringify({ line_items, total, invoice_number, issued_at });
    expect(seen.get(invoice.id) ?? text).toBe(text);
    seen.set(invoice.id, text);
  };
  for (let day = 3; day < 200; day += 3 + below(5)) {
    const nowMs = START + day * DAY;
    await room.jump(nowMs);
    for (const subject of subjects) {
      const { customer, id, endMs, steps } = subject;
      const path = { subscription_id: id };
      if (subject.isOver) continue;
      if (nowMs >= endMs) {
        await room.ask('cancel-subscription', { path, body: { cancel_option: 'immediate' } });
        subject.endMs = nowMs;
        subject.isOver = true;
        continue;
      }
      // Some events are of days long past; none of what has not come yet.
      const lateMs = below(3) === 0 ? below(40) * DAY : 0;
      const atMs = Math.max(START, nowMs - 1 - lateMs);
      const known = room.events.get(customer) ?? [];
      const kept = known.filter(({ atMs: at, quantity }) => {
        const back = known.some((one) => one.atMs === at && one.quantity === `-${quantity}`);
        // Periods are corrected for 100 days.
        return Number(quantity) > 0 && !back && at >= nowMs - 60 * DAY;
      });
      const taken = below(5) === 0 ? kept[below(kept.length || 1)] : undefined;
      const event = taken
        ? { atMs: taken.atMs, quantity: `-${taken.quantity}` }
        : { atMs, quantity: String(1 + below(90)) };
      room.events.set(customer, [...known, event]);
      await room.billing.thresholds.run();
      await room.jump(nowMs);
      if (below(6) === 0) {
        const quantity = below(5);
        await room.ask('update-fixed-fee-quantity', {
          path,
          body: { price_id: 'seats', quantity },
        });
        steps.push({ fromMs: nowMs, quantity });
      }
      const invoices = await invoicesOf(customer);
      for (const invoice of invoices) keep(invoice);
      const [open] = invoices.filter(({ status }) => status === 'issued');
      if (open && below(2) === 0) {
        const body = { payment_received_date: '2026-03-02' };
        await room.ask('mark-invoice-as-paid', { path: { invoice_id: open.id }, body });
      }
    }
  }
  await room.jump(START + 300 * DAY);
  let partials = 0;
  for (const { customer, endMs, steps } of subjects) {
    const invoices = await invoicesOf(customer);
    expect(invoices.filter(({ status }) => status === 'draft')).toEqual([]);
    const charged = sumOf(invoices.map(({ total }) => cents(total)));
    const noted = invoices.flatMap((one) => one['credit_notes'] as { total: string }[]);
    const path = { customer_id: customer };
    const { data } = await room.ask('list-balance-transactions', { path, query: { limit: 100 } });
    const refunded = (data as readonly { action: string; amount: string }[]).filter(
      ({ action }) => action === 'prorated_refund',
    );
    const back = sumOf([
      ...noted.map(({ total }) => cents(total)),
      ...refunded.map((one) => cents(one.amount)),
    ]);
    const used = sumOf(
      (room.events.get(customer) ?? []).map(({ quantity }) => Number(quantity) * 5),
    );
    const quantityAt = (ms: number): number =>
      steps.filter(({ fromMs }) => fromMs <= ms).at(-1)?.quantity ?? 0;
    const fees = feeOf(1_234, quantityAt, endMs) + feeOf(700, () => 1, endMs);
    expect({ customer, cents: charged - back }).toEqual({ customer, cents: used + fees });
    partials += invoices.filter(({ invoice_source: source }) => source === 'partial').length;
    for (const invoice of invoices) {
      const lines = (invoice['line_items'] as Record<string, unknown>[]).map(
        ({ price, start_date, end_date }) =>
          `${(price as { id: string }).id} ${String(start_date)} ${String(end_date)}`,
      );
      expect(new Set(lines).size).toBe(lines.length);
      keep(invoice);
    }
  }
  expect(partials).toBeGreaterThan(3);
}, 240_000);
