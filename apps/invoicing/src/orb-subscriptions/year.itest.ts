// Goal: a year of a subscription does not depend on how time moves through it. Method: a seeded history of changes and
// events, lived twice: with one step of the clock from change to change, and with many.
import { seededRandom } from '@orbit/testing';
import { Decimal } from '@orbit/pricing';
import { SqlInvoices } from '../billing/adapters/sql-invoices.js';
import { adjustCharges } from '../billing/domain/adjust-charges.js';
import { billedByKey } from '../billing/domain/billed.js';
import { rateCharges } from '../billing/domain/rate-charges.js';
import { asksOf } from '../billing/domain/usage-asks.js';
import { usageOf } from '@orbit/pricing';
import { chargesUntil } from '../timeline/domain/charges.js';
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import type { Timeline } from '../timeline/domain/timeline.js';
import {
  at,
  subscriptionRoom,
  type Fields,
  type SubscriptionRoom,
} from './subscription-room-fixture.js';

const START = at('2026-01-10T15:00:00Z');
const END = at('2027-01-20T00:00:00Z');
const DAY_MS = 86_400_000;
let room: SubscriptionRoom;
beforeAll(async () => {
  room = await subscriptionRoom(START);
  const phase = (order: number, duration: number | null) => ({
    ...{ order, duration, durationUnit: duration === null ? null : ('monthly' as const) },
    alignsBilling: false,
  });
  const fee = (id: string, amount: string, fields: Fields = {}) =>
    priceOf({ id, name: id, unit_config: { unit_amount: amount }, ...fields });
  const calls = (id: string, amount: string, fields: Fields = {}) =>
    usagePriceOf({ id, name: id, unit_config: { unit_amount: amount }, ...fields });
  room.plan('first', {
    trialDays: 12,
    phases: [phase(1, 3), phase(2, null)],
    prices: [
      fee('seats', '12.34'),
      fee('base', '90.00', { cadence: 'quarterly', plan_phase_order: 1 }),
      fee('more', '49.99', { plan_phase_order: 2 }),
      calls('calls', '0.013'),
    ],
    adjustments: [
      {
        ...{ id: 'tenth', adjustment_type: 'percentage_discount', percentage_discount: 0.1 },
        ...{ is_invoice_level: true, applies_to_price_ids: [], filters: [], reason: null },
        ...{ plan_phase_order: 2, replaces_adjustment_id: null },
      },
    ],
  });
  room.plan('second', { prices: [fee('seats2', '31.00'), calls('calls2', '0.02')] });
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.coupon (account_id, id, redemption_code, discount_type, discount,
      duration_in_months, created_at)
    VALUES ('acct_a', 'year', 'YEAR', 'amount', 7.5, 3, now())`;
});
afterAll(() => room.drop());

interface Step {
  readonly atMs: number;
  readonly run: (customerId: string, path: { subscription_id: string }) => Promise<unknown>;
}

/** Changes on days of the year, and events of each fifteenth day, a third of which arrive weeks later. */
function historyOf(random: ReturnType<typeof seededRandom>): readonly Step[] {
  const change =
    (operation: string, body: Fields): Step['run'] =>
    async (_customer, path) => {
      const { status } = await room.call(operation, { path, body });
      return [operation, status];
    };
  const pay: Step['run'] = async (customerId) => {
    const open = (await room.invoices(customerId))
      .filter(({ status }) => status === 'issued')
      .at(-1);
    if (!open) return ['pay', null];
    const path = { invoice_id: String(open['id']) };
    const body = { payment_received_date: '2026-02-01' };
    return ['pay', (await room.call('mark-invoice-as-paid', { path, body })).status];
  };
  const quantity = (price_id: string): Step['run'] =>
    change('update-fixed-fee-quantity', { price_id, quantity: random.integer(0, 6) });
  const planned: readonly (readonly [number, Step['run']])[] = [
    [5, change('update-trial', { trial_end_date: '2026-01-27T08:00:00Z', shift: true })],
    [random.integer(20, 50), quantity('seats')],
    [random.integer(51, 55), change('trigger-phase', {})],
    [
      random.integer(56, 70),
      change('redeem-coupon', { coupon_id: 'year', change_option: 'immediate' }),
    ],
    [random.integer(71, 80), pay],
    [
      random.integer(81, 100),
      change('add-edit-price-intervals', {
        add: [
          {
            ...{ start_date: '2026-03-15', end_date: '2026-09-20' },
            price: {
              ...{ name: 'Extra', item_id: 'item_1', cadence: 'monthly', model_type: 'unit' },
              ...{ unit_config: { unit_amount: '5.55' }, currency: 'USD' },
            },
          },
        ],
      }),
    ],
    [random.integer(101, 120), quantity('seats')],
    [random.integer(121, 140), quantity('more')],
    [
      random.integer(141, 150),
      change('schedule-plan-change', {
        ...{ plan_id: 'second', change_option: 'requested_date', change_date: '2026-11-03' },
        billing_cycle_alignment: 'plan_change_date',
      }),
    ],
    [random.integer(151, 180), quantity('seats')],
    [random.integer(181, 190), change('unschedule-plan-change', {})],
    [random.integer(191, 200), pay],
    [
      random.integer(207, 209),
      change('cancel-subscription', { cancel_option: 'end_of_subscription_term' }),
    ],
    [random.integer(210, 215), change('unschedule-cancellation', {})],
    [
      random.integer(221, 250),
      change('schedule-plan-change', { plan_id: 'second', change_option: 'immediate' }),
    ],
    [random.integer(251, 300), quantity('seats2')],
  ];
  const events = Array.from({ length: 20 }, (_, index): Step => {
    const day = index * 15 + random.integer(0, 14);
    const lateDays = random.integer(0, 2) === 0 ? random.integer(5, 50) : 0;
    const time = new Date(START + day * DAY_MS).toISOString();
    const quantityText = String(random.integer(1, 2_000));
    return {
      atMs: START + (day + lateDays) * DAY_MS + 1,
      run: (customerId) => {
        room.use(customerId, time, quantityText);
        return Promise.resolve('event');
      },
    };
  });
  const changes = planned.map(([day, run]) => ({ atMs: START + day * DAY_MS + 3_600_000, run }));
  return [...changes, ...events].sort((a, b) => a.atMs - b.atMs);
}

/** Lives a history; answers its documents and what is left of them. */
async function live(customerId: string, history: readonly Step[], steps: number) {
  room.time.nowMs = START;
  await room.customer(customerId, { timezone: 'America/New_York' });
  const { id } = await room.subscribe(customerId, 'first', {
    billing_cycle_anchor_configuration: { day: 31 },
  });
  const path = { subscription_id: id };
  const answers: unknown[] = [];
  for (const step of history) {
    await room.jump(step.atMs, steps);
    answers.push(await step.run(customerId, path));
  }
  await room.jump(END, steps);
  const shown = await room.ask('fetch-subscription', { path });
  const documents = (await room.invoices(customerId)).map((invoice) => ({
    ...{ date: invoice['invoice_date'], status: invoice['status'], total: invoice['total'] },
    ...{ due: invoice['amount_due'], issued: invoice['issued_at'] },
    notes: (invoice['credit_notes'] as Fields[]).map(({ total }) => total),
    lines: (invoice['line_items'] as Fields[]).map(({ name, amount, start_date, end_date }) => [
      ...[name, amount, start_date, end_date],
    ]),
  }));
  const { balance } = shown['customer'] as { balance: string };
  return { id, answers, documents, balance };
}

test('a year with phases, trial, plan change, quantities, coupon and late events makes the same documents in one step and in many, and they add up to what it costs', async () => {
  const seed = Number(process.env['ORBIT_SEED'] ?? 2026);
  const history = historyOf(seededRandom(seed));
  const { id, ...once } = await live('org_once', history, 1);
  const { id: other, ...often } = await live('org_often', history, 2);
  expect(often).toEqual(once);
  expect(once.documents.length).toBeGreaterThan(11);
  expect(once.answers.filter((answer) => JSON.stringify(answer).includes('400'))).toEqual([]);
  for (const [subscriptionId, customerId] of [
    [id, 'org_once'],
    [other, 'org_often'],
  ] as const) {
    const [row] = await room.prisma.$queryRaw<{ timeline: Timeline }[]>`
      SELECT timeline FROM invoicing.orb_subscription WHERE id = ${subscriptionId}`;
    const timeline = row?.timeline as Timeline;
    // Issued by then: half a day before the end.
    const charges = chargesUntil(timeline, END - DAY_MS / 2);
    const events = room.events.get(customerId) ?? [];
    const usage = new Map(
      asksOf({ customerId }, charges).map(({ key, startMs, endMs }) => {
        const inside = events.filter(({ atMs }) => startMs <= atMs && atMs < endMs);
        const sum = inside.reduce((total, { quantity }) => total + Number(quantity), 0);
        return [key, usageOf(Decimal.scaled(BigInt(sum), 0))] as const;
      }),
    );
    const rated = rateCharges(charges, usage, timeline);
    const costs = adjustCharges(rated, timeline.adjustments, () => 2);
    const lines = await new SqlInvoices(room.prisma, '').billedLines(subscriptionId);
    const billed = billedByKey(lines);
    const shownAs = (amounts: Iterable<readonly [string, Decimal]>) =>
      Object.fromEntries([...amounts].map(([key, amount]) => [key, amount.toString()]));
    const isZero = ([, amount]: readonly [string, Decimal]): boolean => amount.isZero;
    expect(shownAs([...billed].filter((entry) => !isZero(entry)))).toEqual(
      shownAs(
        costs
          .map(({ rated: one, amount }) => [one.charge.key, amount] as const)
          .filter((entry) => !isZero(entry)),
      ),
    );
  }
});
