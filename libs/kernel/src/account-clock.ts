import type { Clock } from './clock.js';

/**
 * The only source of an account's time. A test account whose clock was ever set is frozen between two moves of it;
 * every other account follows real time. Lifetimes of holds, leases, sessions and retries are real time: use `Clock`.
 */
export interface AccountClock {
  /** Milliseconds since the Unix epoch, UTC. Errors: the database's own. */
  nowMs(accountId: string): Promise<number>;
}

/** Every account on real time. */
export const onRealTime = (clock: Clock): AccountClock => ({
  nowMs: () => Promise.resolve(clock.nowMs()),
});
