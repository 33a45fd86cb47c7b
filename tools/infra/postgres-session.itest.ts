// Goal: the tools, and whoever comes as a service's role, are in UTC whatever the database says.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SESSION_LIMITS } from '@orbit/runtime';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { OrbitClient, setRoleDefaults } from './postgres-session.mjs';

const ROLE = 'orbit_usage_metering';
let database: TestDatabase;
let name: string;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  name = new URL(database.adminUrl).pathname.slice(1);
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query(`ALTER DATABASE ${name} SET timezone TO 'Asia/Tokyo'`);
  await admin.query(`ALTER DATABASE ${name} SET datestyle TO 'German'`);
});
afterAll(async () => {
  await admin?.end();
  await database?.drop();
});

test('the role itself is in UTC, for sessions whose startup parameters somebody dropped', async () => {
  await setRoleDefaults(admin, ROLE, name);
  await setRoleDefaults(admin, ROLE, name);
  const plain = new pg.Client({ connectionString: database.urlFor(ROLE) });
  await plain.connect();
  const show = async (what: string): Promise<unknown> =>
    Object.values((await plain.query<object>(`SHOW ${what}`)).rows[0] ?? {})[0];
  expect([await show('timezone'), await show('datestyle')]).toEqual(['UTC', 'ISO, MDY']);
  for (const [setting, value] of Object.entries(SESSION_LIMITS)) {
    expect([setting, await show(setting)]).toEqual([setting, value]);
  }
  await plain.end();
});

test('the tools are in UTC as the services are', async () => {
  const client = new OrbitClient({ connectionString: database.adminUrl });
  await client.connect();
  expect((await client.query('SHOW timezone')).rows).toEqual([{ TimeZone: 'UTC' }]);
  await client.end();
});
