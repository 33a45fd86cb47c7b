// Goal: whatever happens in whatever order, with crashes between any two effects, the books stay right (T30).
import { expect, test } from '@jest/globals';
import { seededRandom } from '@orbit/testing';
import { createHash } from 'node:crypto';
import type { LeaseClients } from './lease-operations.fake.js';
import { operations } from './operations.fake.js';
import { NaiveStripe } from './refund-operations.fake.js';
import { World } from './world.fake.js';

/** ORBIT_SIM_OPERATIONS says how many; a seed that failed comes back with ORBIT_SEED. */
const OPERATION_COUNT = Number(process.env['ORBIT_SIM_OPERATIONS'] ?? 1_000_000);
/** A world ends before its history makes it slow. */
const OPERATIONS_PER_WORLD = 10_000;
const TIMEOUT_MS = 60 * 60_000;

test(
  `T30 after each of ${OPERATION_COUNT.toLocaleString('en-US')} random operations the books are right`,
  async () => {
    const first = seededRandom();
    const counts = new Map<string, number>();
    for (let done = 0; done < OPERATION_COUNT; done += OPERATIONS_PER_WORLD) {
      const seed = (first.seed + done) >>> 0;
      await runWorld(seed, Math.min(OPERATIONS_PER_WORLD, OPERATION_COUNT - done), counts);
    }
    // A simulation that never posts, rejects or crashes proves nothing.
    for (const what of [
      'charge.posted',
      'charge.rejected',
      'crash',
      'lose Redis',
      'lease charge',
      'refund succeeded',
      'refund failed',
      'dispute won',
      'dispute lost',
      'compare with Stripe',
      'void',
      'amend',
      'adjust',
      'reload',
      'claimed of adjustments',
      'claimed of breakage',
    ]) {
      expect(counts.get(what) ?? 0).toBeGreaterThan(0);
    }
  },
  TIMEOUT_MS,
);

async function runWorld(seed: number, count: number, counts: Map<string, number>): Promise<void> {
  const random = seededRandom(seed);
  const world = new World(random);
  const leases: LeaseClients = [];
  const stripe = new NaiveStripe();
  const all = operations(leases, stripe);
  const weight = all.reduce((sum, operation) => sum + operation.weight, 0);
  const trail: string[] = [];
  try {
    for (let n = 0; n < count; n++) {
      let drawn = (random.integer(0, 1_000_000) / 1_000_000) * weight;
      const operation = all.find((candidate) => (drawn -= candidate.weight) <= 0) ?? all[0];
      if (!operation) throw new Error('there is nothing to do');
      trail.push(`${n} ${operation.name}`);
      await operation.run(world);
      world.check.run();
      counts.set(operation.name, (counts.get(operation.name) ?? 0) + 1);
    }
    trail.push('drain');
    await world.drain();
    world.check.run();
    trail.push('compare with Stripe');
    await stripe.compare(world);
    for (const [what, count] of stripe.outcomes) counts.set(what, (counts.get(what) ?? 0) + count);
    world.check.run();
    expectOutcomes(world, counts);
    const before = hashOf(world);
    trail.push('replay');
    await world.replay();
    world.check.run();
    expect(hashOf(world)).toBe(before);
  } catch (error) {
    const last = trail.slice(-12).join('\n  ');
    throw new Error(
      `ORBIT_SEED=${seed} brings this back. Last of ${trail.length} steps:\n  ${last}`,
      {
        cause: error,
      },
    );
  }
}

/** Every accepted charge has one outcome, which was published; the hot balances are those of the ledger. */
function expectOutcomes(world: World, counts: Map<string, number>): void {
  for (const [charge, { mustPost }] of world.accepted) {
    const outcome = world.published.outcomes.get(charge);
    const isRight = outcome === 'charge.posted' || (!mustPost && outcome === 'charge.rejected');
    // Jest's own comparison would take longer than the simulation.
    if (!isRight) throw new Error(`${charge} came to ${outcome}`);
    counts.set(String(outcome), (counts.get(String(outcome)) ?? 0) + 1);
  }
  for (const name of world.names) {
    const hot = world.redis.state(name);
    if (hot) expect(hot.version).toBe(world.wallet(name).version);
  }
}

function hashOf({ store, names }: World): string {
  const hash = createHash('sha256');
  for (const name of names) {
    const wallet = store.wallets.get(name);
    hash.update(`${name} ${wallet?.balanceMicros} ${wallet?.sequence} ${wallet?.pausedReason};`);
    for (const entry of store.entries.get(wallet?.walletNo ?? 0n) ?? []) {
      hash.update(`${entry.sequence} ${entry.type} ${entry.reference} ${entry.amountMicros};`);
    }
  }
  return hash.digest('hex');
}
