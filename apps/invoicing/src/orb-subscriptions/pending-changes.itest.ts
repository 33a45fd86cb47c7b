// Goal: a pending change shows what it would do, changes nothing until it is applied, and is applied once.
import { priceOf } from '../timeline/domain/test-timeline.js';
import {
  at,
  subscriptionRoom,
  type Fields,
  type SubscriptionRoom,
} from './subscription-room-fixture.js';

const MARCH = at('2026-03-01T00:00:00Z');
const DAY_MS = 24 * 3_600_000;
let room: SubscriptionRoom;
beforeAll(async () => {
  room = await subscriptionRoom(MARCH);
  room.plan('small', {
    prices: [priceOf({ id: 'small_fee', unit_config: { unit_amount: '31.00' } })],
  });
  room.plan('large', {
    prices: [priceOf({ id: 'large_fee', unit_config: { unit_amount: '62.00' } })],
  });
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = MARCH;
});

async function subscribed(customerId: string) {
  await room.customer(customerId);
  const { id } = await room.subscribe(customerId, 'small');
  const path = { subscription_id: id };
  const toLarge = { path, body: { plan_id: 'large', change_option: 'immediate' } };
  return {
    id,
    path,
    toLarge,
    held: () => room.ask('schedule-plan-change', { ...toLarge, is_pending: true }),
  };
}
const changeIdOf = (shown: Fields): string =>
  (shown['pending_subscription_change'] as { id: string }).id;
const ofChange = (id: string, body: Fields = {}, more: Fields = {}) => ({
  path: { subscription_change_id: id },
  body,
  ...more,
});
const totals = async (customerId: string): Promise<readonly unknown[]> =>
  (await room.invoices(customerId)).map(({ total }) => total);

test('a plan change waits: it shows its invoices and credit notes, and nothing has changed until it is applied, once', async () => {
  const { id, path, held, toLarge } = await subscribed('org_hold');
  await room.jump(at('2026-03-16T00:00:00Z'));
  const answer = await held();
  expect(answer).toMatchObject({
    plan: { id: 'small' },
    price_intervals: [{ end_date: null }],
    changed_resources: {
      created_invoices: [{ total: '32.00', status: 'issued', is_payable_now: true }],
      created_credit_notes: [{ total: '16.00' }],
      ...{ voided_invoices: [], voided_credit_notes: [] },
    },
  });
  expect(await totals('org_hold')).toEqual(['31.00']);
  const fetched = await room.ask('fetch-subscription', { path });
  expect(fetched).toMatchObject({ plan: { id: 'small' }, pending_subscription_change: {} });
  const changeId = changeIdOf(fetched);
  const second = await room.refused('cancel-subscription', {
    ...{ path, is_pending: true },
    body: { cancel_option: 'immediate' },
  });
  expect(second).toBe(
    `400 The subscription has the pending change ${changeId}: apply or cancel it first.`,
  );
  const change = await room.ask('fetch-subscription-change', ofChange(changeId));
  expect(change).toMatchObject({
    ...{ status: 'pending', change_type: 'schedule_plan_change', change_option: 'immediate' },
    ...{ plan_id: 'large', expiration_time: '2026-03-17T00:00:00.000Z', applied_at: null },
    subscription: { plan: { id: 'large' }, changed_resources: { created_invoices: [{}] } },
  });
  const idempotency = { key: 'apply-once', request_hash: 'h' };
  const apply = () =>
    room.call('apply-subscription-change', ofChange(changeId, {}, { idempotency }));
  const first = await apply();
  const again = await apply();
  expect([first.status, again.body, again.is_replay]).toEqual([200, first.body, true]);
  expect(JSON.parse(first.body ?? '')).toMatchObject({
    ...{ status: 'applied', applied_at: '2026-03-16T00:00:00.000Z' },
    subscription: { id, plan: { id: 'large' }, pending_subscription_change: null },
  });
  expect(await totals('org_hold')).toEqual(['32.00', '31.00']);
  expect(await room.refused('apply-subscription-change', ofChange(changeId))).toMatch(
    /^400 .*applied/,
  );
  expect(await room.refused('cancel-subscription-change', ofChange(changeId))).toMatch(/^400 /);
  await room.ask('schedule-plan-change', { ...toLarge, is_pending: true });
});

