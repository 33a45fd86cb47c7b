import { micros } from '@orbit/money';
import { adjustWallet } from '../src/wallets/domain/adjust.js';
import { sweepExpired } from '../src/books/domain/expiry.js';
import { setPaused } from '../src/books/domain/pause.js';
import { applyClawbacks } from '../src/payments/domain/clawbacks.js';
import { reversalReference, reverseCharge } from '../src/charges/domain/reversal.js';
import { blockOperations, claimedPayments } from './block-operations.fake.js';
import { anyAmount, charge, type Operation } from './operation.fake.js';
import { leaseOperations, type LeaseClients } from './lease-operations.fake.js';
import { refundOperations, type NaiveStripe } from './refund-operations.fake.js';
import type { World } from './world.fake.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
const HOLD_TTL_MS = 15 * 60 * SECOND_MS;

const anyWallet = (world: World): string => world.random.pick(world.names as [string, ...string[]]);

function chargeWithoutHold(world: World): void {
  // Some usage arrives late.
  const lateMs = world.random.chance(0.1) ? world.random.integer(0, 3 * DAY_MS) : 0;
  const occurredAtMs = world.nowMs - lateMs;
  world.send(anyWallet(world), charge(world, world.id('c'), { occurredAtMs }), false);
}

function authorize(world: World): void {
  const name = anyWallet(world);
  const amountMicros = anyAmount(world);
  const chargeId = world.id('h');
  const available = world.available(name);
  if (available === null) return;
  if (!world.redis.authorize(name, chargeId, amountMicros, HOLD_TTL_MS)) return;
  const { nowMs } = world;
  world.holds.push({
    name,
    chargeId,
    amountMicros,
    occurredAtMs: nowMs,
    expiresAtMs: nowMs + HOLD_TTL_MS,
  });
}

/** The whole hold or a part of it; what Redis has forgotten is captured from the client's own memory. */
function capture(world: World): void {
  const hold = world.holds.splice(world.random.integer(0, world.holds.length), 1)[0];
  if (!hold) return;
  const { name, chargeId, occurredAtMs } = hold;
  const part = world.random.chance(0.3) ? world.random.integer(1, Number(hold.amountMicros)) : null;
  const wanted = part === null ? hold.amountMicros : BigInt(part);
  const captured = world.redis.capture(name, chargeId, wanted);
  if (captured === 'refused') return;
  if (captured === 'unknown' && hold.expiresAtMs <= world.nowMs) return;
  const amountMicros = micros(wanted);
  world.send(
    name,
    charge(world, chargeId, { amountMicros, occurredAtMs, isAuthorized: true }),
    true,
  );
}

function release(world: World): void {
  const hold = world.holds.splice(world.random.integer(0, world.holds.length), 1)[0];
  if (hold) world.redis.release(hold.name, hold.chargeId);
}

function topUp(world: World, stripe: NaiveStripe): void {
  const name = anyWallet(world);
  const { messages } = world.partitionOf(name);
  const credit = {
    type: 'topup' as const,
    reference: world.id('topup:'),
    amountMicros: micros(BigInt(world.random.integer(1, 40)) * 1_000_000n),
    kind: 'paid' as const,
    priority: 0,
    effectiveAtMs: null,
    expiresAtMs: null,
    occurredAtMs: world.nowMs,
    metadata: {},
  };
  stripe.receive(world, name, credit.amountMicros);
  const times = world.random.pick([1, 1, 1, 3]);
  for (let n = 0; n < times; n++) messages.push({ kind: 'credit', key: world.keyOf(name), credit });
}

/** Promotional credit that lapses, sometimes only begins later. */
function grant(world: World): void {
  const name = anyWallet(world);
  const { nowMs, random } = world;
  const effectiveAtMs = random.chance(0.2) ? nowMs + random.integer(1, DAY_MS) : null;
  const credit = {
    type: 'grant' as const,
    reference: world.id('grant:'),
    amountMicros: anyAmount(world),
    kind: 'promotional' as const,
    priority: random.integer(0, 2),
    effectiveAtMs,
    expiresAtMs: random.chance(0.8)
      ? (effectiveAtMs ?? nowMs) + random.integer(1, 4 * DAY_MS)
      : null,
    occurredAtMs: nowMs,
    metadata: {},
  };
  world.partitionOf(name).messages.push({ kind: 'credit', key: world.keyOf(name), credit });
}

