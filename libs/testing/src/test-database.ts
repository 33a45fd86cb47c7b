import pg from 'pg';
import { testInfra } from './test-infra.js';
import { uniqueId } from './unique-id.js';

export interface TestDatabase {
  readonly adminUrl: string;
  /** Connection as a service role, e.g. "orbit_gateway". */
  urlFor(role: string): string;
  drop(): Promise<void>;
}

/** A database of its own for one test file, cloned from the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { databaseAdminUrl } = testInfra();
  const template = process.env['ORBIT_TEST_TEMPLATE'];
  const password = process.env['ORBIT_TEST_PASSWORD'];
  if (template === undefined || password === undefined)
    throw new Error('The template database is missing.');
  const name = uniqueId('orbit');
  await administer(databaseAdminUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const adminUrl = new URL(databaseAdminUrl);
  adminUrl.pathname = `/${name}`;
  return {
    adminUrl: adminUrl.href,
    urlFor: (role) => {
      const url = new URL(adminUrl);
      url.username = role;
      url.password = password;
      return url.href;
    },
    drop: () => drop(databaseAdminUrl, name),
  };
}

const IN_USE = '55006';
const isInUse = (error: unknown): boolean => (error as { code?: string }).code === IN_USE;

/**
 * A pool has ended before the server has heard of it: a connection that is cut in that moment throws in the middle of
 * the next file. PostgreSQL waits some seconds for those that are about to go; only what stays is cut.
 */
async function drop(url: string, name: string): Promise<void> {
  try {
    await administer(url, `DROP DATABASE IF EXISTS ${name}`, 1);
  } catch (error) {
    if (!isInUse(error)) throw error;
    await administer(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

/** With the pause between two attempts a minute: each clone before this one may take seconds on a busy machine. */
const ATTEMPTS_MAX = 600;

async function administer(url: string, sql: string, attemptsMax = ATTEMPTS_MAX): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(sql);
      return;
    } catch (error) {
      // Two files that clone at once: PostgreSQL lets one at a time.
      if (!isInUse(error) || attempt >= attemptsMax) throw error;
    } finally {
      await client.end();
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
