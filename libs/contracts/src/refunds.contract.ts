/** Nest TCP patterns about money that goes back; checkout answers. */
export const REFUNDS_RPC = {
  /** CreateRefund → RefundView; throws not_found, refund_exceeds_unspent, payment_provider_error. */
  create: 'refunds.create',
  /** {organization_id, refund_id} → RefundView | null */
  read: 'refunds.read',
  /** RefundListQuery → RefundPage */
  list: 'refunds.list',
  /** DisputeListQuery → DisputePage */
  listDisputes: 'disputes.list',
  /** ReconcileStripe → StripeReport */
  reconcile: 'stripe.reconcile',
} as const;

/** As Stripe knows them. */
export const REFUND_REASONS = ['requested_by_customer', 'duplicate', 'fraudulent'] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

export interface CreateRefund {
  readonly organization_id: string;
  /** One of the two. */
  readonly topup_id?: string;
  /** Stripe's payment intent or checkout session, or the reference of the top-up's transaction. */
  readonly payment_id?: string;
  /** Minor units of the payment's currency; absent: all that can be refunded. */
  readonly amount_minor?: number;
  readonly reason?: string;
  /** 8–255 characters, scoped to the organization, for ever. */
  readonly idempotency_key: string;
}

export const REFUND_STATES = ['pending', 'succeeded', 'failed'] as const;
export type RefundViewState = (typeof REFUND_STATES)[number];

export interface RefundView {
  readonly refund_id: string;
  readonly organization_id: string;
  readonly topup_id: string;
  readonly payment_intent_id: string;
  /** `dashboard`: made at Stripe, not by this API. */
  readonly origin: 'api' | 'dashboard';
  readonly state: RefundViewState;
  readonly amount_minor: number | null;
  /** In `unit`. */
  readonly amount: string | null;
  /** The payment's. */
  readonly currency: string;
  /** The wallet's. */
  readonly unit: string;
  readonly reason: string | null;
  readonly failure_reason: string | null;
  readonly stripe_refund_id: string | null;
  readonly created_at: string;
  readonly refunded_at: string | null;
  readonly replayed: boolean;
}

export interface RefundListQuery {
  readonly organization_id: string;
  readonly topup_id?: string;
  readonly limit: number;
  /** The last refund of the page before: newest first, ties by id. */
  readonly after_id?: string;
}

export interface RefundPage {
  readonly refunds: readonly RefundView[];
  readonly has_more: boolean;
}

export const DISPUTE_STATES = ['inquiry', 'open', 'inquiry_closed', 'won', 'lost'] as const;
export type DisputeViewState = (typeof DISPUTE_STATES)[number];

export interface DisputeView {
  /** Stripe's. */
  readonly dispute_id: string;
  readonly organization_id: string;
  readonly topup_id: string;
  readonly payment_intent_id: string;
  readonly state: DisputeViewState;
  readonly amount_minor: number;
  /** In `unit`. */
  readonly amount: string;
  /** The payment's. */
  readonly currency: string;
  /** The wallet's. */
  readonly unit: string;
  /** Fee of the payment provider, in minor units. */
  readonly fee_minor: number;
  readonly reason: string;
  /** Until when evidence counts. */
  readonly evidence_due_at: string | null;
  readonly opened_at: string;
  readonly closed_at: string | null;
}

export interface DisputeListQuery {
  /** Absent: of all organizations. */
  readonly organization_id?: string;
  readonly state?: string;
  readonly limit: number;
  readonly after_id?: string;
}

export interface DisputePage {
  readonly disputes: readonly DisputeView[];
  readonly has_more: boolean;
}

export interface ReconcileStripe {
  /** Absent: as far back as the scheduled check looks. */
  readonly since?: string;
  /** Replays events of Stripe that were missed, before comparing. */
  readonly fix?: boolean;
}

/** Highest precedence first. */
export const DIFFERENCES = [
  'paid_again',
  'payment_not_credited',
  'credit_without_payment',
  'credit_differs',
  'refund_not_booked',
  'refund_without_payment',
  'refund_differs',
  'refund_stuck',
  'dispute_not_held',
  'dispute_not_booked',
  'dispute_without_payment',
  'dispute_differs',
  'fee_not_booked',
  'clearing_differs',
] as const;
export type DifferenceKind = (typeof DIFFERENCES)[number];

export interface StripeDifference {
  readonly kind: DifferenceKind;
  /** Null when what is at Stripe names no top-up of ours. */
  readonly organization_id: string | null;
  readonly topup_id: string | null;
  /** Of Stripe: a payment, refund or dispute; ours when Stripe has none. */
  readonly subject: string;
  readonly payment_intent_id: string | null;
  readonly currency: string;
  /** Amount at Stripe, in the unit of the wallet; "0" when Stripe has none. */
  readonly at_stripe: string;
  readonly in_ledger: string;
  readonly what_to_do: string;
}

export interface ClearingTotal {
  readonly currency: string;
  readonly at_stripe: string;
  readonly in_ledger: string;
}

export interface StripeReport {
  readonly since: string;
  readonly until: string;
  /** Number of compared objects. */
  readonly compared: {
    readonly balance_transactions: number;
    readonly payments: number;
    readonly refunds: number;
    readonly disputes: number;
    readonly ledger_entries: number;
  };
  /** Payments at Stripe that are no top-ups, such as subscriptions. */
  readonly not_ours: number;
  /** The payments that were compared, by unit: what Stripe has of them, and the account stripe_clearing. */
  readonly clearing: readonly ClearingTotal[];
  readonly differences: readonly StripeDifference[];
  /** Events that `fix` replayed. */
  readonly replayed_events: number;
}

/** The side of the ledger in the comparison with Stripe. */
export const PAYMENT_ENTRIES_RPC = {
  /** PaymentEntriesQuery → PaymentEntriesPage */
  list: 'payment_entries.list',
  /** {references: PaymentReference[]} → PaymentTotal[], of those that the ledger knows. */
  totals: 'payment_entries.totals',
} as const;

/** "topup:<id>", "refund:<id>", "dispute:<id>" or "dispute_fee:<id>". */
export interface PaymentReference {
  readonly organization_id: string;
  readonly currency: string;
  readonly reference: string;
}

/** Which references have entries that stand for money at Stripe, since an instant. */
export interface PaymentEntriesQuery {
  readonly since: string;
  readonly limit: number;
  readonly after?: string;
}

export interface PaymentEntryView extends PaymentReference {
  readonly booked_at: string;
}

export interface PaymentEntriesPage {
  readonly entries: readonly PaymentEntryView[];
  /** Null on the last page. */
  readonly after: string | null;
}

export interface PaymentTotal extends PaymentReference {
  /** All that is booked: positive when money came to Stripe, negative when it left. */
  readonly amount: string;
  /** Set aside for it, not booked. */
  readonly held: string;
  /** Money received at Stripe minus money that left Stripe, as stripe_clearing has it. */
  readonly at_stripe: string;
}