async function sweep(world: World): Promise<void> {
  const name = anyWallet(world);
  const payments = claimedPayments(world, name);
  await world.change(name, {
    reference: null,
    reads: { references: payments, payments },
    apply: (draft, context) => {
      const entries = sweepExpired(draft, context.nowMs);
      applyClawbacks(draft, payments, context);
      return { status: 'changed', entries };
    },
  });
}

async function adjust(world: World): Promise<void> {
  const name = anyWallet(world);
  const amount = anyAmount(world);
  const isTaken = world.random.chance(0.5);
  const reference = world.id('adjustment:');
  // A correction is not asked of Redis: it may take what a hold had counted on.
  if (isTaken) world.allow(name, amount);
  await world.change(name, {
    reference,
    reads: {},
    apply: (draft, { nowMs }) =>
      adjustWallet(
        draft,
        {
          amountMicros: micros(isTaken ? -amount : amount),
          reference,
          metadata: {},
          allowsNegative: false,
        },
        nowMs,
      ),
  });
}

async function reverse(world: World): Promise<void> {
  const { messages } = world.random.pick(world.partitions as [(typeof world.partitions)[number]]);
  const command = messages[world.random.integer(0, messages.length)];
  if (command?.kind !== 'charge') return;
  const { chargeId } = command.charge;
  const references = [`charge:${chargeId}`, reversalReference(chargeId)];
  const reference = world.id('rev');
  const amountMicros = world.random.chance(0.5) ? null : anyAmount(world);
  const name = `${command.key.organizationId} ${command.key.currency}`;
  // Blocks that repaid a debt must be read too.
  const blocks = [...(world.store.blocks.get(world.wallet(name).walletNo)?.keys() ?? [])];
  const payments = claimedPayments(world, name);
  await world.change(name, {
    reference: null,
    reads: { references: [...references, ...payments], blocks, payments },
    apply: (draft, context) => {
      const outcome = reverseCharge(
        draft,
        { chargeId, reference, amountMicros, extendToMs: null, metadata: {} },
        {
          charged: context.entriesOf(`charge:${chargeId}`),
          reversed: context.entriesOf(reversalReference(chargeId)),
          nowMs: context.nowMs,
        },
      );
      if (outcome.status === 'changed') applyClawbacks(draft, payments, context);
      return outcome;
    },
  });
}

async function pause(world: World): Promise<void> {
  const isPaused = world.random.chance(0.3);
  await world.change(anyWallet(world), {
    reference: null,
    reads: {},
    apply: (draft) => {
      setPaused(draft, isPaused);
      return { status: 'changed', entries: [] };
    },
  });
}

/** Mostly a little forwards, sometimes days, sometimes a little back. */
function jump(world: World): void {
  const { random } = world;
  world.nowMs += random.chance(0.05)
    ? random.integer(HOUR_MS, 2 * DAY_MS)
    : random.integer(-2 * SECOND_MS, 5 * 60 * SECOND_MS);
}

export function operations(leases: LeaseClients, stripe: NaiveStripe): readonly Operation[] {
  return [
    { name: 'charge without a hold', weight: 24, run: chargeWithoutHold },
    { name: 'authorize', weight: 16, run: authorize },
    { name: 'capture', weight: 12, run: capture },
    { name: 'release', weight: 3, run: release },
    { name: 'consume', weight: 18, run: (world) => world.consume() },
    { name: 'top-up', weight: 4, run: (world) => topUp(world, stripe) },
    { name: 'grant', weight: 4, run: grant },
    { name: 'sweep', weight: 2, run: sweep },
    { name: 'adjust', weight: 1, run: adjust },
    { name: 'reverse', weight: 2, run: reverse },
    { name: 'pause', weight: 1, run: pause },
    { name: 'clock', weight: 5, run: jump },
    { name: 'crash', weight: 3, run: (world) => world.crash.arm(world.random.integer(1, 40)) },
    { name: 'lose Redis', weight: 0.05, run: (world) => world.loseRedis() },
    ...blockOperations,
    ...leaseOperations(leases),
    ...refundOperations(stripe),
  ];
}
