import { currency, instant, object, organizationId, signedAmount, text } from './schema.js';

const count = { type: 'integer', minimum: 0 } as const;

/** Fact: auto-reload turned itself off, because the saved payment method was declined too often. */
export interface AutoReloadDisabled {
  readonly organization_id: string;
  readonly currency: string;
  readonly reason: string;
  readonly decline_count: number;
  readonly occurred_at: string;
}

export const autoReloadDisabledSchema = object({
  organization_id: organizationId,
  currency,
  reason: text,
  decline_count: count,
  occurred_at: instant,
});

/** Fact: money was taken back from the wallet, so auto-reload is paused until somebody resumes it. */
export interface AutoReloadPaused {
  readonly organization_id: string;
  readonly currency: string;
  readonly reason: 'refund' | 'dispute' | 'void' | 'amendment' | 'adjustment';
  /** Reference of the ledger's entry that took the money. */
  readonly reference: string;
  readonly occurred_at: string;
}

export const autoReloadPausedSchema = object({
  organization_id: organizationId,
  currency,
  reason: { enum: ['refund', 'dispute', 'void', 'amendment', 'adjustment'] },
  reference: text,
  occurred_at: instant,
});

/** Fact: somebody went on after a pause; charges from now on call for payments again. */
export interface AutoReloadResumed {
  readonly organization_id: string;
  readonly currency: string;
  readonly occurred_at: string;
}

export const autoReloadResumedSchema = object({
  organization_id: organizationId,
  currency,
  occurred_at: instant,
});

/** Fact: closing the gap would take more than a ceiling of the policy leaves; published once per ceiling and UTC day. */
export interface AutoReloadLimited {
  readonly organization_id: string;
  readonly currency: string;
  readonly ceiling: AutoReloadCeiling;
  /** The balance that called for a payment. */
  readonly balance: string;
  /** Amount that would close the gap, and the amount paid now. */
  readonly wanted: string;
  readonly paid: string;
  readonly occurred_at: string;
}

export type AutoReloadCeiling =
  | 'amount_per_payment'
  | 'amount_per_day'
  | 'amount_per_month'
  | 'reloads_per_day'
  | 'reloads_per_month';

export const autoReloadLimitedSchema = object({
  organization_id: organizationId,
  currency,
  ceiling: {
    enum: [
      'amount_per_payment',
      'amount_per_day',
      'amount_per_month',
      'reloads_per_day',
      'reloads_per_month',
    ],
  },
  balance: signedAmount,
  wanted: signedAmount,
  paid: signedAmount,
  occurred_at: instant,
});
