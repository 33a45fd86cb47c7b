// Goal: kill -9 at each step of a batch of usage events, with duplicates and corrections, loses nothing and counts
// nothing twice. Method: a process of its own stores a batch and dies where it is told to, at each step; then the
// batch comes again, as Kafka and callers repeat it. What is stored is held against what was accepted.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OrbCall } from '@orbit/contracts';
import type { UsageIngested } from '@orbit/events';
import { createTestDatabase, seededRandom, type TestDatabase } from '@orbit/testing';
import { spawn } from 'node:child_process';
import path from 'node:path';
import pg from 'pg';
import { usageUnderTest } from '../../../apps/usage-metering/src/aggregation/usage-fixture.js';
import {
  FAIL_POINTS,
  type FailPointName,
} from '../../../apps/usage-metering/src/events/adapters/fail-points.js';
import { meteringParts } from './metering-parts.mjs';
import { eventId, usageFacts } from './usage-facts.mjs';

const ACCOUNT = 'acct_kills';
const NOW_MS = Date.parse('2026-11-30T12:30:00.000Z');
const METRICS = [
  'SELECT SUM(seconds) FROM events',
  'SELECT MAX(seconds) FROM events',
  "SELECT COUNT(DISTINCT carrier) FROM events WHERE country = '44'",
];
const BATCH = path.join(import.meta.dirname, 'metering-batch.mjs');
const LANES = 2;
const TWICE: readonly FailPointName[] = ['after_store', 'before_commit', 'after_commit'];

interface Accepted {
  readonly accountId: string;
  readonly key: string;
  readonly customerId: string;
  readonly eventName: string;
  readonly timestampMs: number;
  properties: Readonly<Record<string, string | number>>;
  isDeprecated: boolean;
}

const accepted = new Map<string, Accepted>();
const random = seededRandom(Number(process.env['ORBIT_SEED'] ?? 2026));
let database: TestDatabase;
let admin: pg.Pool;
let usage: ReturnType<typeof usageUnderTest>;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  usage = usageUnderTest(database);
  const metrics = await Promise.all(METRICS.map((text) => usage.makeMetric(ACCOUNT, text)));
  await usage.counting.usage({
    ...{ account_id: ACCOUNT, customer_ids: ['org_0'], is_lasting: true, windows: [] },
    definitions: metrics.map((metric_id) => ({
      ...{ metric_id, filter: null, grouping_keys: ['country'] },
    })),
  });
});
afterAll(async () => {
  await usage.pool.end();
  await admin.end();
  await database.drop();
});

const eventOf = (key: string) => ({
  idempotency_key: key,
  event_name: 'call',
  timestamp: new Date(NOW_MS - random.integer(0, 6 * 3_600_000)).toISOString(),
  properties: {
    seconds: random.integer(0, 99),
    country: random.pick(['44', '49']),
    carrier: random.pick(['a', 'b', 'c']),
  },
});

/** Of one customer; some of the events stand twice, in one message or in two. */
function messagesOf(customerId: string, name: string, count: number): readonly UsageIngested[] {
  const events = Array.from({ length: count }, (_, n) => eventOf(`${customerId}_${name}_${n}`));
  for (const event of events) {
    accepted.set(eventId(ACCOUNT, event.idempotency_key), {
      ...{ accountId: ACCOUNT, key: event.idempotency_key, customerId, eventName: 'call' },
      ...{ timestampMs: Date.parse(event.timestamp), properties: event.properties },
      isDeprecated: false,
    });
  }
  const message = (of: typeof events, isNamed: boolean): UsageIngested => ({
    account_id: ACCOUNT,
    customer_id: isNamed ? customerId : null,
    external_customer_id: isNamed ? null : `ext ${customerId}`,
    accepted_at: new Date(NOW_MS).toISOString(),
    events: of,
  });
  const half = count / 2;
  return [
    message([...events.slice(0, half), ...events.slice(0, 3)], true),
    message([...events.slice(half), ...events.slice(half - 5, half)], false),
  ];
}

const callOf = (customerId: string, key: string, body: OrbCall['body']): OrbCall => ({
  account: { id: ACCOUNT, mode: 'live', default_currency: 'USD', timezone: 'UTC' },
  customer: { id: customerId, external_customer_id: null },
  ...{ path: { event_id: key }, query: {}, body, idempotency: null },
});

