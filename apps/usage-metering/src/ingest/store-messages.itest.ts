// Goal: on a real database each key of an account counts once: duplicates within a message, over
// messages, at once on two consumers, and delivered again; followers are told exactly what became
// visible.
import type { UsageIngested } from '@orbit/events';
import { createTestDatabase, seededRandom, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { PostgresVolume } from '../events/adapters/postgres-volume.js';
import { PostgresUsageReader } from '../events/adapters/postgres-usage-reader.js';
import { fingerprintOf } from '../events/domain/fingerprint.js';
import type { UsageEvent } from '../events/domain/usage-event.js';
import type { Transactions, UsageChange } from '../events/domain/usage-store.js';
import {
  makeUsagePool,
  poolSession,
  PostgresTransactions,
} from '../events/adapters/postgres-sessions.js';
import { PostgresCustomerNames } from './adapters/postgres-customer-names.js';
import { PostgresKeyReader } from './adapters/postgres-key-reader.js';
import { PostgresUsageWriter } from './adapters/postgres-usage-writer.js';
import { StoreEvents } from './application/store-events.js';
import { StoreMessages } from './application/store-messages.js';

const NOW_MS = Date.parse('2026-11-30T12:30:00.000Z');
const clock = { nowMs: () => NOW_MS };
let database: TestDatabase;
let pool: pg.Pool;
let reader: PostgresUsageReader;
let keys: PostgresKeyReader;
let names: PostgresCustomerNames;
/** What followers were told, of transactions that committed or not. */
let changes: UsageChange[] = [];

const consumer = (): StoreMessages => {
  const transactions = new PostgresTransactions(pool);
  const follower = {
    apply: async (_sql: unknown, change: UsageChange) => void changes.push(change),
  };
  const writer = new PostgresUsageWriter(transactions, [new PostgresVolume(), follower]);
  names = new PostgresCustomerNames(transactions, [new PostgresVolume(), follower]);
  const backfills = { store: () => Promise.resolve(false) };
  const accountClock = { nowMs: () => Promise.resolve(NOW_MS) };
  return new StoreMessages(new StoreEvents(writer, clock), backfills, accountClock, clock);
};

beforeAll(async () => {
  database = await createTestDatabase();
  const databaseUrl = database.urlFor('orbit_usage_metering');
  pool = makeUsagePool({ databaseUrl, sizeMax: 6, logger: { warn: () => undefined } });
  reader = new PostgresUsageReader(poolSession(pool));
  keys = new PostgresKeyReader(poolSession(pool));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  changes = [];
});

const event = (key: string, change: object = {}): UsageIngested['events'][number] => ({
  idempotency_key: key,
  event_name: 'call',
  timestamp: '2026-11-30T12:00:00Z',
  properties: { n: 1 },
  ...change,
});
const message = (
  account: string,
  events: UsageIngested['events'],
  change: Partial<UsageIngested> = {},
): UsageIngested => ({
  account_id: account,
  customer_id: 'org_1',
  external_customer_id: null,
  accepted_at: '2026-11-30T12:30:00Z',
  events,
  ...change,
});
async function visible(accountId: string): Promise<readonly UsageEvent[]> {
  const bounds = { fromMs: Date.parse('2000-01-01'), toMs: Date.parse('2999-01-01') };
  const found: UsageEvent[] = [];
  for await (const page of reader.read({ accountId, ...bounds })) found.push(...page);
  return found;
}
const volume = async (accountId: string): Promise<number> => {
  const text = `SELECT coalesce(sum(event_count), 0)::integer AS count FROM usage_metering.usage_volume WHERE account_id = $1`;
  const { rows } = await pool.query<{ count: number }>(text, [accountId]);
  return rows[0]?.count ?? 0;
};

test('20 % duplicates over two consumers at once and every batch again: 1,000 keys are 1,000 events', async () => {
  const all = seededRandom().shuffle(
    Array.from({ length: 1_250 }, (_, i) => event(`k${i % 1_000}`)),
  );
  const batches = Array.from({ length: 50 }, (_, i) =>
    message('acct_two', all.slice(i * 25, i * 25 + 25)),
  );
  const [one, two] = [consumer(), consumer()];
  const run = async (of: StoreMessages, from: number): Promise<void> => {
    for (let i = 0; i < 50; i += 5) {
      await of.run(Array.from({ length: 5 }, (_, n) => batches[(from + i + n) % 50]!));
    }
  };
  // Each consumer reads every batch, the second one in another order: all of it is delivered twice.
  await Promise.all([run(one, 0), run(two, 27)]);
  const stored = await visible('acct_two');
  expect(stored).toHaveLength(1_000);
  expect(new Set(stored.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1_000);
  expect(changes.flatMap(({ added }) => added)).toHaveLength(1_000);
  expect(await volume('acct_two')).toBe(1_000);
});

test('the same key under two customers is one event, in whichever order they come; another account has its own', async () => {
  const store = consumer();
  await store.run([
    message('acct_a', [event('same')]),
    message('acct_a', [event('same')], { customer_id: 'org_2' }),
    message('acct_b', [event('same')]),
  ]);
  expect((await visible('acct_a')).map(({ customerId }) => customerId)).toEqual(['org_1']);
  expect(await visible('acct_b')).toHaveLength(1);
  expect(await keys.known('acct_a', ['same', 'other'])).toEqual(['same']);
});

test('events of an external id that nobody has wait for their customer, however the two meet', async () => {
  const store = consumer();
  const of = (key: string): UsageIngested =>
    message('acct_n', [event(key)], { customer_id: null, external_customer_id: 'ext 1' });
  await store.run([of('before')]);
  expect((await visible('acct_n')).map(({ customerId }) => customerId)).toEqual([null]);
  changes = [];
  const name = { accountId: 'acct_n', externalCustomerId: 'ext 1' };
  await Promise.all([
    names.name(name, 'org_9'),
    ...Array.from({ length: 10 }, (_, i) => consumer().run([of(`meanwhile ${i}`)])),
  ]);
  await store.run([of('after')]);
  const stored = await visible('acct_n');
  expect(stored.map(({ customerId }) => customerId)).toEqual(Array(12).fill('org_9'));
  const counted = (of9: string | null): number =>
    changes.flatMap(({ added }) => added).filter(({ customerId }) => customerId === of9).length -
    changes.flatMap(({ removed }) => removed).filter(({ customerId }) => customerId === of9).length;
  expect({ named: counted('org_9'), unnamed: counted(null) }).toEqual({ named: 12, unnamed: -1 });
  await names.free(name, 'org_other');
  await store.run([of('still')]);
  await names.free(name, 'org_9');
  await store.run([of('free')]);
  expect((await visible('acct_n')).map(({ customerId }) => customerId).slice(-2)).toEqual([
    'org_9',
    null,
  ]);
  expect(await volume('acct_n')).toBe(14);
});

test('numbers keep every digit, and text keeps its', async () => {
  const properties = {
    big: 1e21,
    small: 1e-7,
    sum: 0.1 + 0.2,
    text: '9007199254740993',
    yes: true,
  };
  await consumer().run([message('acct_d', [event('d', { properties })])]);
  expect((await visible('acct_d'))[0]?.properties).toEqual(properties);
  const { rows } = await pool.query<{ big: string; small: string; sum: string }>(
    `SELECT properties->>'big' AS big, properties->>'small' AS small, properties->>'sum' AS sum
     FROM usage_metering.usage_event WHERE account_id = 'acct_d'`,
  );
  const exact = { big: '1000000000000000000000', small: '0.0000001', sum: '0.30000000000000004' };
  expect(rows).toEqual([exact]);
});

test.each([
  ['neither name', {}, { customer_id: null }, 'invalid_value'],
  ['a late event', { timestamp: '2026-11-30T00:29:59.999Z' }, {}, 'out_of_window'],
  ['a future event', { timestamp: '2026-11-30T12:35:00.001Z' }, {}, 'out_of_window'],
  [
    'no word of when, and late',
    { timestamp: '2026-11-29T12:00:00Z' },
    { accepted_at: undefined },
    'out_of_window',
  ],
  ['19 decimals', { properties: { n: 1e-19 } }, {}, 'invalid_value'],
  ['39 digits', { properties: { n: 1e38 } }, {}, 'invalid_value'],
])(
  '%s: the message is refused whole, and others of its batch are stored',
  async (title, of, to, reason) => {
    const { accepted_at, ...rest } = message(
      title,
      [event('fine'), event('wrong', of)],
      to as object,
    );
    const bad = accepted_at === undefined ? rest : { ...rest, accepted_at };
    const refused = await consumer().run([bad, message(title, [event('other')])]);
    expect(refused).toMatchObject([{ at: 0, reason, detail: expect.any(String) }]);
    expect((await visible(title)).map(({ idempotencyKey }) => idempotencyKey)).toEqual(['other']);
  },
);

test('events at the very bounds of the window are taken; a key with two contents in one message is not', async () => {
  const refused = await consumer().run([
    message('acct_w', [
      event('oldest', { timestamp: '2026-11-30T00:30:00Z' }),
      event('newest', { timestamp: '2026-11-30T12:35:00Z' }),
      event('newest', { timestamp: '2026-11-30T12:35:00.000Z' }),
    ]),
    message('acct_w', [event('x'), event('x', { properties: { n: 2 } })]),
  ]);
  expect(refused).toMatchObject([{ at: 1, reason: 'conflicting_events' }]);
  expect(await visible('acct_w')).toHaveLength(2);
});

test.each([1, 2, 3, 4])(
  'a batch that dies at its statement %i leaves nothing behind, and counts once when it comes again',
  async (at) => {
    const account = `acct_k${at}`;
    const inner = new PostgresTransactions(pool);
    let left = at;
    const dying: Transactions = {
      run: (work) =>
        inner.run((sql) =>
          work({
            query: (text, values) => {
              if (--left === 0) throw new Error('killed');
              return sql.query(text, values);
            },
          }),
        ),
    };
    const writer = new PostgresUsageWriter(dying, [new PostgresVolume()]);
    const store = new StoreEvents(writer, clock);
    const unnamed = { customerId: null, externalCustomerId: 'ext' };
    const events = ['a', 'b', 'a'].map((idempotencyKey) => ({
      accountId: account,
      idempotencyKey,
      ...unnamed,
      eventName: 'call',
      timestampMs: NOW_MS,
      properties: { n: 1 },
    }));
    await expect(store.run([events])).rejects.toThrow('killed');
    expect([await visible(account), await volume(account)]).toEqual([[], 0]);
    expect(await keys.known(account, ['a', 'b'])).toEqual([]);
    await store.run([events]);
    await store.run([events]);
    expect([(await visible(account)).length, await volume(account)]).toEqual([2, 2]);
  },
);

test('strange texts, numbers and instants are stored as they came', async () => {
  const texts = [
    ...[
      'NULL',
      'null',
      '',
      '"',
      '\\',
      '\\"',
      '{,}',
      "'; DROP TABLE x; --",
      '$1',
      ' a\tb\nc\u0001 ',
    ],
    ...['constructor', 'toJSON', 'ü', '\u{1f600}'.repeat(512), 'k'.repeat(512)],
  ];
  const numbers = [0, -0, 1e21, 1e-18, 0.1, -123456789012345, 1e37];
  const instants = [
    '2000-01-01T00:00:00Z',
    '2998-12-31T23:59:59.999Z',
    '2024-02-29T23:59:59.9999Z',
  ];
  const properties = {
    ...Object.fromEntries(texts.map((text, at) => [text, at % 2 === 0 ? text : at])),
    ...Object.fromEntries(numbers.map((number) => [`n${number}`, number])),
    yes: true,
  };
  for (const [at, timestamp] of instants.entries()) {
    const keys = texts.filter((text) => text !== '').map((text) => `${text.slice(0, 510)}${at}`);
    const events = keys.map((key) =>
      event(key, { timestamp, event_name: key.slice(0, 98), properties }),
    );
    const name = { customer_id: null, external_customer_id: 'e"x\\{},' + '\u{1f600}'.repeat(200) };
    const accepted_at = timestamp;
    expect(
      await consumer().run([message(`acct_n${at}`, events, { ...name, accepted_at })]),
    ).toEqual([]);
    const found = await visible(`acct_n${at}`);
    expect(found.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual([...keys].sort());
    for (const one of found) {
      expect(one.properties).toEqual(JSON.parse(JSON.stringify(properties)));
      expect(one.timestampMs).toBe(Date.parse(timestamp));
      expect([one.customerId, one.externalCustomerId]).toEqual([null, name.external_customer_id]);
      expect(one.fingerprint).toBe(fingerprintOf(one));
    }
  }
});