test('one that is cancelled or has expired in account time is not applied, and makes room for another', async () => {
  const { held, path } = await subscribed('org_expire');
  const first = changeIdOf(await held());
  const cancelled = await room.ask('cancel-subscription-change', ofChange(first));
  expect(cancelled).toMatchObject({
    status: 'cancelled',
    cancelled_at: '2026-03-01T00:00:00.000Z',
  });
  const second = changeIdOf(await held());
  await room.jump(MARCH + DAY_MS - 1);
  expect(await room.ask('fetch-subscription-change', ofChange(second))).toMatchObject({
    status: 'pending',
  });
  await room.jump(MARCH + DAY_MS);
  expect(await room.refused('apply-subscription-change', ofChange(second))).toMatch(
    /^400 .*cancelled/,
  );
  const shown = await room.ask('fetch-subscription', { path });
  expect(shown).toMatchObject({ pending_subscription_change: null, plan: { id: 'small' } });
  const third = changeIdOf(await held());
  const list = async (query: Fields) => {
    const page = await room.ask('list-subscription-changes', {
      query: query as Record<string, string>,
    });
    return (page['data'] as Fields[]).map(({ id, status }) => [id, status]);
  };
  expect(await list({ customer_id: 'org_expire' })).toEqual([
    [third, 'pending'],
    [second, 'cancelled'],
    [first, 'cancelled'],
  ]);
  expect(await list({ external_customer_id: 'ext-org_expire', status: 'pending' })).toEqual([
    [third, 'pending'],
  ]);
  expect(await list({ customer_id: 'org_expire', status: 'applied' })).toEqual([]);
  expect(await room.refused('fetch-subscription-change', ofChange('subc_no'))).toMatch(/^404/);
});

test('a subscription that is to be made has its id beforehand; a payment made elsewhere marks its invoice as paid', async () => {
  await room.customer('org_made');
  const body = { customer_id: 'org_made', plan_id: 'small' };
  const held = await room.ask('create-subscription', { body, is_pending: true });
  expect(held).toMatchObject({ changed_resources: { created_invoices: [{ total: '31.00' }] } });
  const path = { subscription_id: held.id };
  expect(await room.refused('fetch-subscription', { path })).toMatch(/^404/);
  const [row] = (
    await room.ask('list-subscription-changes', { query: { customer_id: 'org_made' } })
  )['data'] as Fields[];
  expect(row).toMatchObject({ subscription_id: null });
  const id = changeIdOf(held);
  for (const [wrong, told] of [
    [{ previously_collected_amount: '-1' }, 'previously_collected_amount'],
    [{ payment_notes: 'x' }, 'payment_notes: goes with mark_as_paid'],
    [{ mark_as_paid: true, payment_received_date: '0000-01-01' }, 'payment_received_date'],
  ] as const) {
    expect(await room.refused('apply-subscription-change', ofChange(id, wrong))).toContain(told);
  }
  const payment = { mark_as_paid: true, previously_collected_amount: '40.00', description: 'cash' };
  const applied = await room.ask('apply-subscription-change', ofChange(id, payment));
  expect(applied).toMatchObject({ status: 'applied', subscription: { id: held.id } });
  expect(await room.invoices('org_made')).toMatchObject([{ status: 'paid', total: '31.00' }]);
  // 40 were collected, 31 were due.
  const shown = await room.ask('fetch-subscription', { path });
  expect(shown).toMatchObject({ customer: { balance: '9.00' } });
});

test('what was collected before without marking pays the invoices that the change issues', async () => {
  await room.customer('org_collected');
  const body = { customer_id: 'org_collected', plan_id: 'small' };
  const held = await room.ask('create-subscription', { body, is_pending: true });
  const collected = { previously_collected_amount: '31.00' };
  await room.ask('apply-subscription-change', ofChange(changeIdOf(held), collected));
  expect(await room.invoices('org_collected')).toMatchObject([
    { status: 'paid', amount_due: '0.00' },
  ]);
});

test('two that apply one change at the same time: it is carried out once', async () => {
  const { held } = await subscribed('org_race');
  await room.jump(at('2026-03-16T00:00:00Z'));
  const id = changeIdOf(await held());
  const answers = await Promise.all(
    [1, 2].map(() => room.call('apply-subscription-change', ofChange(id))),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  expect(await totals('org_race')).toEqual(['32.00', '31.00']);
});

test('two that ask for a pending change of one subscription at the same time: one waits, the other is refused', async () => {
  const { toLarge } = await subscribed('org_pair');
  const ask = () => room.call('schedule-plan-change', { ...toLarge, is_pending: true });
  const answers = await Promise.all([ask(), ask()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
});
