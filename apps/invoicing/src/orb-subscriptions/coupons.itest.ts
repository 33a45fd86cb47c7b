// Goal: a coupon is redeemed as often as it allows, and its discount stands on the invoices of its months.
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import {
  at,
  subscriptionRoom,
  type Fields,
  type SubscriptionRoom,
} from './subscription-room-fixture.js';

const MARCH = at('2026-03-01T00:00:00Z');
let room: SubscriptionRoom;
beforeAll(async () => {
  room = await subscriptionRoom(MARCH);
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = MARCH;
});

const seats = priceOf({ id: 'seats', unit_config: { unit_amount: '31.00' } });
const calls = usagePriceOf({ id: 'calls', unit_config: { unit_amount: '1.00' } });
async function coupon(id: string, fields: Fields = {}): Promise<void> {
  const {
    type = 'percentage',
    discount = '0.5',
    months = null,
    max = null,
    archived = null,
  } = fields;
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.coupon (account_id, id, redemption_code, discount_type, discount,
      duration_in_months, max_redemptions, created_at, archived_at)
    VALUES ('acct_a', ${id}, ${`CODE_${id}`}, ${type}, ${discount}::text::numeric, ${months}::int,
      ${max}::int, now(), ${archived}::timestamptz)`;
}
const timesOf = async (id: string): Promise<number> => {
  const [row] = await room.prisma.$queryRaw<{ times_redeemed: number }[]>`
    SELECT times_redeemed FROM invoicing.coupon WHERE id = ${id}`;
  return row?.times_redeemed ?? -1;
};
const totals = async (customerId: string): Promise<readonly unknown[]> =>
  (await room.invoices(customerId)).map(({ total }) => total);

test('a coupon of a new subscription takes half off for two months, of fees from the first day, of usage to the last', async () => {
  await room.customer('org_new');
  await coupon('half', { months: 2 });
  room.plan('both', { prices: [seats, calls] });
  const made = await room.subscribe('org_new', 'both', { coupon_redemption_code: 'CODE_half' });
  const dates = { start_date: '2026-03-01T00:00:00.000Z', end_date: '2026-05-01T00:00:00.000Z' };
  expect(made).toMatchObject({
    redeemed_coupon: { coupon_id: 'half', ...dates },
    adjustment_intervals: [{ ...dates, adjustment: { percentage_discount: 0.5 } }],
  });
  for (const month of ['03', '04', '05']) room.use('org_new', `2026-${month}-10T00:00:00Z`, '10');
  await room.jump(at('2026-06-01T12:00:00Z'));
  // Fees: March and April halved; usage: what falls due on April 1 and May 1 halved.
  expect(await totals('org_new')).toEqual(['41.00', '36.00', '20.50', '15.50']);
  expect(await timesOf('half')).toBe(1);
});

test('an amount is taken off an invoice once, though it holds usage of one month and the fee of the next', async () => {
  await room.customer('org_amount');
  await coupon('forty', { type: 'amount', discount: '40' });
  room.plan('amount', { prices: [seats, calls] });
  await room.subscribe('org_amount', 'amount', { coupon_redemption_code: 'CODE_forty' });
  room.use('org_amount', '2026-03-10T00:00:00Z', '20');
  await room.jump(at('2026-04-01T12:00:00Z'));
  // 31 of the fee, 9 of the usage.
  expect(await totals('org_amount')).toEqual(['11.00', '0.00']);
});

test('a running subscription redeems from a day on; a second coupon, a used up and an archived one are refused', async () => {
  for (const id of ['org_a', 'org_b']) await room.customer(id);
  await coupon('once', { max: 1, months: 1 });
  await coupon('other');
  await coupon('gone', { archived: '2026-01-01' });
  room.plan('run', { prices: [seats] });
  const a = await room.subscribe('org_a', 'run');
  const b = await room.subscribe('org_b', 'run');
  const redeem = (id: string, body: Fields) => ({ path: { subscription_id: id }, body });
  const dated = { change_option: 'requested_date', change_date: '2026-04-15' };
  const shown = await room.ask('redeem-coupon', redeem(a.id, { coupon_id: 'once', ...dated }));
  expect(shown['redeemed_coupon']).toMatchObject({ start_date: '2026-04-15T00:00:00.000Z' });
  for (const [id, body, told] of [
    [b.id, { coupon_id: 'once', ...dated }, '400 Coupon once was redeemed 1 times'],
    [a.id, { coupon_id: 'other', ...dated }, '400 Coupon once counts then'],
    [b.id, { coupon_id: 'gone', change_option: 'immediate' }, '400 Coupon gone is archived'],
    [b.id, { coupon_redemption_code: 'CODE_gone', change_option: 'immediate' }, '404 '],
    [b.id, { coupon_id: 'nothing', change_option: 'immediate' }, '404 '],
    [b.id, { change_option: 'immediate' }, '400 coupon_id: give either'],
    [
      b.id,
      { coupon_id: 'other', change_option: 'requested_date' },
      '400 change_date: must be given',
    ],
    [
      b.id,
      { coupon_id: 'other', ...dated, change_date: '2026-01-01' },
      '400 change_date: must not',
    ],
  ] as const) {
    expect(await room.refused('redeem-coupon', redeem(id, body))).toContain(told);
  }
  const body = { customer_id: 'org_b', plan_id: 'run', coupon_redemption_code: 'CODE_once' };
  expect(await room.refused('create-subscription', { body })).toContain('400 Coupon once was');
  await room.jump(at('2026-06-01T00:00:00Z'));
  expect(await totals('org_a')).toEqual(['31.00', '15.50', '31.00', '31.00']);
  const path = { coupon_id: 'once' };
  const page = await room.ask('list-coupon-subscriptions', { path });
  expect(page['data']).toMatchObject([{ id: a.id }]);
  expect(await room.refused('list-coupon-subscriptions', { path: { coupon_id: 'x' } })).toMatch(
    /^404/,
  );
});

test('two that race for the last redemption: one has it', async () => {
  await coupon('last', { max: 1 });
  room.plan('race', { prices: [seats] });
  const ids = await Promise.all(
    ['org_r1', 'org_r2', 'org_r3'].map(async (customer) => {
      await room.customer(customer);
      return (await room.subscribe(customer, 'race')).id;
    }),
  );
  const answers = await Promise.all(
    ids.map((id) =>
      room.call('redeem-coupon', {
        path: { subscription_id: id },
        body: { coupon_id: 'last', change_option: 'immediate' },
      }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  expect(await timesOf('last')).toBe(1);
});

test('a planned plan that is taken back gives its coupon back, keeps what was changed since and the cancellation', async () => {
  await room.customer('org_back');
  await coupon('plan_coupon', { max: 1 });
  room.plan('one', { prices: [seats] });
  room.plan('two', { prices: [priceOf({ id: 'two', unit_config: { unit_amount: '62.00' } })] });
  const { id } = await room.subscribe('org_back', 'one');
  const path = { subscription_id: id };
  const change = {
    ...{ plan_id: 'two', change_option: 'requested_date', change_date: '2026-05-01' },
    coupon_redemption_code: 'CODE_plan_coupon',
  };
  await room.ask('schedule-plan-change', { path, body: change });
  expect(await timesOf('plan_coupon')).toBe(1);
  await room.ask('update-fixed-fee-quantity', {
    path,
    body: { price_id: 'seats', quantity: 3, effective_date: '2026-04-01' },
  });
  const back = await room.ask('unschedule-plan-change', { path });
  expect(back).toMatchObject({ plan: { id: 'one' }, redeemed_coupon: null, end_date: null });
  expect(back['price_intervals']).toMatchObject([{ end_date: null, price: { id: 'seats' } }]);
  expect(await timesOf('plan_coupon')).toBe(0);
  expect(await room.refused('unschedule-plan-change', { path })).toContain('No change');
  // Again, and then replaced by an earlier one: the coupon is given back, too.
  await room.ask('schedule-plan-change', { path, body: change });
  const { coupon_redemption_code: code, ...plain } = change;
  expect(code).toBe('CODE_plan_coupon');
  await room.ask('schedule-plan-change', { path, body: { ...plain, change_date: '2026-04-15' } });
  expect(await timesOf('plan_coupon')).toBe(0);
  await room.jump(at('2026-05-01T00:00:00Z'));
  // Three seats for 14 of 30 days of April and the new plan for the rest of it.
  expect(await totals('org_back')).toEqual(['62.00', '33.07', '43.40', '31.00']);
});
