/** The only source of time; injected everywhere so that tests and test clocks can drive it. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  nowMs(): number;
}

/** Wall clock of this process. */
export const systemClock: Clock = { nowMs: () => Date.now() };
