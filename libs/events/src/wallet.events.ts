import {
  currency,
  instant,
  nullable,
  object,
  organizationId,
  sequence,
  signedAmount,
  text,
} from './schema.js';

/** Fact: the balance crossed a line; once per crossing. */
export interface BalanceAlert {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly balance: string;
  readonly threshold: string | null;
  /** Sequence number of the entry that crossed it. */
  readonly sequence: string;
  readonly occurred_at: string;
}

export const balanceAlertSchema = object({
  organization_id: organizationId,
  wallet_id: text,
  currency,
  balance: signedAmount,
  threshold: nullable(signedAmount),
  sequence,
  occurred_at: instant,
});

/** Fact: outbound was paused, or resumed from that reason. */
export interface WalletPauseChange {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly reason: string;
  readonly sequence: string;
  readonly occurred_at: string;
}

export const walletPauseChangeSchema = object({
  organization_id: organizationId,
  wallet_id: text,
  currency,
  reason: { enum: ['balance_depleted', 'dispute', 'manual', 'reconciliation'] },
  sequence,
  occurred_at: instant,
});

/** Fact: money left the wallet that nobody spent: somebody took it back. Expired credit is not among it. */
export interface CreditTakenBack {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly reason: 'refund' | 'dispute' | 'void' | 'amendment' | 'adjustment';
  /** Reference of the entries. */
  readonly reference: string;
  /** Amount taken, by Stripe when a dispute opens, from the wallet in all other cases. */
  readonly amount: string;
  /** After it. */
  readonly balance: string;
  readonly sequence: string;
  readonly occurred_at: string;
}

export const creditTakenBackSchema = object({
  organization_id: organizationId,
  wallet_id: text,
  currency,
  reason: { enum: ['refund', 'dispute', 'void', 'amendment', 'adjustment'] },
  reference: text,
  amount: signedAmount,
  balance: signedAmount,
  sequence,
  occurred_at: instant,
});
