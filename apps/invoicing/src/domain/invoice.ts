import type { Currency } from '@orbit/money';

/** A top-up whose money has arrived. */
export interface PaidTopUp {
  readonly topupId: string;
  readonly organizationId: string;
  /** Minor units of `currency`; positive. */
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** Where the money came from, as transactions show it: "stripe_session:cs_…". */
  readonly reference: string;
  readonly paymentIntentId: string;
  readonly card: { readonly brand: string; readonly last4: string } | null;
  readonly receiptEmail: string | null;
  /** When the money arrived; decides the year of the number and the period. */
  readonly paidAtMs: number;
}

/** The receipt of one top-up. It never changes once issued, but for its status. */
export interface Invoice extends PaidTopUp {
  readonly id: string;
  /** INV-2026-003 */
  readonly number: string;
  readonly year: number;
  /** 1, 2, 3 … without gaps per organization and year. */
  readonly sequence: number;
  readonly status: 'paid' | 'refunded' | 'void';
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly createdAtMs: number;
}
