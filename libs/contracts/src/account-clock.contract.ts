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
  /** Does all that is due by `atMs`; may be repeated. Answers how many things it did. */
  runDue(accountId: string, atMs: number): Promise<number>;
}

/** Nest TCP patterns that every service with accounts' time answers; invoicing calls them. */
export const ACCOUNT_CLOCK_RPC = {
  /** AccountAsk & {until} → NextDueView. */
  nextDue: 'account_clock.next_due',
  /** AccountAsk & {at, step} → {count}. */
  runDue: 'account_clock.run_due',
  /** AccountAsk & {now, target} → null. */
  move: 'account_clock.move',
  /** AccountAsk → {is_settled}: whether everything published before the call has arrived. */
  settle: 'account_clock.settle',
  /** AccountAsk & {now} → null, at invoicing: the clock of a new account stands at this instant. */
  stand: 'account_clock.stand',
} as const;

/** Names of the two operations that are ours beside Orb's; invoicing answers them as it answers those. */
export const TEST_CLOCK_OPERATIONS = {
  fetch: 'fetch-test-clock',
  advance: 'advance-test-clock',
} as const;

export interface AccountAsk {
  readonly account_id: string;
}

/** Instants are ISO 8601 in UTC with milliseconds. */
export interface NextDueView {
  readonly at: string | null;
  /** Steps for which this service has any work. */
  readonly steps: readonly DueStep[];
}

export interface MoveClock extends AccountAsk {
  readonly now: string;
  /** Where the clock is being moved to; null: it has arrived. */
  readonly target: string | null;
}
