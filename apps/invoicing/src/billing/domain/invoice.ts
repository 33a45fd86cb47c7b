import type { Listed, Metadata, PageQuery } from '@orbit/orb-api';
import type { Decimal, Usage } from '@orbit/pricing';
import type { DrawPlan } from '../../draws/domain/draw-plan.js';
import type { InvoiceLine } from './print-line.js';

type Fields = Readonly<Record<string, unknown>>;

export type InvoiceStage = 'due' | 'closed' | 'priced' | 'drawn' | 'issued';
export type InvoiceStatus = 'draft' | 'issued' | 'paid' | 'synced' | 'void';

/** An invoice of ours. Amounts are decimal texts, in whole minor units. */
export interface Invoice extends Listed {
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  /** Null: one-off. */
  readonly subscriptionId: string | null;
  readonly source: 'subscription' | 'partial' | 'one_off';
  /** Stripe's own: shown as it is there, changed by nobody here. Absent: ours. */
  readonly biller?: 'stripe';
  readonly stage: InvoiceStage;
  readonly status: InvoiceStatus;
  /** Null: a draft. */
  readonly number: string | null;
  readonly currency: string;
  readonly invoiceDateMs: number;
  /** From then on it may be issued. */
  readonly eligibleMs: number | null;
  readonly willAutoIssue: boolean;
  /** Days from issue to due. */
  readonly netTerms: number;
  readonly dueMs: number | null;
  readonly issuedMs: number | null;
  readonly paidMs: number | null;
  readonly paymentReceivedMs: number | null;
  readonly voidedMs: number | null;
  /** When it is charged by itself next; null: it is not. */
  readonly collectMs: number | null;
  readonly subtotal: string;
  readonly total: string;
  readonly amountDue: string;
  readonly hasUsage: boolean;
  /** The usage of its periods when they were closed, by charge. */
  readonly closed: Readonly<Record<string, Usage>> | null;
  /** The draw of prepaid credit, as it was priced; null: none. */
  readonly draw: DrawPlan | null;
  readonly metadata: Metadata;
  readonly document: InvoiceDocument;
}

/** Further content of an invoice, as of its issue. */
export interface InvoiceDocument {
  readonly memo: string | null;
  readonly autoCollection: boolean | null;
  readonly billingAddress: Fields | null;
  readonly shippingAddress: Fields | null;
  readonly customerTaxId: Fields | null;
  readonly discounts: readonly Fields[];
  /** Said by whoever wrote it; null: from the terms. */
  readonly fixedDueMs: number | null;
}

/** A line of a document that bills a charge, and what of it was not given back. */
export interface BilledLine {
  readonly id: string;
  readonly chargeKey: string;
  readonly invoiceId: string;
  /** False: it is priced, and on its way. */
  readonly isIssued: boolean;
  /** In the unit of its price, before credit: its own part, without what partial invoices took before. */
  readonly left: Decimal;
  /** Of a partial invoice: the period itself is billed later. */
  readonly isPartial: boolean;
  /** The prepaid credit that paid for it and was not given back, in the unit of its price. */
  readonly credit: Decimal;
}

/** The part of a line that was taken back after its issue. */
export interface LineUndone {
  /** Of what it cost before credit, in the unit of its price. */
  readonly undone: Decimal;
  /** Money given back, in the currency of the invoice. */
  readonly credited: Decimal;
  /** Prepaid credit given back, in the unit of its price. */
  readonly returned: Decimal;
}

export interface CreditNote extends Listed {
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly invoiceId: string;
  readonly number: string;
  readonly type: 'refund' | 'adjustment';
  readonly reason: string;
  readonly memo: string | null;
  readonly total: string;
  /** As the contract shows them. */
  readonly lines: readonly Fields[];
  readonly voidedAt: Date | null;
  /** Whoever has it may read the document. Null before it is stored. */
  readonly pdfUrl: string | null;
}

export interface BalanceTransaction extends Listed {
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly type: 'increment' | 'decrement';
  readonly action: string;
  readonly amount: string;
  readonly startingBalance: string;
  readonly endingBalance: string;
  readonly description: string | null;
  readonly invoiceId: string | null;
  readonly creditNoteId: string | null;
}

/** How a payment by a saved method stands. `dropped`: there was nothing to pay with. */
export interface InvoicePaymentState {
  readonly status: 'open' | 'succeeded' | 'failed' | 'dropped';
  /** At Stripe. */
  readonly paymentIntentId: string | null;
  /** Code of the decline. */
  readonly failure: string | null;
}

/** One attempt to pay an invoice. */
export interface PaymentAttempt extends InvoicePaymentState {
  readonly id: string;
  readonly amount: string;
  readonly createdMs: number;
  /** Nobody asked for it: the invoice collects itself. */
  readonly isAutomatic: boolean;
}

/** An invoice with everything that stands on it. */
/** Addresses of a document; whoever has them may read it. Null: it is not there yet. */
export interface InvoiceLinks {
  readonly page: string;
  readonly pdf: string | null;
  readonly receipt: string | null;
}

export interface InvoiceParts {
  /** Null: the document is of no use to anybody yet. */
  readonly links: InvoiceLinks | null;
  readonly invoice: Invoice;
  readonly customer: { readonly id: string; readonly external_customer_id: string | null };
  readonly lines: readonly InvoiceLine[];
  readonly notes: readonly CreditNote[];
  readonly balance: readonly BalanceTransaction[];
  readonly attempts: readonly PaymentAttempt[];
}

/** Bounds of a value of invoices; null: open. */
export interface Between<T> {
  readonly gte: T | null;
  readonly gt: T | null;
  readonly lt: T | null;
  readonly lte: T | null;
}

export interface InvoiceQuery extends PageQuery {
  readonly customerId: string | null;
  readonly externalCustomerId: string | null;
  readonly subscriptionId: string | null;
  readonly statuses: readonly string[];
  readonly isRecurring: boolean | null;
  readonly invoiceDate: Between<Date>;
  readonly dueDate: Between<Date>;
  /** Decimal texts. */
  readonly amount: Between<string>;
}
