import { instant } from './schema/fields.js';
import { operation } from './schema/operation.js';
import {
  flag,
  integer,
  list,
  nothing,
  nullable,
  object,
  oneOf,
  text,
  type Static,
} from './schema/shape.js';

/**
 * Order in which the work of one instant of an account is done. Work on real time runs when it likes; on an account
 * whose clock stands, the driver in invoicing runs one step after the other, and waits in between until what a step
 * sent to the others has arrived.
 */
export const DUE_STEPS = [
  'close_usage',
  'price_usage',
  'commit_usage',
  'expire_credit',
  'begin_periods',
  'issue_invoices',
  'collect_payments',
  'evaluate_alerts',
  'queue_webhooks',
] as const;
export type DueStep = (typeof DUE_STEPS)[number];

/**
 * Work that a service does for an account at instants that are known beforehand. A background loop does it for accounts
 * on real time and skips those whose clock stands; for these the driver does.
 */
export interface DueWork {
  readonly name: string;
  readonly step: DueStep;
  /** The earliest instant at which something is still to be done, no later than `untilMs`; null: nothing is. */
  nextDue(accountId: string, untilMs: number): Promise<number | null>;
  /** Does all that is due by `atMs`; may be repeated. Returns how many things it did. */
  runDue(accountId: string, atMs: number): Promise<number>;
}

/** Names of the two operations that are ours beside Orb's; invoicing answers them as it answers those. */
export const TEST_CLOCK_OPERATIONS = {
  fetch: 'fetch-test-clock',
  advance: 'advance-test-clock',
} as const;

const account = { account_id: text({ minLength: 1 }) } as const;
const AccountAsk = object(account);
export type AccountAsk = Static<typeof AccountAsk>;

export const NextDueAsk = object({ ...account, until: instant() });
export type NextDueAsk = Static<typeof NextDueAsk>;

export const NextDueView = object({
  at: nullable(text()),
  /** Steps for which this service has any work. */
  steps: list(oneOf(DUE_STEPS)),
});
export type NextDueView = Static<typeof NextDueView>;

export const RunDue = object({ ...account, at: instant(), step: oneOf(DUE_STEPS) });
export type RunDue = Static<typeof RunDue>;

export const MoveClock = object({
  ...account,
  now: instant(),
  /** Where the clock is being moved to; null: it has arrived. */
  target: nullable(instant()),
});
export type MoveClock = Static<typeof MoveClock>;

/** The part of every service with accounts' time; the driver in invoicing asks for it. */
export const ACCOUNT_CLOCK = {
  nextDue: operation('account_clock.next_due', NextDueAsk, NextDueView),
  /** Closing or billing what a whole account has used takes its time. */
  runDue: operation('account_clock.run_due', RunDue, object({ count: integer() }), [], {
    timeoutMs: 60_000,
  }),
  move: operation('account_clock.move', MoveClock, nothing),
  /** Whether everything published before the call has arrived. */
  allArrived: operation('account_clock.settle', AccountAsk, object({ is_settled: flag() }), [], {
    timeoutMs: 10_000,
  }),
} as const;

export const StandClock = object({ ...account, now: instant() });
export type StandClock = Static<typeof StandClock>;

/** Operations of the clocks' driver: invoicing. */
export const CLOCK_DRIVER = {
  /** The clock of a new account stands at this instant. */
  stand: operation('account_clock.stand', StandClock, nothing),
} as const;
