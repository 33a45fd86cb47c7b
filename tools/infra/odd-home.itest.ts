// Goal: everything that a server writes lies below its home, whatever the folder is called and whatever the locale.
// Method: all three servers as `npm start` starts them, in a folder with what each of them reads as its own syntax.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTopics } from '@orbit/messaging';
import { eventually } from '@orbit/testing';
import { Redis } from 'ioredis';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { propertyValue } from './kafka.mjs';
import { commandLineOf } from './processes.mjs';

const run = promisify(execFile);
const INFRA = path.join(import.meta.dirname, 'infra.mjs');
const NAME = 'Bücher ₿ 日本 \\u0041 a=b #c %41 $HOME `d` "e" \'f\', g:h;i {j} *';
const env = { ...process.env, NODE_OPTIONS: '', LC_ALL: 'C', LANG: 'C', LC_CTYPE: 'C' };
const infra = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [INFRA, ...args], { env })).stdout;

interface Addresses {
  readonly kafkaBrokers: string[];
  readonly redisUrl: string;
  readonly databaseAdminUrl: string;
}
let base: string;
let home: string;
let servers: Addresses;

beforeAll(async () => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'orbit-odd-'));
  fs.chmodSync(base, 0o755);
  home = path.join(base, NAME);
  fs.mkdirSync(home);
  servers = JSON.parse(await infra('start', home, 'throw-away')) as Addresses;
}, 300_000);
afterAll(async () => {
  await infra('stop', home);
  fs.rmSync(base, { recursive: true, force: true });
}, 120_000);

test('Kafka, Redis and PostgreSQL keep their data in the home that was named, and nowhere else', async () => {
  await createTopics({ brokers: servers.kafkaBrokers, topicPrefix: 'odd.' });
  const redis = new Redis(servers.redisUrl);
  await redis.set('kept', 'yes');
  redis.disconnect();
  const client = new pg.Client({ connectionString: servers.databaseAdminUrl });
  await client.connect();
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  await client.end();

  expect(fs.readdirSync(base)).toEqual([NAME]);
  expect(fs.readdirSync(home).sort()).toEqual(
    [
      'kafka',
      'logs',
      'pids',
      'ports.json',
      'postgres',
      'postgres-password',
      'postgres.json',
      'redis',
    ].sort(),
  );
  expect(rows[0]?.data_directory).toBe(path.join(home, 'postgres'));
  // The controller answers before the broker has made the folders.
  await eventually(() => {
    const topics = fs.readdirSync(path.join(home, 'kafka', 'data'));
    const wanted = ['odd.charge.requested-0', 'odd.charge.posted-0', 'meta.properties'];
    expect(topics).toEqual(expect.arrayContaining(wanted));
  });
  // A file of Redis 6, a folder of Redis 7.
  expect(fs.readdirSync(path.join(home, 'redis')).join()).toMatch(/appendonly/);
}, 120_000);

test('what runs is found again by its home, and stopped', async () => {
  const pids = fs
    .readdirSync(path.join(home, 'pids'))
    .map(
      (name) =>
        JSON.parse(fs.readFileSync(path.join(home, 'pids', name), 'utf8')) as { pid: number },
    );
  expect(pids).toHaveLength(3);
  await infra('stop', home);
  for (const { pid } of pids) expect(commandLineOf(pid)).toBeNull();
}, 120_000);

test('what Java reads as syntax or as Latin-1 is escaped', () => {
  expect(propertyValue('/tmp/ü #=:! b')).toBe('/tmp/\\u00fc #=:! b');
  expect(propertyValue(' a\\tb\n😀')).toBe('\\ a\\\\tb\\u000a\\ud83d\\ude00');
});
