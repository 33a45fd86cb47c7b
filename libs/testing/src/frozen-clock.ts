import type { Clock } from '@orbit/kernel';

/** A clock that stands still until a test moves it. */
export interface FrozenClock extends Clock {
  advance(ms: number): void;
  set(nowMs: number): void;
}

export function frozenClock(startMs = Date.UTC(2026, 0, 1)): FrozenClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    set: (ms) => {
      nowMs = ms;
    },
  };
}
