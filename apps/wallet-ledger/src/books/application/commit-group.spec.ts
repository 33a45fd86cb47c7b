// Goal: what a group reserved in Redis is still reserved when it commits, and free when it is settled;
// a group that is held up holds up nobody else.
import { nextTurn } from '@orbit/kernel';
import { micros } from '@orbit/money';
import { seededRandom } from '@orbit/testing';
import { World } from '../../../simulation/world.fake.js';
import { charge } from '../../../simulation/operation.fake.js';
import { PostBatch } from './post-batch.js';
import { LEDGER_RULES } from '../../ledger-rules.js';
import type { HotBalancesPort, LedgerStore } from './ports.js';

const TOO_LONG_MS = 11_000;

function slowLedger(world: World, slowTimes: number): { ledger: PostBatch; claims: string[] } {
  const claims: string[] = [];
  const redis: HotBalancesPort = {
    claim: async (requests) => {
      const grants = await world.redis.claim(requests);
      claims.push(...requests.map(({ claimId }) => claimId));
      if (claims.length <= slowTimes) world.nowMs += TOO_LONG_MS;
      return grants;
    },
    confirm: (settlements) => world.redis.confirm(settlements),
  };
  const replies = { send: () => Promise.resolve() };
  const clock = { nowMs: () => world.nowMs };
  return {
    ledger: new PostBatch(world.store, redis, world.published, replies, clock, LEDGER_RULES),
    claims,
  };
}

async function worldWithCredit(): Promise<{ world: World; name: string }> {
  const world = new World(seededRandom(1));
  const name = world.names[0] ?? '';
  const credit = {
    type: 'grant' as const,
    reference: 'grant:1',
    amountMicros: micros(5_000_000n),
    kind: 'paid' as const,
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    occurredAtMs: world.nowMs,
    metadata: {},
  };
  world.partitionOf(name).messages.push({ kind: 'credit', key: world.keyOf(name), credit });
  await world.drain();
  return { world, name };
}

test('a group that was held up after its claim claims anew before it commits', async () => {
  const { world, name } = await worldWithCredit();
  const { ledger, claims } = slowLedger(world, 1);
  const command = {
    kind: 'charge' as const,
    key: world.keyOf(name),
    charge: charge(world, 'c1', { amountMicros: micros(1_000_000n) }),
    replyTo: null,
  };
  const [result] = await ledger.run([command], 'p0');
  expect(result?.status).toBe('booked');
  expect(claims).toEqual(['p0', 'p0']);
  expect(world.wallet(name).balanceMicros).toBe(4_000_000n);
  expect(world.available(name)).toBe(4_000_000n);
  world.check.run();
});

test('one that is always held up is given back to be read again, and nothing is booked', async () => {
  const { world, name } = await worldWithCredit();
  const { ledger } = slowLedger(world, 100);
  const command = {
    kind: 'charge' as const,
    key: world.keyOf(name),
    charge: charge(world, 'c1', { amountMicros: micros(1_000_000n) }),
    replyTo: null,
  };
  await expect(ledger.run([command], 'p0')).rejects.toMatchObject({ code: 'unavailable' });
  expect(world.wallet(name).balanceMicros).toBe(5_000_000n);
  world.check.run();
});

test('room that an earlier try reserved is free as soon as the last one is settled, though that claimed nothing', async () => {
  const { world, name } = await worldWithCredit();
  const command = {
    kind: 'charge' as const,
    key: world.keyOf(name),
    charge: charge(world, 'c1', { amountMicros: micros(1_000_000n) }),
    replyTo: null,
  };
  const replies = { send: () => Promise.resolve() };
  const clock = { nowMs: () => world.nowMs };
  const other = new PostBatch(
    world.store,
    world.redis,
    world.published,
    replies,
    clock,
    LEDGER_RULES,
  );
  const claims: string[] = [];
  const redis: HotBalancesPort = {
    claim: async (requests) => {
      const grants = await world.redis.claim(requests);
      claims.push(...requests.map(({ claimId }) => claimId));
      // Ownership has moved: another instance read the same message and is quicker.
      if (claims.length === 1) await other.run([command], 'p0 of another');
      return grants;
    },
    confirm: (settlements) => world.redis.confirm(settlements),
  };
  const ledger = new PostBatch(world.store, redis, world.published, replies, clock, LEDGER_RULES);
  const [result] = await ledger.run([command], 'p0');
  expect(result).toMatchObject({ status: 'booked', isReplay: true });
  expect(claims).toEqual(['p0']);
  expect(world.redis.held(name)).toBe(0n);
  expect(world.available(name)).toBe(4_000_000n);
  world.check.run();
});

test('a wallet whose row somebody else holds keeps no call for other wallets waiting', async () => {
  const { world, name } = await worldWithCredit();
  const other = world.names.find((candidate) => candidate !== name) ?? '';
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let isFirst = true;
  const store: LedgerStore = {
    dropPublished: (ids) => world.store.dropPublished(ids),
    inTransaction: async (work) => {
      const waits = isFirst;
      isFirst = false;
      if (waits) await held;
      return world.store.inTransaction(work);
    },
  };
  const replies = { send: () => Promise.resolve() };
  const clock = { nowMs: () => world.nowMs };
  const ledger = new PostBatch(store, world.redis, world.published, replies, clock, LEDGER_RULES);
  const post = (wallet: string, claimId: string) =>
    ledger.run(
      [
        {
          kind: 'charge',
          key: world.keyOf(wallet),
          charge: charge(world, `of_${claimId}`, { amountMicros: micros(1_000_000n) }),
          replyTo: null,
        },
      ],
      claimId,
    );
  const slow = post(name, 'p0');
  await nextTurn();
  // Without credit it is rejected, which is an outcome as well; that it comes at all is the point.
  expect((await post(other, 'p1'))[0]?.status).toBe('rejected');
  letGo();
  expect((await slow)[0]?.status).toBe('booked');
  world.check.run();
});
