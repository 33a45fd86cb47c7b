import type { DueStep } from '@orbit/contracts';

/** A service's part of the clock of an account. Errors: OrbitError `unavailable`, `timeout`; a call may be repeated. */
export interface ClockService {
  readonly name: string;
  nextDue(
    accountId: string,
    untilMs: number,
  ): Promise<{ readonly atMs: number | null; readonly steps: readonly DueStep[] }>;
  runDue(accountId: string, atMs: number, step: DueStep): Promise<number>;
  /** `targetMs`: where the clock is being moved to; null when it has arrived. */
  move(accountId: string, nowMs: number, targetMs: number | null): Promise<void>;
  /** Whether everything sent to the service before the call, and everything that it sent, has arrived. */
  hasArrived(accountId: string): Promise<boolean>;
}

/** A clock that stands, or is being moved. */
export interface ClockState {
  readonly nowMs: number;
  /** Null: it stands. */
  readonly targetMs: number | null;
}

/** Clocks as the driver keeps them. `realMs` is real time. Errors: the database's own. */
export interface Clocks {
  /** Null: the account follows real time. */
  read(accountId: string): Promise<ClockState | null>;
  /** Aims a clock, which stands at `nowMs` from then on if it did not; false: it is, or is to be, past that. */
  aim(accountId: string, nowMs: number, targetMs: number): Promise<boolean>;
  /** Sets the clock of an account that has none. */
  stand(accountId: string, nowMs: number): Promise<void>;
  /** Makes the caller the only driver for some time; false: somebody else is. */
  claim(accountId: string, realMs: number): Promise<boolean>;
  /** Moves it forward and keeps the claim. */
  step(accountId: string, nowMs: number, realMs: number): Promise<void>;
  /** False: it was aimed farther meanwhile. */
  arrive(accountId: string, targetMs: number): Promise<boolean>;
  release(accountId: string): Promise<void>;
  /** Accounts whose clock is being moved by nobody. */
  listAbandoned(realMs: number): Promise<readonly string[]>;
}
