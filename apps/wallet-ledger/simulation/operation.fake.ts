import { micros, type Micros } from '@orbit/money';
import type { Charge } from '../src/books/domain/wallet.js';
import type { World } from './world.fake.js';

/** What may happen, and how often against the others. */
export interface Operation {
  readonly name: string;
  readonly weight: number;
  readonly run: (world: World) => void | Promise<void>;
}

/** From less than a cent to tens of units; fractions of a cent are the rule. */
export function anyAmount({ random }: World): Micros {
  const size = random.pick([7_500, 130_000, 2_000_000, 9_000_000]);
  return micros(BigInt(random.integer(1, size)));
}

export function charge(world: World, chargeId: string, changes: Partial<Charge>): Charge {
  return {
    chargeId,
    amountMicros: anyAmount(world),
    channel: world.random.pick(['sms', 'voice', 'email']),
    quantity: 1,
    metadata: {},
    occurredAtMs: world.nowMs,
    isAuthorized: false,
    leaseId: null,
    ...changes,
  };
}
