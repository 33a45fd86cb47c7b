// Goal: whatever zone and style an administrator gives database and roles, an instant is the same when it is
// written, compared and read, over Prisma as over pg.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ownSessions, type SessionSetting } from '@orbit/runtime';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { createPrisma } from './create-prisma.js';

const ROLE = 'orbit_usage_metering';
const LATE = new Date('2026-05-16T23:59:30.125Z');
let database: TestDatabase;
let name: string;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  name = new URL(database.adminUrl).pathname.slice(1);
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});
afterEach(async () => {
  await admin.query(
    `ALTER DATABASE ${name} RESET ALL; ALTER ROLE ${ROLE} IN DATABASE ${name} RESET ALL`,
  );
  await admin.query('TRUNCATE usage_metering.metered_charge');
});
afterAll(async () => {
  await admin?.end();
  await database?.drop();
});

const DATABASE_SETS = (settings: string): string => `ALTER DATABASE ${name} SET ${settings}`;
const ROLE_SETS = (settings: string): string =>
  `ALTER ROLE ${ROLE} IN DATABASE ${name} SET ${settings}`;

test.each([
  ['east', 'Pacific/Auckland', '2026-05-17 11:59:30.125+12'],
  ['west', 'America/Los_Angeles', '2026-05-16 16:59:30.125-07'],
  ['half an hour', 'Asia/Kolkata', '2026-05-17 05:29:30.125+05:30'],
])('an instant written and read by Prisma stays itself: %s, %s', async (_, zone, local) => {
  for (const sets of [DATABASE_SETS, ROLE_SETS]) {
    await admin.query(sets(`timezone TO '${zone}'`));
    const prisma = createPrisma(database.urlFor(ROLE), { poolSizeMax: 1 });
    const chargeId = `${zone} ${sets.name}`;
    const key = { organizationId_chargeId: { organizationId: 'org_zone', chargeId } };
    const row = {
      ...{ organizationId: 'org_zone', chargeId, channel: 'sms', currency: 'USD', quantity: 1n },
      ...{ amountMicros: 7_500n, occurredAt: LATE, postedAt: LATE },
    };
    await prisma.meteredCharge.create({ data: row });
    const read = await prisma.meteredCharge.findUniqueOrThrow({ where: key });
    expect(read.occurredAt).toEqual(LATE);
    const raw = await prisma.$queryRaw<{ at: Date; day: Date }[]>`
      SELECT occurred_at AS at, occurred_at::date AS day FROM usage_metering.metered_charge
      WHERE charge_id = ${chargeId} AND occurred_at = ${LATE}`;
    expect(raw).toEqual([{ at: LATE, day: new Date('2026-05-16') }]);
    await prisma.$disconnect();
    // Not both moved by the same hours: the row itself holds the instant.
    const { rows } = await admin.query<{ at: Date }>(
      'SELECT occurred_at AS at FROM usage_metering.metered_charge WHERE charge_id = $1 AND occurred_at = $2',
      [chargeId, local],
    );
    expect(rows).toEqual([{ at: LATE }]);
  }
});

test('no style that a database, a role or the URL asks for reaches a session', async () => {
  await admin.query(DATABASE_SETS(`datestyle TO 'German'`));
  await admin.query(DATABASE_SETS(`timezone TO 'Asia/Tokyo'`));
  await admin.query(ROLE_SETS(`intervalstyle TO 'iso_8601'`));
  await admin.query(ROLE_SETS(`default_transaction_isolation TO 'serializable'`));
  await admin.query(ROLE_SETS(`array_nulls TO off`));
  await admin.query(ROLE_SETS(`bytea_output TO 'escape'`));
  const url = new URL(database.urlFor(ROLE));
  url.searchParams.set('options', '-c TimeZone=Asia/Kathmandu');
  const replaced: SessionSetting[] = [];
  const pool = new pg.Pool({
    ...ownSessions((settings) => replaced.push(...settings)),
    ...{ connectionString: url.href, max: 1 },
  });
  const { rows } = await pool.query(
    `SELECT current_setting('TimeZone') AS zone, current_setting('DateStyle') AS style, $1::timestamptz AS at,
       $1::timestamptz::text AS text, '36 hours'::interval::text AS span, ARRAY[1::integer, NULL] AS list,
       current_setting('transaction_isolation') AS isolation, '\\x00ff'::bytea::text AS bytes`,
    [LATE],
  );
  await pool.end();
  expect(rows).toEqual([
    {
      ...{ zone: 'UTC', style: 'ISO, MDY', at: LATE, text: '2026-05-16 23:59:30.125+00' },
      ...{ span: '36:00:00', list: [1, null], isolation: 'read committed', bytes: '\\x00ff' },
    },
  ]);
  // Those that PgBouncer would refuse in the startup message.
  expect(replaced.map((setting) => setting.name).sort()).toEqual([
    'array_nulls',
    'bytea_output',
    'default_transaction_isolation',
  ]);
});

test('every column that holds a time holds an instant', async () => {
  const { rows } = await admin.query(
    `SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
       AND data_type IN ('timestamp without time zone', 'time without time zone', 'time with time zone')`,
  );
  expect(rows).toEqual([]);
});
