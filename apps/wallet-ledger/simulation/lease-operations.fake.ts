import { micros, ZERO_MICROS } from '@orbit/money';
import {
  closeLease,
  expireLease,
  finishLease,
  openLease,
  renewLease,
} from '../src/leases/domain/lease.js';
import { charge, type Operation } from './operation.fake.js';
import type { World } from './world.fake.js';

interface LeaseClient {
  readonly name: string;
  readonly leaseId: string;
  /** What its owner may still authorize from memory. */
  leftMicros: bigint;
  expiresAtMs: number;
  /** The owner spends no more: closed, dead, or past the end. */
  isOver: boolean;
  /** Offsets that the ledger must have read before it may give back. */
  end: number | null;
}

export type LeaseClients = LeaseClient[];

const TTL_MS = 20 * 60_000;

export function leaseOperations(leases: LeaseClients): readonly Operation[] {
  const any = (world: World): LeaseClient | undefined =>
    leases[world.random.integer(0, Math.max(0, leases.length - 1))];
  const live = (world: World): LeaseClient | undefined => {
    const lease = any(world);
    if (lease && lease.expiresAtMs <= world.nowMs) lease.isOver = true;
    return lease?.isOver ? undefined : lease;
  };
  return [
    { name: 'lease open', weight: 2, run: (world) => open(world, leases) },
    {
      name: 'lease charge',
      weight: 10,
      run: (world) => {
        const lease = live(world);
        if (!lease || lease.leftMicros === 0n) return;
        const amount = BigInt(world.random.integer(1, Number(lease.leftMicros)));
        lease.leftMicros -= amount;
        const { leaseId, name } = lease;
        const amountMicros = micros(amount);
        world.send(name, charge(world, world.id('l'), { amountMicros, leaseId }), true);
      },
    },
    {
      name: 'lease renew',
      weight: 2,
      run: async (world) => {
        const lease = live(world);
        if (lease) await renew(world, lease);
      },
    },
    {
      name: 'lease close',
      weight: 1,
      run: async (world) => {
        const lease = live(world);
        if (!lease) return;
        lease.isOver = true;
        await decide(world, lease, closeLease);
      },
    },
    {
      name: 'lease owner dies',
      weight: 0.5,
      run: (world) => {
        const lease = live(world);
        if (lease) lease.isOver = true;
      },
    },
    { name: 'leases end', weight: 3, run: (world) => end(world, leases) },
  ];
}

async function open(world: World, leases: LeaseClients): Promise<void> {
  const name = world.random.pick(world.names as [string, ...string[]]);
  const amountMicros = micros(BigInt(world.random.integer(1, 6_000_000)));
  const leaseId = world.id('lease_');
  const reference = `lease:${leaseId}`;
  const request = { leaseId, reference, amountMicros, ttlMs: TTL_MS, holder: null };
  const result = await world.change(name, {
    reference: null,
    reads: { escrows: [reference], grants: [reference] },
    claims: (_wallet, { fundingOf }) =>
      fundingOf(reference) === undefined ? amountMicros : ZERO_MICROS,
    apply: (draft, context) => openLease(draft, request, context),
  });
  if (result.status !== 'booked') return;
  const expiresAtMs = world.nowMs + TTL_MS;
  leases.push({ name, leaseId, leftMicros: amountMicros, expiresAtMs, isOver: false, end: null });
}

async function renew(world: World, lease: LeaseClient): Promise<void> {
  const amountMicros = micros(BigInt(world.random.integer(1, 3_000_000)));
  const reference = world.id(`renew:${lease.leaseId}:`);
  const request = { leaseId: lease.leaseId, reference, amountMicros, ttlMs: TTL_MS };
  const result = await world.change(lease.name, {
    reference: null,
    reads: { escrows: [lease.leaseId], grants: [reference] },
    claims: (_wallet, { fundingOf }) =>
      fundingOf(reference) === undefined ? amountMicros : ZERO_MICROS,
    apply: (draft, context) => renewLease(draft, request, context),
  });
  if (result.status !== 'booked') return;
  lease.leftMicros += amountMicros;
  lease.expiresAtMs = Math.max(lease.expiresAtMs, world.nowMs + TTL_MS);
}

/** What the ledger's own job does: close what is overdue, give back once everything before is read. */
async function end(world: World, leases: LeaseClients): Promise<void> {
  for (const lease of [...leases]) {
    if (lease.expiresAtMs <= world.nowMs) {
      lease.isOver = true;
      await decide(world, lease, expireLease);
    }
    const escrow = world.store.escrows.get(world.wallet(lease.name).walletNo)?.get(lease.leaseId);
    if (escrow?.state !== 'closing') continue;
    const partition = world.partitionOf(lease.name);
    lease.end ??= partition.messages.length;
    if (partition.committed < lease.end) continue;
    await decide(world, lease, finishLease);
    leases.splice(leases.indexOf(lease), 1);
  }
}

async function decide(
  world: World,
  { name, leaseId }: LeaseClient,
  decision: typeof expireLease | typeof finishLease,
): Promise<void> {
  await world.change(name, {
    reference: null,
    reads: { escrows: [leaseId] },
    apply: (draft, context) => decision(draft, leaseId, context),
  });
}
