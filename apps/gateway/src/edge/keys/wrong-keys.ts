import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { addressBlock } from './address-block.js';

/** Wrong keys of one address in a minute that get 401; the next one waits. Twice as many stay below a hundred. */
export const WRONG_KEYS_MAX = 50;
/** How long they count, and how long an address waits after the last one. */
export const WRONG_KEYS_MS = 60_000;
/** Addresses that are counted; the one that began first is lost first. */
const ADDRESSES_MAX = 20_000;

/** Doors that open with a key. */
export type KeyDoor = 'organization' | 'account' | 'operator';

/** The count that all gateways share. It adds to each one's own, and is never waited for. */
export interface SharedWrongKeys {
  /** Counts one more; answers how many there are now, or null while the server is unavailable. */
  count(block: string, forMs: number): Promise<number | null>;
}

/** Called with every wrong key's facts, never with the key. `isFirst`: of this address, in this state. */
export type WrongKeyReport = (fact: {
  readonly door: KeyDoor;
  readonly block: string;
  readonly isThrottled: boolean;
  readonly isFirst: boolean;
}) => void;

interface Count {
  wrong: number;
  readonly untilMs: number;
  throttledUntilMs: number;
}

/**
 * Counts wrong keys by address. An address that sent too many is throttled until it has sent none for a minute: its
 * wrong keys are refused before any server is asked. Right keys do not come here, so they are served all the same.
 */
export class WrongKeys {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly clock: Clock,
    private readonly shared: SharedWrongKeys,
    private readonly report: WrongKeyReport,
  ) {}

  isThrottled(address: string): boolean {
    return (this.counts.get(addressBlock(address))?.throttledUntilMs ?? 0) > this.clock.nowMs();
  }

  /** Counts a wrong key; answers the seconds that its address waits, or 0 while it need not. */
  note(address: string, door: KeyDoor): number {
    const block = addressBlock(address);
    const nowMs = this.clock.nowMs();
    const count = this.countOf(block, nowMs);
    count.wrong += 1;
    const was = count.throttledUntilMs > nowMs;
    if (was || count.wrong > WRONG_KEYS_MAX) count.throttledUntilMs = nowMs + WRONG_KEYS_MS;
    else void this.share(block, count);
    const isThrottled = count.throttledUntilMs > nowMs;
    this.report({ door, block, isThrottled, isFirst: count.wrong === 1 || was !== isThrottled });
    return isThrottled ? WRONG_KEYS_MS / 1_000 : 0;
  }

  private countOf(block: string, nowMs: number): Count {
    const known = this.counts.get(block);
    if (known && Math.max(known.untilMs, known.throttledUntilMs) > nowMs) return known;
    this.counts.delete(block);
    const fresh = { wrong: 0, untilMs: nowMs + WRONG_KEYS_MS, throttledUntilMs: 0 };
    this.counts.set(block, fresh);
    const [oldest] = this.counts.keys();
    if (this.counts.size > ADDRESSES_MAX && oldest !== undefined) this.counts.delete(oldest);
    return fresh;
  }

  private async share(block: string, count: Count): Promise<void> {
    const everywhere = await this.shared.count(block, WRONG_KEYS_MS);
    if (everywhere === null || everywhere <= WRONG_KEYS_MAX) return;
    count.throttledUntilMs = this.clock.nowMs() + WRONG_KEYS_MS;
  }
}

/** The refusal of a wrong key of the Orbit API: 401, or 429 while its address is throttled. */
export function wrongKey(waitSeconds: number, message: string): OrbitError {
  if (waitSeconds === 0) return new OrbitError('invalid_api_key', message);
  return new OrbitError('too_many_wrong_keys', TOO_MANY_WRONG_KEYS, {
    retryAfterSeconds: waitSeconds,
  });
}

export const TOO_MANY_WRONG_KEYS =
  'Too many wrong keys came from this address. Right ones are served; wait before you send another.';
