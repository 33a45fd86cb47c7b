// Goal: what each license is given for a period pays for its own usage while it counts, and nothing else does; the
// reads of license usage and the invoices say the same.
import { priceOf, usagePriceOf } from '../timeline/domain/test-timeline.js';
import {
  at,
  subscriptionRoom,
  type Fields,
  type SubscriptionRoom,
} from '../orb-subscriptions/subscription-room-fixture.js';

const START = at('2026-03-01T00:00:00Z');
const license_type = { id: 'lict_1', name: 'Seat', grouping_key: 'user_id' };
const SEATS = priceOf({
  ...{ id: 'price_seats', unit_config: { unit_amount: '20.00' }, fixed_price_quantity: 2 },
  license_type,
});
const CALLS = usagePriceOf({
  ...{ id: 'price_calls', unit_config: { unit_amount: '0.50' }, license_type },
});
const TEXTS = usagePriceOf({
  ...{ id: 'price_texts', name: 'Texts', unit_config: { unit_amount: '1.00' }, license_type },
});
const given = (writeOffOverage: boolean) => ({
  price_seats: [{ currency: 'USD', amount: '10', writeOffOverage }],
});

let room: SubscriptionRoom;
beforeAll(async () => {
  room = await subscriptionRoom(START);
  room.plan('team', { prices: [SEATS, CALLS], licenseAllocations: given(false) });
  room.plan('capped', { prices: [SEATS, CALLS], licenseAllocations: given(true) });
  room.plan('two', { prices: [SEATS, CALLS, TEXTS], licenseAllocations: given(false) });
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.license_type (account_id, id, name, grouping_key, created_at)
    VALUES ('acct_a', 'lict_1', 'Seat', 'user_id', now())`;
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = START;
});

const give = async (subscription_id: string, external_license_id: string, more: Fields = {}) => {
  const body = { subscription_id, license_type_id: 'lict_1', external_license_id, ...more };
  return (await room.ask('create-license', { body })).id;
};
const subscriber = async (customerId: string, plan: string): Promise<string> => {
  await room.customer(customerId);
  return (await room.subscribe(customerId, plan)).id;
};
/** Name, allocated, consumed, remaining, while it counted, while it did not. */
const rowsOf = (page: Fields) =>
  (page['data'] as Fields[]).map((row) => [
    ...[row['external_license_id'], row['allocated_credits'], row['consumed_credits']],
    ...[row['remaining_credits'], row['allocation_eligible_credits'], row['shared_pool_credits']],
  ]);
const usageOfType = (subscription_id: string, query: Fields = {}) =>
  room.ask('get-license-usage-by-type', {
    query: { subscription_id, license_type_id: 'lict_1', ...query } as Record<string, string>,
  });
/** Of the newest document: name, quantity and amount of each line. */
const linesOf = async (customerId: string): Promise<unknown[][]> => {
  const [newest] = await room.invoices(customerId);
  return (newest?.['line_items'] as Fields[]).map((line) => [
    ...[line['name'], line['quantity'], line['amount']],
  ]);
};

test('10 for each license: 15 used of it, 6 and 4 before it began, 1 of nobody: 10 of 26 are invoiced', async () => {
  const id = await subscriber('org_team', 'team');
  const ann = await give(id, 'ann');
  const bob = await give(id, 'bob', { start_date: '2026-03-16' });
  room.use('org_team', '2026-03-05T10:00:00Z', '30', 'ann');
  room.use('org_team', '2026-03-10T10:00:00Z', '8', 'bob');
  room.use('org_team', '2026-03-20T10:00:00Z', '12', 'bob');
  room.use('org_team', '2026-03-21T10:00:00Z', '2');
  room.time.nowMs = at('2026-03-25T00:00:00Z');
  const march = await usageOfType(id);
  expect(rowsOf(march)).toEqual([
    ['ann', 10, 15, -5, 15, 0],
    ['bob', 10, 10, 0, 6, 4],
  ]);
  expect((march['data'] as Fields[])[0]).toMatchObject({
    ...{ license_id: ann, subscription_id: id, license_type_id: 'lict_1', pricing_unit: 'USD' },
    ...{ start_date: '2026-03-01', end_date: '2026-04-01' },
  });
  const upcoming = await room.ask('fetch-upcoming-invoice', { query: { subscription_id: id } });
  expect(upcoming).toMatchObject({ total: '50.00' });
  await room.jump(at('2026-04-02T00:00:00Z'));
  expect(await linesOf('org_team')).toEqual([
    ['Seats', 2, '40.00'],
    ['Calls', 52, '10.00'],
  ]);
  // A new period, a new pool; the read of March stays what it was.
  room.use('org_team', '2026-04-01T10:00:00Z', '20', 'ann');
  expect(rowsOf(await usageOfType(id))).toEqual([
    ['ann', 10, 10, 0, 10, 0],
    ['bob', 10, 0, 10, 0, 0],
  ]);
  const dates = { start_date: '2026-03-01', end_date: '2026-04-01' };
  expect(rowsOf(await usageOfType(id, dates))).toEqual(rowsOf(march));
  const both = { start_date: '2026-03-01', end_date: '2026-05-01' };
  const of = { path: { license_id: bob }, query: both };
  expect(rowsOf(await room.ask('get-license-usage-by-id', of))).toEqual([
    ['bob', 20, 10, 10, 6, 4],
  ]);
  await room.jump(at('2026-05-02T00:00:00Z'));
  expect(await linesOf('org_team')).toContainEqual(['Calls', 20, '0.00']);
});

test('by day and by license; pages of two; what is not there or no group is refused', async () => {
  const id = await subscriber('org_days', 'team');
  const ann = await give(id, 'ann');
  await give(id, 'bob');
  room.use('org_days', '2026-03-02T10:00:00Z', '4', 'ann');
  room.use('org_days', '2026-03-02T11:00:00Z', '2', 'bob');
  room.use('org_days', '2026-03-03T00:00:00Z', '6', 'bob');
  room.time.nowMs = at('2026-03-04T00:00:00Z');
  const dates = { start_date: '2026-03-02', end_date: '2026-03-04' };
  expect(rowsOf(await usageOfType(id, { ...dates, group_by: 'day' }))).toEqual([
    [null, 20, 3, 17, 3, 0],
    [null, 20, 3, 17, 3, 0],
  ]);
  const grouped = { ...dates, group_by: 'license,day', limit: '2' };
  const first = await usageOfType(id, grouped);
  const { has_more, next_cursor } = first['pagination_metadata'] as Fields;
  const second = await usageOfType(id, { ...grouped, cursor: next_cursor });
  expect([has_more, ...rowsOf(first), ...rowsOf(second)]).toEqual([
    true,
    ['ann', 10, 2, 8, 2, 0],
    ['bob', 10, 1, 9, 1, 0],
    ['ann', 10, 0, 10, 0, 0],
    ['bob', 10, 3, 7, 3, 0],
  ]);
  expect(second['pagination_metadata']).toEqual({ has_more: false, next_cursor: null });
  const named = {
    path: { external_license_id: 'ann' },
    query: { subscription_id: id, license_type_id: 'lict_1' },
  };
  const running = await room.ask('get-license-usage-by-external-id', named);
  expect(rowsOf(running)).toEqual([['ann', 10, 2, 8, 2, 0]]);
  await room.ask('deactivate-license', {
    path: { license_id: ann },
    body: { end_date: '2026-03-04' },
  });
  expect(await room.refused('get-license-usage-by-external-id', named)).toMatch(/^404/);
  const by = { path: { license_id: ann } };
  expect(rowsOf(await room.ask('get-license-usage-by-id', by))).toEqual([['ann', 10, 2, 8, 2, 0]]);
  for (const [query, told] of [
    [{ group_by: 'week' }, '400 group_by'],
    [{ group_by: 'day,day' }, '400 group_by'],
    [{ start_date: '2026-03-04', end_date: '2026-03-04' }, '400 end_date: must be after'],
    [{ start_date: '2025-01-01' }, '400 end_date: must be at most a year'],
    [{ cursor: 'no' }, '400 cursor'],
  ] as const) {
    const answer = await room.refused('get-license-usage-by-id', { ...by, query });
    expect([answer.startsWith(told), answer]).toEqual([true, answer]);
  }
  for (const query of [
    { subscription_id: 'sub_no', license_type_id: 'lict_1' },
    { subscription_id: id, license_type_id: 'lict_no' },
  ]) {
    expect(await room.refused('get-license-usage-by-type', { query })).toMatch(/^404/);
  }
  expect(await room.refused('get-license-usage-by-id', { path: { license_id: 'no' } })).toMatch(
    /^404/,
  );
});

test('what is written off is not invoiced; one pool pays two prices, the first one first', async () => {
  const capped = await subscriber('org_capped', 'capped');
  await give(capped, 'ann');
  room.use('org_capped', '2026-03-05T10:00:00Z', '30', 'ann');
  room.use('org_capped', '2026-03-05T10:00:00Z', '3', 'carl');
  const two = await subscriber('org_two', 'two');
  await give(two, 'ann');
  // Of each price: both count the same events here.
  room.use('org_two', '2026-03-05T10:00:00Z', '16', 'ann');
  await room.jump(at('2026-04-02T00:00:00Z'));
  expect(await linesOf('org_capped')).toContainEqual(['Calls', 33, '1.50']);
  expect(await linesOf('org_two')).toEqual([
    ['Seats', 2, '40.00'],
    ['Calls', 16, '0.00'],
    ['Texts', 16, '14.00'],
  ]);
});

test('a license that begins in a billed month pays for it with the next document', async () => {
  const id = await subscriber('org_late', 'team');
  room.use('org_late', '2026-03-05T10:00:00Z', '10', 'ann');
  await room.jump(at('2026-04-02T00:00:00Z'));
  expect(await linesOf('org_late')).toContainEqual(['Calls', 10, '5.00']);
  await give(id, 'ann', { start_date: '2026-03-01' });
  await room.jump(at('2026-05-02T00:00:00Z'));
  const query = { customer_id: 'org_late' };
  const notes = (await room.ask('list-credit-notes', { query }))['data'] as Fields[];
  expect(notes).toMatchObject([{ total: '5.00', line_items: [{ name: 'Calls', amount: '5.00' }] }]);
});

test('a plan whose seats are paid by the year and usage by the month is refused', async () => {
  const yearly = { ...SEATS, cadence: 'annual' };
  room.plan('yearly', { prices: [yearly, CALLS], licenseAllocations: given(false) });
  await room.customer('org_yearly');
  const body = { customer_id: 'org_yearly', plan_id: 'yearly' };
  expect(await room.refused('create-subscription', { body })).toMatch(
    /^400 Calls: usage of licenses/,
  );
});
