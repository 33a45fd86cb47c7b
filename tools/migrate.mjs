/**
 * Brings a database up to date with prisma/migrations, then lets the service roles log in.
 *
 * Prisma's own CLI wants to download an engine at its first start, and its WebAssembly engine cuts
 * scripts at every semicolon, also inside a function's body. So the files are run through `pg`, and
 * the bookkeeping is Prisma's: `npx prisma migrate status` and `deploy` agree with it.
 *
 *   DATABASE_ADMIN_URL=postgresql://admin:…@host:5432/postgres \
 *   ORBIT_DB_PASSWORD_GATEWAY=… ORBIT_DB_PASSWORD_WALLET_LEDGER=… node tools/migrate.mjs
 *
 * ORBIT_DATABASE names the database (default `orbit`); it is created when missing.
 */
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeDatabase, OrbitClient, setRoleDefaults } from './infra/postgres-session.mjs';

const MIGRATIONS_FOLDER = path.join(import.meta.dirname, '..', 'prisma', 'migrations');
/** Any constant: two migrators of one server wait for one another on it. */
const LOCK_KEY = 7_207_511;
const CONNECT_ATTEMPTS_MAX = 30;
/** As Prisma's own engine creates it. */
const PRISMA_TABLE = `CREATE TABLE IF NOT EXISTS public._prisma_migrations (
  id varchar(36) PRIMARY KEY,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

export const SERVICES = [
  'wallet_ledger',
  'gateway',
  'checkout',
  'usage_metering',
  'invoicing',
  'stripe_sandbox',
];

/** The same server and account, another database. */
export function withDatabase(url, database) {
  const target = new URL(url);
  target.pathname = `/${database}`;
  return target.href;
}

function readMigrations() {
  return fs
    .readdirSync(MIGRATIONS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, file: path.join(MIGRATIONS_FOLDER, name, 'migration.sql') }))
    .filter(({ file }) => fs.existsSync(file)) // Git leaves an empty folder behind.
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, file }) => ({ name, sql: fs.readFileSync(file, 'utf8') }));
}

/** A hash of every migration; names a template database of the tests. */
export function migrationsHash() {
  const hash = createHash('sha256');
  for (const { name, sql } of readMigrations()) hash.update(`${name}\0${sql}\0`);
  return hash.digest('hex').slice(0, 16);
}

/** True when every migration is applied. Errors: one was edited after it had been applied. */
async function isUpToDate(client, migrations) {
  const table = await client.query("SELECT to_regclass('public._prisma_migrations') AS name");
  if (table.rows[0].name === null) return false;
  const { rows } = await client.query(
    `SELECT migration_name, checksum FROM public._prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  const changed = migrations.filter(
    ({ name, sql }) => applied.has(name) && applied.get(name) !== sha256(sql),
  );
  if (changed.length > 0) {
    const names = changed.map(({ name }) => name).join(', ');
    throw new Error(
      `Migrations were edited after they had been applied: ${names}. Undo the edit and add a new ` +
        'migration; or, on a development machine, stop and delete the data folder.',
    );
  }
  return migrations.every(({ name }) => applied.has(name));
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/**
 * Each migration in one transaction together with its row, so that a failing one leaves nothing
 * behind. The rows are those that Prisma writes.
 */
async function applyMigrations(client, migrations) {
  await client.query(PRISMA_TABLE);
  const { rows } = await client.query('SELECT migration_name FROM public._prisma_migrations');
  const known = new Set(rows.map((row) => row.migration_name));
  const missing = migrations.filter(({ name }) => !known.has(name));
  for (const { name, sql } of missing) {
    try {
      await client.query('BEGIN');
      await client.query(sql);
      await client.query(
        `INSERT INTO public._prisma_migrations
           (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
         VALUES ($1, $2, $3, transaction_timestamp(), clock_timestamp(), 1)`,
        [randomUUID(), sha256(sql), name],
      );
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw new Error(`${name}: ${error.message}`, { cause: error });
    }
  }
  return missing.map(({ name }) => name);
}

async function connect(url) {
  for (let attempt = 1; ; attempt++) {
    const client = new OrbitClient({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt === CONNECT_ATTEMPTS_MAX || error.code === '28P01') throw error;
      await sleep(200 + Math.random() * 300);
    }
  }
}

async function withClient(url, work) {
  const client = await connect(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Creates the database when missing, applies what is missing, sets `passwords` (by service name)
 * on the service roles, that their sessions are in UTC, and that nobody else connects. Safe to
 * repeat and to run twice at once. Returns the names applied.
 */
export async function migrate({ adminUrl, database, passwords }) {
  const url = withDatabase(adminUrl, database);
  return withClient(withDatabase(adminUrl, 'postgres'), async (server) => {
    await server.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]); // Freed with the connection.
    const found = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) {
      await server.query(`CREATE DATABASE ${server.escapeIdentifier(database)}`);
    }
    const migrations = readMigrations();
    const applied = await withClient(url, async (client) =>
      (await isUpToDate(client, migrations)) ? [] : applyMigrations(client, migrations),
    );
    for (const [service, password] of Object.entries(passwords)) {
      const role = server.escapeIdentifier(`orbit_${service}`);
      await server.query(`ALTER ROLE ${role} LOGIN PASSWORD ${server.escapeLiteral(password)}`);
    }
    const roles = SERVICES.map((service) => `orbit_${service}`);
    for (const role of roles) await setRoleDefaults(server, role, database);
    await closeDatabase(server, database, roles);
    return applied;
  });
}

function passwordsFromEnvironment() {
  const entries = SERVICES.map((service) => [
    service,
    process.env[`ORBIT_DB_PASSWORD_${service.toUpperCase()}`],
  ]);
  return Object.fromEntries(entries.filter(([, password]) => password));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const adminUrl = process.env.DATABASE_ADMIN_URL;
  if (!adminUrl) {
    process.stderr.write('DATABASE_ADMIN_URL is missing: the URL of an administrator.\n');
    process.exit(78);
  }
  try {
    const database = process.env.ORBIT_DATABASE || 'orbit';
    const applied = await migrate({ adminUrl, database, passwords: passwordsFromEnvironment() });
    for (const name of applied) process.stdout.write(`applied ${name}\n`);
    process.stdout.write(`${database} is up to date.\n`);
  } catch (error) {
    process.stderr.write(`Migration failed: ${error.message}\n`);
    process.exitCode = 1;
  }
}
