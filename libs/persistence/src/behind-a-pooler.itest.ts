// Goal: our sessions start behind PgBouncer in transaction mode, and have the server's limits all the same.
// Method: a door to a real PostgreSQL that refuses the startup parameters that PgBouncer refuses, in its words.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ownSessions, SESSION_LIMITS } from '@orbit/runtime';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { createPrisma } from './create-prisma.js';

const ROLE = 'orbit_usage_metering';
/** What PgBouncer takes with its default settings; the rest is "unsupported startup parameter". */
const TAKEN = new Set([
  ...['user', 'database', 'client_encoding', 'datestyle', 'timezone'],
  ...['standard_conforming_strings', 'application_name', 'intervalstyle'],
]);
let database: TestDatabase;
let door: Server;
let url: string;
let pool: pg.Pool;

/** Names and values of a startup message: length, version, then texts that end with a zero byte. */
function parametersOf(message: Buffer): string[] {
  const texts = message.subarray(8).toString().split('\0');
  return texts.filter((text, at) => at % 2 === 0 && text !== '');
}

function refusal(name: string): Buffer {
  const text = `SFATAL\0C08P01\0Munsupported startup parameter: ${name}\0\0`;
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(4 + Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

function letIn(client: Socket, host: string, port: number): void {
  client.once('data', (message: Buffer) => {
    const refused = parametersOf(message).find((name) => !TAKEN.has(name.toLowerCase()));
    if (refused !== undefined) return client.end(refusal(refused));
    const server = connect({ host, port });
    server.on('error', () => client.destroy());
    server.write(message);
    return void client.pipe(server).pipe(client);
  });
  client.on('error', () => undefined);
}

beforeAll(async () => {
  database = await createTestDatabase();
  const behind = new URL(database.urlFor(ROLE));
  const { hostname, port } = behind;
  door = createServer((client) => letIn(client, hostname, Number(port)));
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  behind.hostname = '127.0.0.1';
  behind.port = String((door.address() as AddressInfo).port);
  url = behind.href;
  pool = new pg.Pool({ ...ownSessions(), connectionString: url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  door.close();
  await database.drop();
});

test('the door is as strict as PgBouncer', async () => {
  const asked = new pg.Client({ connectionString: url, statement_timeout: 30_000 });
  await expect(asked.connect()).rejects.toThrow('unsupported startup parameter: statement_timeout');
});

test('sessions of pg and of Prisma start there, in UTC and with their limits', async () => {
  const limits = `SELECT current_setting('TimeZone') AS zone,
    current_setting('statement_timeout') AS statement_timeout,
    current_setting('idle_in_transaction_session_timeout') AS idle_in_transaction_session_timeout`;
  const wanted = { zone: 'UTC', ...SESSION_LIMITS };
  expect((await pool.query<object>(limits)).rows).toEqual([wanted]);
  const prisma = createPrisma(url, { poolSizeMax: 1 });
  expect(await prisma.$queryRawUnsafe(limits)).toEqual([wanted]);
  await prisma.$disconnect();
});