/** An amendment and a deprecation of events that are stored already. */
function correctionsOf(customerId: string) {
  const amended = accepted.get(eventId(ACCOUNT, `${customerId}_old_0`));
  const deprecated = accepted.get(eventId(ACCOUNT, `${customerId}_old_1`));
  if (!amended || !deprecated) throw new Error('nothing to correct');
  amended.properties = { seconds: 1_000, country: '49', carrier: 'd' };
  deprecated.isDeprecated = true;
  const timestamp = new Date(amended.timestampMs).toISOString();
  const body = { event_name: 'call', timestamp, properties: amended.properties };
  return [
    { kind: 'amend', call: callOf(customerId, amended.key, { ...body, customer_id: customerId }) },
    { kind: 'deprecate', call: callOf(customerId, deprecated.key, {}) },
  ];
}

/** The signal that ended the process. */
function store(job: object): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [BATCH, JSON.stringify(job)], { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code !== null && code !== 0) reject(new Error(`the batch ended with code ${code}`));
      else resolve(signal);
    });
  });
}

async function dieAndRepeat(step: FailPointName): Promise<void> {
  const customerId = `org_${step}`;
  const databaseUrl = database.urlFor('orbit_usage_metering');
  const parts = meteringParts({ databaseUrl, nowMs: NOW_MS, failPoint: null });
  try {
    await parts.bare.run((sql: { query: (text: string, values: readonly string[]) => unknown }) =>
      Promise.resolve(
        sql.query(
          `INSERT INTO usage_metering.customer_name (account_id, external_customer_id, customer_id)
           VALUES ($1, $2, $3)`,
          [ACCOUNT, `ext ${customerId}`, customerId],
        ),
      ),
    );
    await parts.run({ messages: messagesOf(customerId, 'old', 4) });
    await usage.fills.run(1_000);
    const messages = messagesOf(customerId, 'new', 60);
    const job = { databaseUrl, nowMs: NOW_MS, messages, corrections: correctionsOf(customerId) };
    expect([step, await store({ ...job, failPoint: step })]).toEqual([step, 'SIGKILL']);
    // The corrections of the batch are done by now, or some of them: it dies at another one.
    if (TWICE.includes(step)) await store({ ...job, failPoint: `${step}:2` });
    await parts.run(job);
    await parts.run(job);
  } finally {
    await parts.end();
  }
}

test('usage-metering, killed at each step of a batch, has counted each accepted event once, and its rollups are the recount', async () => {
  const steps = [...FAIL_POINTS];
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let step = steps.shift(); step; step = steps.shift()) await dieAndRepeat(step);
    }),
  );
  await usage.fills.run(1_000);
  const facts = await usageFacts(admin, accepted);
  expect(Object.entries(facts).filter(([, examples]) => examples.length > 0)).toEqual([]);
  const counted = [...accepted.values()].filter(({ isDeprecated }) => !isDeprecated);
  const { rows } = await admin.query(
    'SELECT leaf_id, sum(sum)::int AS seconds, sum(events)::int AS events FROM usage_metering.usage_leaf_bucket GROUP BY 1 ORDER BY 1',
  );
  const seconds = counted.reduce((sum, { properties }) => sum + Number(properties['seconds']), 0);
  expect(rows).toContainEqual(expect.objectContaining({ seconds, events: counted.length }));
}, 480_000);

/** What a crash could leave behind, and the fact that must see it. */
test.each([
  [
    'UPDATE usage_metering.usage_leaf_bucket SET sum = sum + 1 WHERE bucket = (SELECT max(bucket) FROM usage_metering.usage_leaf_bucket)',
    'rollups that a recount does not find',
  ],
  [
    'DELETE FROM usage_metering.usage_key WHERE event_no = (SELECT max(event_no) FROM usage_metering.usage_key)',
    'keys that do not stand for their event',
  ],
  [
    "UPDATE usage_metering.usage_event SET state = 'visible' WHERE state = 'deprecated'",
    'events that count though they were deprecated',
  ],
  [
    'UPDATE usage_metering.usage_volume SET event_count = event_count + 1',
    'hours whose volume is not the number of their events',
  ],
  [
    "UPDATE usage_metering.usage_event SET fingerprint = 'c0ffee00-0000-0000-0000-000000000000' WHERE state = 'visible'",
    'events with another content than the last that was accepted',
  ],
])('the facts see %s', async (damage, fact) => {
  const client = await admin.connect();
  try {
    await client.query('BEGIN');
    await client.query(damage);
    const facts: Record<string, readonly unknown[]> = await usageFacts(client, accepted);
    expect(facts[fact]).not.toEqual([]);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});
