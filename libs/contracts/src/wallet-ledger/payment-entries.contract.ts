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
