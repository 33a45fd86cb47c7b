// Goal: what happens in the life of a subscription is reported once, in its order; trials and ends move as asked.
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
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.webhook_endpoint
      (id, account_id, url, secret, may_be_private, payload_style, created_at)
    VALUES ('we_all', 'acct_a', 'https://example.test', 's', false, 'expanded', now())`;
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

const totals = async (customerId: string): Promise<readonly unknown[]> =>
  (await room.invoices(customerId)).map(({ total }) => total);
async function subscribed(customerId: string, plan = 'small', body: Fields = {}) {
  await room.customer(customerId);
  const { id } = await room.subscribe(customerId, plan, body);
  return { path: { subscription_id: id }, id };
}
async function factsOf(id: string): Promise<readonly (readonly [unknown, unknown])[]> {
  const rows = await room.prisma.$queryRaw<{ type: string; body: string }[]>`
    SELECT type, expanded_body::text AS body FROM invoicing.webhook_event
    WHERE object_id = ${id} ORDER BY sequence`;
  return rows.map(({ type, body }) => {
    const { properties } = JSON.parse(body) as { properties: unknown };
    return [type.replace('subscription.', ''), properties] as const;
  });
}

test('created, started, edited, planned, changed, cancelled, taken back, ended: each once, also when time jumps over all', async () => {
  await room.customer('org_life');
  const { id } = await room.subscribe('org_life', 'small', {
    ...{ start_date: '2026-03-10', trial_duration_days: 5 },
  });
  const path = { subscription_id: id };
  await room.ask('update-subscription', { path, body: { net_terms: 5, metadata: { a: 'b' } } });
  await room.jump(at('2026-03-20T00:00:00Z'));
  await room.ask('update-fixed-fee-quantity', {
    path,
    body: { price_id: 'small_fee', quantity: 2, effective_date: '2026-04-01' },
  });
  const dated = { change_option: 'requested_date', change_date: '2026-05-01' };
  await room.ask('schedule-plan-change', { path, body: { plan_id: 'large', ...dated } });
  await room.ask('cancel-subscription', {
    path,
    body: { cancel_option: 'requested_date', cancellation_date: '2026-08-01' },
  });
  await room.ask('unschedule-cancellation', { path });
  await room.ask('cancel-subscription', {
    path,
    body: { cancel_option: 'requested_date', cancellation_date: '2026-07-01' },
  });
  await room.jump(at('2026-12-01T00:00:00Z'));
  const day = (text: string): string => `2026-${text}T00:00:00.000Z`;
  expect(await factsOf(id)).toEqual([
    ['created', {}],
    ['edited', { previous_attributes: { net_terms: 14, metadata: {} } }],
    ['started', {}],
    ['trial_ended', {}],
    [
      'fixed_fee_quantity_updated',
      { price_id: 'small_fee', old_quantity: 1, new_quantity: 2, effective_date: day('04-01') },
    ],
    [
      'plan_change_scheduled',
      { change_date: day('05-01'), new_plan_id: 'large', previous_plan_id: 'small' },
    ],
    ['cancellation_scheduled', { cancellation_date: day('08-01') }],
    ['cancellation_unscheduled', { original_cancellation_date: day('08-01') }],
    ['cancellation_scheduled', { cancellation_date: day('07-01') }],
    ['plan_changed', { previous_plan_id: 'small' }],
    ['ended', {}],
  ]);
});

test('one that begins and is cancelled at one instant began and ended; one that never began only ended', async () => {
  const now = await subscribed('org_instant');
  await room.ask('cancel-subscription', { path: now.path, body: { cancel_option: 'immediate' } });
  expect((await factsOf(now.id)).map(([type]) => type)).toEqual(['created', 'started', 'ended']);
  const later = await subscribed('org_never', 'small', { start_date: '2026-06-01' });
  await room.ask('cancel-subscription', { path: later.path, body: { cancel_option: 'immediate' } });
  const told = async () => (await factsOf(later.id)).map(([type]) => type);
  expect(await told()).toEqual(['created', 'cancellation_scheduled']);
  await room.jump(at('2026-06-02T00:00:00Z'));
  expect(await told()).toEqual(['created', 'cancellation_scheduled', 'ended']);
});

test('a trial that is longer with shift moves the planned plan as far; without it everything else stays', async () => {
  room.plan('tried', {
    prices: [
      priceOf({ id: 'tried_fee', unit_config: { unit_amount: '31.00' } }),
      usagePriceOf({ id: 'tried_calls', unit_config: { unit_amount: '1.00' } }),
    ],
    trialDays: 14,
  });
  const { path } = await subscribed('org_shift', 'tried');
  const dated = { change_option: 'requested_date', change_date: '2026-04-01' };
  await room.ask('schedule-plan-change', { path, body: { plan_id: 'large', ...dated } });
  const update = (body: Fields) => room.ask('update-trial', { path, body });
  const shifted = await update({ trial_end_date: '2026-03-25', shift: true });
  expect(shifted).toMatchObject({
    trial_info: { end_date: '2026-03-25T00:00:00.000Z' },
    price_intervals: [
      {
        price: { id: 'tried_fee' },
        start_date: '2026-03-25T00:00:00.000Z',
        end_date: '2026-04-11T00:00:00.000Z',
      },
      { price: { id: 'tried_calls' }, end_date: '2026-03-25T00:00:00.000Z' },
      { price: { id: 'tried_calls' }, end_date: '2026-04-11T00:00:00.000Z' },
      { price: { id: 'large_fee' }, start_date: '2026-04-11T00:00:00.000Z' },
    ],
  });
  const back = await update({ trial_end_date: '2026-03-20' });
  expect(back['price_intervals']).toMatchObject([
    { start_date: '2026-03-20T00:00:00.000Z', end_date: '2026-04-11T00:00:00.000Z' },
    ...[{}, {}, { start_date: '2026-04-11T00:00:00.000Z' }],
  ]);
  const body = (trial_end_date: string) => ({ path, body: { trial_end_date } });
  expect(await room.refused('update-trial', body('2026-04-12'))).toMatch(
    /^400 trial_end_date: .*plan/,
  );
  expect(await room.refused('update-trial', body('2026-02-01'))).toMatch(/^400 trial_end_date/);
  // To its first day: there was no trial.
  await room.jump(at('2026-03-05T00:00:00Z'));
  const none = await update({ trial_end_date: '2026-03-01' });
  expect(none['price_intervals']).toHaveLength(3);
  expect(await totals('org_shift')).toEqual(['31.00']);
});

test('a later cancellation replaces an earlier one; a past one is refused once a later day was paid', async () => {
  const { path } = await subscribed('org_later');
  const cancel = (cancellation_date: string) => ({
    path,
    body: { cancel_option: 'requested_date', cancellation_date },
  });
  await room.ask('cancel-subscription', cancel('2026-04-01'));
  const later = await room.ask('cancel-subscription', cancel('2026-06-01'));
  expect(later).toMatchObject({
    end_date: '2026-06-01T00:00:00.000Z',
    price_intervals: [{ end_date: '2026-06-01T00:00:00.000Z' }],
  });
  await room.jump(at('2026-05-20T00:00:00Z'));
  const [may] = await room.invoices('org_later');
  const invoice = { invoice_id: String(may?.['id']) };
  const paid = { payment_received_date: '2026-05-02' };
  await room.ask('mark-invoice-as-paid', { path: invoice, body: paid });
  expect(await room.refused('cancel-subscription', cancel('2026-04-10'))).toBe(
    '400 cancellation_date: an invoice for a later day was paid already.',
  );
  expect(await room.refused('cancel-subscription', cancel('2026-02-10'))).toMatch(
    /^400 cancellation_date: must not be before the subscription begins/,
  );
  await room.ask('cancel-subscription', cancel('2026-05-11'));
  // 21 of the 31 days of May come back.
  const shown = await room.ask('fetch-subscription', { path });
  expect(shown).toMatchObject({ status: 'ended', customer: { balance: '21.00' } });
});

test('changes that race on one subscription happen one after the other, and none is lost', async () => {
  const { path } = await subscribed('org_many');
  const set = (quantity: number) =>
    room.call('update-fixed-fee-quantity', { path, body: { price_id: 'small_fee', quantity } });
  const cancel = () =>
    room.call('cancel-subscription', { path, body: { cancel_option: 'immediate' } });
  const quantities = await Promise.all([set(2), set(3), set(4)]);
  expect(quantities.map(({ status }) => status)).toEqual([200, 200, 200]);
  const ends = await Promise.all([cancel(), cancel(), set(-1)]);
  expect(ends.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
});

test('the last days that a date can name are days as any other', async () => {
  const made = await room.customer('org_last').then(() =>
    room.call('create-subscription', {
      body: {
        ...{ customer_id: 'org_last', plan_id: 'small', start_date: '9999-12-20' },
        trial_duration_days: 5,
      },
    }),
  );
  expect(made.status).toBe(201);
  const { id } = JSON.parse(made.body ?? '{}') as { id: string };
  const path = { subscription_id: id };
  for (const body of [
    { change_option: 'requested_date', change_date: '9999-12-31', plan_id: 'large' },
    { change_option: 'end_of_subscription_term', plan_id: 'large' },
  ]) {
    expect((await room.call('schedule-plan-change', { path, body })).status).toBe(200);
  }
});
