import { derivedId } from '../../billing/domain/derived-id.js';
import type { Subscription, UsageByKey } from '../../billing/domain/subscription.js';
import type { Charge } from '../../timeline/domain/charges.js';

/** A document's request to the wallet of one currency or unit, part by part. */
export interface DrawPart {
  readonly lineId: string;
  readonly priceId: string;
  /** The charge behind the line; absent in plans that were made before usage was reported as it accrued. */
  readonly chargeKey?: string;
  /** Decimal text, in the wallet's own unit. */
  readonly amount: string;
  /** The start of the local day of the usage. */
  readonly usedAtMs: number;
}

/** The line under which the ledger has a charge's usage before any document has it. */
export const accruedLineId = (chargeKey: string): string => derivedId('use', chargeKey);

/** Of a priced document: what it draws, by currency or unit. It is written down with its lines, so that a repeat asks the same. */
export type DrawPlan = Readonly<Record<string, readonly DrawPart[]>>;

/** A document as its draw names it. */
export interface DrawnDocument {
  readonly id: string;
  readonly customerId: string;
  readonly subscriptionId: string | null;
}

/** The prepaid credit that paid for each line, decimal texts in the unit of its price. */
export type AppliedCredits = ReadonlyMap<string, string>;

/** Credit of a document's line that its wallet gets back. */
export interface CreditToReturn {
  readonly id: string;
  readonly customerId: string;
  readonly documentId: string;
  readonly lineId: string;
  readonly currency: string;
  /** Decimal text, in the wallet's own unit. */
  readonly amount: string;
}

/**
 * The facts that a plan of draws needs besides prices: which wallets hold credit, and the usage by the end of each
 * day.
 */
export interface DrawFacts {
  readonly held: ReadonlySet<string>;
  readonly daily: UsageByKey;
}

/** A document of a subscription, as far as draws look at it. */
export interface DocumentCharges {
  readonly subscription: Subscription;
  readonly fresh: readonly Charge[];
  readonly earlier: readonly Charge[];
}

/** Of a customer without credit. */
export const NOTHING_HELD: DrawFacts = { held: new Set(), daily: new Map() };

/** The draws of several documents together, by currency or unit. */
export function mergePlans(plans: readonly DrawPlan[]): DrawPlan {
  const merged: Record<string, readonly DrawPart[]> = {};
  for (const plan of plans) {
    for (const [currency, parts] of Object.entries(plan)) {
      merged[currency] = [...(merged[currency] ?? []), ...parts];
    }
  }
  return merged;
}

export const hasParts = (plan: DrawPlan | null): plan is DrawPlan =>
  plan !== null && Object.values(plan).some((parts) => parts.length > 0);
