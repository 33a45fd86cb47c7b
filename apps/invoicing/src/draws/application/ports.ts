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

/** Wallet-ledger's prepaid credit. Errors: unavailable, timeout. */
export interface CreditLedger {
  /** In which of these units a draw may find anything. */
  held(customerId: string, currencies: readonly string[]): Promise<ReadonlySet<string>>;
  /** Books for good, once per document and wallet; a repeat gets the first answer. */
  draw(question: DrawQuestion): Promise<AppliedCredits>;
  /** The result of a draw if it were made now. */
  preview(question: DrawQuestion): Promise<AppliedCredits>;
  /** Once per id. */
  giveBack(credit: CreditToReturn): Promise<void>;
}

/** Errors: unavailable, timeout. */
export interface CountedUsage {
  read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey>;
}
