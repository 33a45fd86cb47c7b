// Goal: licenses of a subscription count by the days of the customer, one of an external id at a time.
import { priceOf } from '../timeline/domain/test-timeline.js';
import {
  at,
  subscriptionRoom,
  type Fields,
  type SubscriptionRoom,
} from '../orb-subscriptions/subscription-room-fixture.js';

const START = at('2026-03-01T12:00:00Z');
let room: SubscriptionRoom;
let subscriptionId = '';
beforeAll(async () => {
  room = await subscriptionRoom(START);
  room.plan('seats', { prices: [priceOf()] });
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.license_type (account_id, id, name, grouping_key, created_at)
    VALUES ('acct_a', 'lict_1', 'Seat', 'user_id', now())`;
  await room.customer('org_seats', { timezone: 'America/New_York' });
  ({ id: subscriptionId } = await room.subscribe('org_seats', 'seats'));
});
afterAll(() => room.drop());
beforeEach(() => {
  room.time.nowMs = START;
});

const give = (external_license_id: string, more: Fields = {}) => ({
  body: {
    ...{ subscription_id: subscriptionId, license_type_id: 'lict_1', external_license_id },
    ...more,
  },
});
const ofLicense = (license_id: string, body: Fields = {}) => ({ path: { license_id }, body });
const list = async (query: Fields = {}) => {
  const asked = { subscription_id: subscriptionId, ...query } as Record<string, string>;
  const page = await room.ask('list-licenses', { query: asked });
  return (page['data'] as Fields[]).map((one) => [one['external_license_id'], one['status']]);
};

test('a license begins with the day of the customer and ends with it, and its person gets another one later', async () => {
  const made = await room.ask('create-license', give('ann'));
  expect(made).toMatchObject({
    ...{ status: 'active', start_date: '2026-03-01T05:00:00.000Z', end_date: null },
    ...{ license_type_id: 'lict_1', external_license_id: 'ann', subscription_id: subscriptionId },
  });
  const ended = await room.ask('deactivate-license', ofLicense(made.id));
  expect(ended).toMatchObject({ status: 'active', end_date: '2026-03-02T05:00:00.000Z' });
  room.time.nowMs = at('2026-03-02T05:00:00Z');
  expect(await room.ask('fetch-license', { path: { license_id: made.id } })).toMatchObject({
    status: 'inactive',
  });
  expect(await room.refused('deactivate-license', ofLicense(made.id))).toMatch(/^400 .*already/);
  const again = await room.ask('create-license', give('ann', { start_date: '2026-03-05' }));
  expect(again).toMatchObject({ status: 'inactive', start_date: '2026-03-05T05:00:00.000Z' });
  const named = {
    path: { external_license_id: 'ann' },
    query: { subscription_id: subscriptionId, license_type_id: 'lict_1' },
  };
  room.time.nowMs = at('2026-03-06T00:00:00Z');
  expect(await room.ask('fetch-license-external-id', named)).toMatchObject({ id: again.id });
  await room.ask('create-license', give('bob', { end_date: '2026-04-01' }));
  expect(await list()).toEqual([
    ['bob', 'active'],
    ['ann', 'active'],
    ['ann', 'inactive'],
  ]);
  expect(await list({ status: 'inactive' })).toEqual([['ann', 'inactive']]);
  expect(await list({ external_license_id: 'bob', license_type_id: 'lict_1' })).toHaveLength(1);
});

test('what cannot be is refused, and two that race for one person: one has the license', async () => {
  for (const [operation, given, told] of [
    ['create-license', give(' '), '400 external_license_id'],
    ['create-license', give('c', { subscription_id: 'sub_no' }), '404'],
    ['create-license', give('c', { license_type_id: 'lict_no' }), '404'],
    ['create-license', give('c', { start_date: '2026-02-28' }), '400 start_date: must not'],
    ['create-license', give('c', { end_date: '2026-03-01' }), '400 end_date: must be after'],
    ['deactivate-license', ofLicense('lic_no'), '404'],
    ['fetch-license', ofLicense('lic_no'), '404'],
    ['list-licenses', { query: { subscription_id: 'sub_no' } }, '404'],
  ] as const) {
    const answer = await room.refused(operation, given);
    expect([answer.startsWith(told), answer]).toEqual([true, answer]);
  }
  const answers = await Promise.all([1, 2, 3].map(() => room.call('create-license', give('race'))));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400]);
  const [made] = answers.filter(({ status }) => status === 201);
  const { id } = JSON.parse(made?.body ?? '{}') as { id: string };
  const early = ofLicense(id, { end_date: '2026-02-01' });
  expect(await room.refused('deactivate-license', early)).toMatch(
    /^400 end_date: must not be before/,
  );
});
