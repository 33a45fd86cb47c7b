import { invariant } from '@orbit/kernel';
import type { Currency } from '@orbit/money';
import { monthOf } from '../../subscriptions/domain/billing-period.js';
import type { DocumentNumber } from '../../numbering/domain/document-number.js';

/** A top-up whose money has arrived. */
export interface PaidTopUp {
  readonly topupId: string;
  readonly organizationId: string;
  /** Minor units of `currency`; positive. */
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** The wallet's credit for it, in its own unit; null on receipts from before that was written down. */
  readonly credited: { readonly micros: bigint; readonly unit: string } | null;
  /** Where the money came from, as transactions show it: "stripe_session:cs_…". */
  readonly reference: string;
  readonly paymentIntentId: string;
  readonly card: { readonly brand: string; readonly last4: string } | null;
  readonly receiptEmail: string | null;
  /** When the money arrived; decides the year of the number and the period. */
  readonly paidAtMs: number;
}

/** The state of a receipt after its corrections: see `standingOf`. */
export type InvoiceStatus =
  | 'paid'
  | 'partially_refunded'
  | 'refunded'
  | 'disputed'
  | 'charged_back'
  | 'partially_void'
  | 'void';

/** The receipt of one top-up. It never changes once issued, but for its status. */
export interface Invoice extends PaidTopUp, DocumentNumber {
  readonly id: string;
  readonly account: string;
  /** False: numbered per organization and year, as receipts were before; others may have the same number. */
  readonly isNumberedBySeller: boolean;
  readonly status: InvoiceStatus;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly createdAtMs: number;
}

/** `ids` and `numbers`: one per top-up, in their order. */
export function issueInvoices(
  account: string,
  topUps: readonly PaidTopUp[],
  ids: readonly string[],
  numbers: readonly DocumentNumber[],
  createdAtMs: number,
): readonly Invoice[] {
  return topUps.map((topUp, i) => {
    const [id, number] = [ids[i], numbers[i]];
    invariant(id !== undefined && number !== undefined, 'every receipt has an id and a number');
    const period = monthOf(topUp.paidAtMs);
    return {
      ...topUp,
      ...number,
      id,
      account,
      isNumberedBySeller: true,
      status: 'paid',
      periodStartMs: period.startMs,
      periodEndMs: period.endMs,
      createdAtMs,
    };
  });
}
