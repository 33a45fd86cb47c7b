// Goal: the tools, and whoever comes as a service's role, are in UTC whatever the database says.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SESSION_LIMITS } from '@orbit/runtime';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { closeDatabase, OrbitClient, setRoleDefaults } from './postgres-session.mjs';

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

test('a closed database takes the roles it is for, nobody else, and no temporary tables', async () => {
  const may = async (role: string, privilege: string): Promise<unknown> => {
    const sql = 'SELECT has_database_privilege($1, $2, $3) AS may';
    return (await admin.query<{ may: boolean }>(sql, [role, name, privilege])).rows[0]?.may;
  };
  expect([await may('public', 'CONNECT'), await may(ROLE, 'TEMPORARY')]).toEqual([true, true]);
  await closeDatabase(admin, name, [ROLE]);
  await closeDatabase(admin, name, [ROLE]);
  expect([await may('public', 'CONNECT'), await may('orbit_gateway', 'CONNECT')]).toEqual([
    false,
    false,
  ]);
  const role = new pg.Client({ connectionString: database.urlFor(ROLE) });
  await role.connect();
  await expect(role.query('CREATE TEMP TABLE t (n int)')).rejects.toThrow(/permission denied/);
  await role.end();
});

test('the tools are in UTC as the services are', async () => {
  const client = new OrbitClient({ connectionString: database.adminUrl });
  await client.connect();
  expect((await client.query('SHOW timezone')).rows).toEqual([{ TimeZone: 'UTC' }]);
  await client.end();
});
