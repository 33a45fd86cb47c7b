// Goal: usage that is counted from ClickHouse is, digit for digit, what PostgreSQL counts: every form of a metric over
// ten thousand events with duplicates, late ones and corrections, whatever of them is copied already.
import { OrbitError, type UsageDefinition, type UsageWindow } from '@orbit/contracts';
import {
  clickHouseServer,
  createTestDatabase,
  eventually,
  seededRandom,
  uniqueId,
  type ClickHouseTestServer,
  type TestDatabase,
} from '@orbit/testing';
import type { AcceptedEvent } from '../events/domain/usage-event.js';
import { usageUnderTest } from './usage-fixture.js';

const METRICS = [
  'SELECT COUNT(*) FROM events',
  'SELECT COUNT(x) FROM events',
  'SELECT SUM(x) FROM events',
  'SELECT SUM(x * 1.1 - y / 3) FROM events',
  'SELECT SUM(x) FILTER (WHERE y > 2) - MIN(y) FROM events',
  'SELECT AVG(y) FROM events',
  "SELECT MIN(x) FROM events WHERE region <> 'ap'",
  'SELECT MAX(x * y) FROM events',
  'SELECT COUNT(DISTINCT x) FROM events',
  "SELECT COUNT(DISTINCT lower(region)) FROM events WHERE event_name = 'call'",
  'SELECT LATEST(x) FROM events',
  'SELECT percentile_cont(0.37) WITHIN GROUP (ORDER BY x) FROM events',
  'SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY y) FROM events',
  'SELECT WEIGHTED_SUM(x) FROM events',
  "SELECT SUM(CASE WHEN region = 'eu' THEN x::numeric * 2 WHEN region IS NULL THEN 1 ELSE -x END) FROM events",
  'SELECT SUM(large * large * large) FROM events',
];
const START = Date.UTC(2026, 3, 1);
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const EVENTS = 10_000;
const random = seededRandom();
type Customers = readonly [string, ...string[]];

