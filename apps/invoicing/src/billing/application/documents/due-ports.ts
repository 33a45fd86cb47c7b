import type { BilledLine, Invoice } from '../invoice-ports.js';
import type { Subscription } from '../ports.js';

/** A draft with what it is made from. */
export interface DueDraft {
  readonly invoice: Invoice;
  readonly subscription: Subscription;
  readonly billed: readonly BilledLine[];
}

/** What the billing run has to look at. Errors: the database's own. */
export interface DueWork {
  /** Accounts of which anything is due at some time. */
  accounts(): Promise<readonly string[]>;
  /** The earliest instant at which anything of an account is due. */
  nextDueMs(accountId: string): Promise<number | null>;
  /** Subscriptions that are to be looked at, earliest first. */
  subscriptions(accountId: string, untilMs: number): Promise<readonly string[]>;
  /** Drafts that are to be issued, earliest first. */
  drafts(accountId: string, untilMs: number): Promise<readonly string[]>;
  /** Null when it is issued, or of no subscription. */
  draft(accountId: string, invoiceId: string): Promise<DueDraft | null>;
}
