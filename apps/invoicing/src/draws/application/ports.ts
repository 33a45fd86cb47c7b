import type { UsageAsk, UsageByKey } from '../../billing/domain/subscription.js';
import type { AppliedCredits, CreditToReturn, DrawPart } from '../domain/draw-plan.js';

/** A document's question to one wallet. */
export interface DrawQuestion {
  /** The customer that pays. */
  readonly customerId: string;
  readonly currency: string;
  readonly documentId: string;
  readonly parts: readonly DrawPart[];
}

/** The owner of usage that is on no document yet, and the report since which it is. */
export interface AccrualMark {
  readonly subscriptionId: string;
  /** Rises with each report; whole number as text. */
  readonly version: string;
}

/** A subscription's usage that is on no document yet, of one wallet. */
export interface AccruedUsage extends AccrualMark {
  readonly customerId: string;
  readonly currency: string;
  /** `lineId` is the one of the charge (`accruedLineId`). */
  readonly parts: readonly DrawPart[];
}

/** Orders the reports about one subscription to the ledger. Errors: the database's own. */
export interface AccrualVersions {
  next(): Promise<string>;
}

/** A customer, and the units that are looked for. */
export interface CreditHolder {
  readonly customerId: string;
  readonly currencies: readonly string[];
}

/** Wallet-ledger's prepaid credit. Errors: unavailable, timeout. */
export interface CreditLedger {
  /** In which of their units a draw may find anything, in the order of the holders. */
  held(holders: readonly CreditHolder[]): Promise<readonly ReadonlySet<string>[]>;
  /** Books for good, once per document and wallet; a repeat gets the first answer. */
  draw(question: DrawQuestion, replaces: AccrualMark | null): Promise<AppliedCredits>;
  /** Reports usage that is on no document; the newest report counts. */
  accrue(usage: AccruedUsage): Promise<void>;
  /** Which of these customers hold any credit. */
  holders(customerIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The result of a draw if it were made now. */
  preview(question: DrawQuestion): Promise<AppliedCredits>;
  /** Once per id. */
  giveBack(credit: CreditToReturn): Promise<void>;
}

/** Errors: unavailable, timeout. */
export interface CountedUsage {
  /** Of each list of questions, in their order. */
  readAll(
    accountId: string,
    asks: readonly (readonly UsageAsk[])[],
  ): Promise<readonly UsageByKey[]>;
}
