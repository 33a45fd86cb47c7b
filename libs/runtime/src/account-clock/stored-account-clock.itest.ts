// Goal: a service's own table says what time an account has. Method: every schema, as its role, over a real database.
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { StoredAccountClock, type ClockSchema } from './stored-account-clock.js';

const REAL = Date.parse('2026-11-30T12:00:00.000Z');
const JUNE = Date.parse('2026-06-01T00:00:00.125Z');
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test.each<ClockSchema>(['invoicing', 'usage_metering', 'wallet_ledger', 'checkout'])(
  '%s: an account follows real time until its clock is set; then it stands and never goes back',
  async (schema) => {
    const pool = new pg.Pool({ connectionString: database.urlFor(`orbit_${schema}`), max: 1 });
    const asked: string[] = [];
    const clock = new StoredAccountClock(
      async (text, values) => {
        asked.push(text);
        return (await pool.query(text, [...values])).rows;
      },
      schema,
      { nowMs: () => REAL },
    );
    expect(await clock.nowMs('acct_live')).toBe(REAL);
    expect(asked).toEqual([]);
    expect(await clock.nowMs('acct_a')).toBe(REAL);
    await clock.moveTo('acct_a', JUNE, null);
    expect(await clock.nowMs('acct_a')).toBe(JUNE);
    await clock.moveTo('acct_a', JUNE - 1, null);
    expect(await clock.nowMs('acct_a')).toBe(JUNE);
    expect(await clock.standsAtMs('acct_b')).toBeNull();
    await pool.end();
  },
);
