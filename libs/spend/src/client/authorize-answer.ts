import type { BlockReason, Refusal } from '@orbit/contracts';
import { micros } from '@orbit/money';
import type { AuthorizeReply } from './authorize-queue.js';
import type { Refused } from '../types.js';

/** An amount that is held, or captured, from now on or already. */
export interface Held {
  readonly available: number | bigint;
  readonly expiresAtMs: number;
  /** The earlier state of the charge id; null when this call made it. */
  readonly replay: { readonly state: string; readonly occurredAtMs: number } | null;
}

type Replay = readonly ['replay', number, number, string, number];

export function toAnswer(reply: AuthorizeReply, ttlMs: number): Held | Refused {
  if ('left' in reply)
    return { available: reply.left, expiresAtMs: reply.nowMs + ttlMs, replay: null };
  if (reply[0] !== 'replay') return refused(reply);
  const [, available, expiresAtMs, state, occurredAtMs] = reply as Replay;
  return { available, expiresAtMs, replay: { state, occurredAtMs } };
}

export function refused(reply: readonly unknown[]): Refused {
  if (reply[0] === 'ended')
    return {
      status: 'refused',
      reason: 'charge_id_conflict',
      availableMicros: null,
      pausedReason: null,
      endedAs: reply[1] === 'L' ? 'released' : 'expired',
    };
  const [reason, available, paused] = reply as readonly [Refusal, number?, string?];
  return {
    status: 'refused',
    reason,
    availableMicros: available === undefined ? null : micros(BigInt(available)),
    pausedReason: paused ? (paused as BlockReason) : null,
    endedAs: null,
  };
}
