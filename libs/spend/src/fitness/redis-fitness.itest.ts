// Goal: a Redis that is reached and serves nobody is left for another, or named by readiness until it serves again;
// and one that may evict is told. Method: real servers in each of these states, and an address that is moved.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually, redisServer, uniqueId, type RedisServer } from '@orbit/testing';
import { Redis } from 'ioredis';
import { Switchboard } from '../../../../apps/wallet-ledger/src/hot-balances/switchboard.fake.js';
import { RedisFitness } from './redis-fitness.js';
import { intentOf, SpendFixture, usd, walletOf } from '../client/spend-fixture.js';
import { createSpendRedis } from './spend-redis.js';

interface Line {
  readonly level: string;
  readonly message: string;
}
let server: RedisServer;
let admin: Redis;
let redis: Redis;
let fitness: RedisFitness;
let lines: Line[];

beforeEach(async () => {
  lines = [];
  const to =
    (level: string) =>
    (_detail: object, message: string): void =>
      void lines.push({ level, message });
  server = await redisServer();
  admin = new Redis(server.url);
  admin.on('error', () => undefined);
  redis = createSpendRedis({ url: server.url });
  const logger = { error: to('error'), warn: to('warn'), info: to('info') };
  fitness = new RedisFitness({ redis, logger });
  await eventually(async () => expect(await fitness.reasons()).toEqual([]));
});
afterEach(async () => {
  redis.disconnect();
  admin.disconnect();
  await server.stop();
});

type Commands = readonly (readonly [string, ...string[]])[];
const NOWHERE = ['127.0.0.1', '1'] as const;
const states: [word: string, enter: Commands, leave: Commands][] = [
  ['READONLY', [['REPLICAOF', ...NOWHERE]], [['REPLICAOF', 'NO', 'ONE']]],
  [
    // Its word for reads is MASTERDOWN.
    'READONLY',
    [
      ['CONFIG', 'SET', 'replica-serve-stale-data', 'no'],
      ['REPLICAOF', ...NOWHERE],
    ],
    [['REPLICAOF', 'NO', 'ONE']],
  ],
  ['OOM', [['CONFIG', 'SET', 'maxmemory', '1']], [['CONFIG', 'SET', 'maxmemory', '0']]],
  [
    'NOREPLICAS',
    [['CONFIG', 'SET', 'min-replicas-to-write', '1']],
    [['CONFIG', 'SET', 'min-replicas-to-write', '0']],
  ],
  ['NOPERM', [['ACL', 'SETUSER', 'default', '-set']], [['ACL', 'SETUSER', 'default', '+set']]],
];

test.each(states)(
  'while Redis answers %s to %j readiness says so, and ends by itself',
  async (word, enter, leave) => {
    for (const [name, ...parameters] of enter) await admin.call(name, ...parameters);
    expect(await fitness.reasons()).toEqual([`Redis takes no writes: ${word}`]);
    // A new connection fares no better, and is not made in each moment.
    await eventually(async () =>
      expect(await fitness.reasons()).toEqual([`Redis takes no writes: ${word}`]),
    );
    for (const [name, ...parameters] of leave) await admin.call(name, ...parameters);
    await eventually(async () => expect(await fitness.reasons()).toEqual([]));
    expect(lines.map(({ level }) => level)).toContain('warn');
    expect(lines.at(-1)).toEqual({ level: 'info', message: 'Redis takes writes again' });
  },
);

test('a password that is set on the running server is named, or counts as away, until it is gone', async () => {
  await admin.config('SET', 'requirepass', 'sekrit');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await eventually(async () => expect(await fitness.reasons()).toHaveLength(1));
  await admin.config('SET', 'requirepass', '');
  await eventually(async () => expect(await fitness.reasons()).toEqual([]));
});

test('fail-over behind one address that cuts no connection: spend goes on at the new server', async () => {
  const other = await redisServer();
  const board = await Switchboard.to(server.url);
  const fixture = new SpendFixture(other.url);
  const moved = createSpendRedis({ url: board.url });
  try {
    await fixture.ready();
    const org = uniqueId('org');
    fixture.ledger.set(org, walletOf(org, 10n));
    const client = fixture.client(moved);
    await eventually(async () => expect(await moved.ping()).toBe('PONG'));
    board.leadNewOnesTo(other.url);
    const { hostname, port } = new URL(other.url);
    await admin.call('REPLICAOF', hostname, port);
    await eventually(async () =>
      expect(await client.charge(intentOf(org, 'a', usd(1n)))).toMatchObject({
        status: 'charged',
      }),
    );
    expect(fixture.published.map(({ id }) => id)).toEqual(['a']);
  } finally {
    moved.disconnect();
    fixture.close();
    await board.close();
    await other.stop();
  }
});

test('a server that is full is left ever more rarely, not in each moment', async () => {
  let closed = 0;
  redis.on('close', () => (closed += 1));
  await admin.config('SET', 'maxmemory', '1');
  const endMs = Date.now() + 3_000;
  await eventually(async () => {
    await fitness.reasons();
    expect(Date.now()).toBeGreaterThan(endMs);
  });
  expect(closed).toBeGreaterThanOrEqual(1);
  expect(closed).toBeLessThanOrEqual(4);
});

test.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl', 'allkeys-random'])(
  'a Redis that may evict is told in log and health: %s',
  async (policy) => {
    await admin.config('SET', 'maxmemory-policy', policy);
    expect(await fitness.reasons()).toEqual([]);
    expect(fitness.warnings()).toEqual([
      expect.stringMatching(`once it has a maxmemory: its maxmemory-policy is ${policy}`),
    ]);
    await admin.config('SET', 'maxmemory', '1gb');
    await fitness.reasons();
    expect(fitness.warnings()).toEqual([
      expect.stringMatching(/^Redis may evict .*: its maxmemory/),
    ]);
    await fitness.reasons();
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(2);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await fitness.reasons();
    expect(fitness.warnings()).toEqual([]);
  },
);
