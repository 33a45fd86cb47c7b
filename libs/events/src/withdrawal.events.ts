import {
  currency,
  instant,
  nullable,
  object,
  organizationId,
  signedAmount,
  text,
} from './schema.js';

/**
 * Fact: an operator took credit of a top-up out of its wallet, by voiding or amending its block. The money of it stays
 * paid. A negative amount: an amendment gave credit.
 */
export interface CreditWithdrawn {
  /** The ledger's entry: each is one withdrawal. */
  readonly entry_id: string;
  readonly topup_id: string;
  readonly organization_id: string;
  /** In the unit of the wallet. */
  readonly amount: string;
  readonly currency: string;
  readonly kind: 'void' | 'amendment';
  readonly reason: string | null;
  readonly occurred_at: string;
}

export const creditWithdrawnSchema = object({
  entry_id: text,
  topup_id: text,
  organization_id: organizationId,
  amount: signedAmount,
  currency,
  kind: { enum: ['void', 'amendment'] },
  reason: nullable(text),
  occurred_at: instant,
});