describe('the stores', () => {
  let databases: readonly [TestDatabase, TestDatabase];
  let server: ClickHouseTestServer | null;
  let postgres: ReturnType<typeof usageUnderTest>;
  let clickhouse: ReturnType<typeof usageUnderTest>;

  beforeAll(async () => {
    databases = [await createTestDatabase(), await createTestDatabase()];
    server = await clickHouseServer();
    if (!server) return;
    postgres = usageUnderTest(databases[0]);
    const access = { database: 'orbit', user: 'default', password: '' };
    clickhouse = usageUnderTest(databases[1], { url: server.url, ...access });
    await eventually(() => postgres.sql.query('SELECT 1'));
    await eventually(() => clickhouse.sql.query('SELECT 1'));
    await clickhouse.switching.use('clickhouse');
  });
  afterAll(async () => {
    if (server) {
      await postgres.pool.end();
      await clickhouse.close();
      await server.stop();
    }
    for (const database of databases) await database.drop();
  });

  const both = () => [postgres, clickhouse];

  const eventOf = (accountId: string, customers: Customers): AcceptedEvent => ({
    ...{ accountId, customerId: random.pick(customers), externalCustomerId: null },
    eventName: random.pick(['call', 'call', 'message']),
    idempotencyKey: uniqueId(random.pick(['key', 'Schlüssel', '鍵', '🔑'])),
    // Several at one instant, so that the key decides which is the latest.
    timestampMs: START + random.integer(0, 2_000) * 129_600 + random.integer(0, 3),
    properties: {
      x: random.pick<string | number | boolean>([
        random.integer(-50, 400),
        `${random.integer(0, 99)}.${random.integer(0, 99)}5`,
        ...[0.000001, '12345678901234567890.000000000000000001', '1e3', 'none', true, ''],
      ]),
      y: random.integer(0, 7),
      large: random.integer(1, 9) * 1e11,
      ...(random.chance(0.9) ? { region: random.pick(['eu', 'EU', 'us', 'ap', "o'brien\\"]) } : {}),
    },
  });
  const windowOf = (fromMs: number, toMs: number): UsageWindow => ({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
  });
  const WINDOWS = [
    windowOf(START, START + 3 * DAY_MS),
    windowOf(START + 1, START + DAY_MS + 17 * 60_000 + 1),
    windowOf(START + DAY_MS, START + 2 * DAY_MS),
    windowOf(START + 5 * HOUR_MS, START + 5 * HOUR_MS + 1),
    windowOf(START - DAY_MS, START),
    ...Array.from({ length: 2 }, (_, hour) =>
      windowOf(START + hour * HOUR_MS, START + (hour + 1) * HOUR_MS),
    ),
  ];

  async function definitionsOf(accountId: string): Promise<readonly UsageDefinition[]> {
    const definitions: UsageDefinition[] = [];
    for (const text of METRICS) {
      const [metric_id = ''] = await Promise.all(
        both().map((each) => each.makeMetric(accountId, text)),
      );
      definitions.push({ metric_id, filter: null, grouping_keys: [] });
      if (definitions.length % 3 > 0) continue;
      const filter = "region IN ('eu', 'us') AND y <> 3";
      definitions.push({ metric_id, filter, grouping_keys: ['region'] });
    }
    const [metric_id = ''] = await Promise.all(
      both().map((each) =>
        each.makeMetric(accountId, "SELECT SUM(x * PARAMETER('factor', 2)) FROM events"),
      ),
    );
    definitions.push({ metric_id, filter: null, grouping_keys: [], parameters: { factor: 0.5 } });
    return definitions;
  }

  it(`agree on every form over ${EVENTS.toLocaleString('en-US')} events (ORBIT_SEED=${random.seed})`, async () => {
    if (!server) return;
    const accountId = uniqueId('acct');
    const customers: Customers = [uniqueId('org'), uniqueId('org'), uniqueId('org')];
    const definitions = await definitionsOf(accountId);
    const ask = (usage: typeof postgres) =>
      usage.counting.usage({
        ...{ account_id: accountId, customer_ids: customers, definitions, windows: WINDOWS },
        is_lasting: true,
      });
    const expectAgreement = async (): Promise<void> => {
      const [ours, theirs] = [await ask(clickhouse), await ask(postgres)];
      expect(ours.faults).toEqual([]);
      expect(ours).toEqual(theirs);
    };
    const sent: AcceptedEvent[] = [];
    const again = () => sent[random.integer(0, sent.length - 1)] ?? eventOf(accountId, customers);
    const send = async (count: number): Promise<void> => {
      const set = Array.from({ length: count }, () =>
        random.chance(0.2) ? again() : eventOf(accountId, customers),
      );
      sent.push(...set);
      for (const usage of both()) await usage.ingest(set);
    };
    const correct = async (count: number): Promise<void> => {
      const known = new Map(postgres.stored().map((event) => [event.idempotencyKey, event]));
      for (const event of random.shuffle(clickhouse.stored()).slice(0, count)) {
        const twin = known.get(event.idempotencyKey);
        if (!twin) continue;
        const properties = random.chance(0.6) ? eventOf(accountId, customers).properties : null;
        await clickhouse.correct(event, properties);
        await postgres.correct(twin, properties);
      }
    };
    await send(EVENTS / 10);
    // Nothing is copied yet, and no rollup is filled.
    await expectAgreement();
    await clickhouse.copy();
    await postgres.fills.run(10_000);
    await send((EVENTS * 7) / 10);
    await correct(60);
    await clickhouse.copy();
    await send(EVENTS / 5);
    await correct(60);
    // The copy lacks the last fifth, and has events that are gone.
    await expectAgreement();
    await clickhouse.copy();
    await postgres.fills.run(10_000);
    await expectAgreement();
    expect(clickhouse.anew).toEqual([]);
  }, 300_000);

  describe('one customer', () => {
    const question = async (customer: string, accountId: string) => {
      const metric_id = await clickhouse.makeMetric(accountId, 'SELECT SUM(y) FROM events');
      const definitions = [{ metric_id, filter: null, grouping_keys: [] }];
      const windows = [windowOf(START, START + 10 * DAY_MS)];
      return { account_id: accountId, customer_ids: [customer], definitions, windows };
    };
    const quantityOf = async (asked: Awaited<ReturnType<typeof question>>) =>
      (await clickhouse.counting.usage(asked)).results[0]?.windows[0]?.groups[0];
    const expected = (accountId: string): object => {
      const stored = clickhouse.stored().filter((event) => event.accountId === accountId);
      const sum = stored.reduce((total, { properties }) => total + Number(properties['y']), 0);
      return { quantity: String(sum), event_count: stored.length };
    };

    it('is counted once, however often its events go and come back', async () => {
      if (!server) return;
      const [accountId, customer] = [uniqueId('acct'), uniqueId('org')];
      const asked = await question(customer, accountId);
      await clickhouse.ingest(Array.from({ length: 20 }, () => eventOf(accountId, [customer])));
      await clickhouse.counting.usage(asked);
      const events = clickhouse.stored().filter((event) => event.accountId === accountId);
      for (const copies of [true, false, true]) {
        for (const event of events.slice(0, 7)) await clickhouse.setCounting(event, false);
        if (copies) await clickhouse.copy();
        expect(await quantityOf(asked)).toMatchObject(expected(accountId));
        for (const event of events.slice(0, 7)) await clickhouse.setCounting(event, true);
        expect(await quantityOf(asked)).toMatchObject(expected(accountId));
        await clickhouse.copy();
        expect(await quantityOf(asked)).toMatchObject(expected(accountId));
      }
    });

    it('is counted once where the answer to a block was lost, at either of its inserts', async () => {
      if (!server || !clickhouse.server) return;
      const [accountId, customer] = [uniqueId('acct'), uniqueId('org')];
      const asked = await question(customer, accountId);
      await clickhouse.ingest([eventOf(accountId, [customer])]);
      await clickhouse.counting.usage(asked);
      await clickhouse.copy();
      await clickhouse.ingest(Array.from({ length: 20 }, () => eventOf(accountId, [customer])));
      const [theServer, anewBefore] = [clickhouse.server, clickhouse.anew.length];
      const insert = theServer.insert.bind(theServer);
      let calls = 0;
      theServer.insert = async (...rows) => {
        await insert(...rows);
        // Of the events at the first try, of their values at the second.
        if ([1, 3].includes(++calls)) throw new OrbitError('unavailable', 'lost');
      };
      for (const _ of [1, 2]) {
        await expect(clickhouse.copy()).rejects.toMatchObject({ message: 'lost' });
        expect(await quantityOf(asked)).toMatchObject(expected(accountId));
      }
      await clickhouse.copy();
      theServer.insert = insert;
      expect(await quantityOf(asked)).toMatchObject(expected(accountId));
      expect(clickhouse.anew).toHaveLength(anewBefore);
    });

    it('loses nothing while ClickHouse is unavailable, and is copied anew where it lost its tables', async () => {
      if (!server) return;
      const [accountId, customer] = [uniqueId('acct'), uniqueId('org')];
      const asked = await question(customer, accountId);
      const send = () =>
        clickhouse.ingest(Array.from({ length: 20 }, () => eventOf(accountId, [customer])));
      await send();
      await clickhouse.counting.usage(asked);
      await clickhouse.copy();
      await server.kill();
      await send();
      await expect(clickhouse.copy()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(clickhouse.counting.usage(asked)).rejects.toMatchObject({ code: 'unavailable' });
      await server.restart();
      await eventually(async () =>
        expect(await quantityOf(asked)).toMatchObject(expected(accountId)),
      );
      await clickhouse.copy();
      expect(await quantityOf(asked)).toMatchObject(expected(accountId));
      const anewBefore = clickhouse.anew.length;

      await server.kill();
      await server.restart('empty');
      await send();
      await eventually(() => clickhouse.copy());
      expect(clickhouse.anew).toHaveLength(anewBefore + 1);
      await clickhouse.copy();
      expect(await quantityOf(asked)).toMatchObject(expected(accountId));
    });

    it('is stored by no process that is set to another store, and counted after each change of it', async () => {
      if (!server) return;
      const [accountId, customer] = [uniqueId('acct'), uniqueId('org')];
      const asked = await question(customer, accountId);
      const one = () => clickhouse.ingest([eventOf(accountId, [customer])]);
      await one();
      await clickhouse.switching.use('postgres');
      await expect(one()).rejects.toThrow('USAGE_STORE is clickhouse here');
      expect(clickhouse.stored().filter((event) => event.accountId === accountId)).toHaveLength(1);
      await expect(quantityOf(asked)).rejects.toMatchObject({ code: 'unavailable' });
      await clickhouse.switching.use('clickhouse');
      await one();
      expect(await quantityOf(asked)).toMatchObject(expected(accountId));
      await clickhouse.copy();
      expect(await quantityOf(asked)).toMatchObject(expected(accountId));
    });
  });
});
