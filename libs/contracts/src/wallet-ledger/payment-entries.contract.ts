import { instant, NOT_A_CURSOR, organizationId } from '../schema/fields.js';
import { namesOf, operation } from '../schema/operation.js';
import { integer, list, nullable, object, optional, text, type Static } from '../schema/shape.js';

export const PAYMENT_ENTRIES_PAGE_MAX = 1_000;

/** "topup:<id>", "refund:<id>", "dispute:<id>" or "dispute_fee:<id>". */
const reference = {
  organization_id: organizationId,
  currency: text({ minLength: 1 }),
  reference: text({ minLength: 1 }),
} as const;
export const PaymentReference = object(reference);
export type PaymentReference = Static<typeof PaymentReference>;

/** Which references have entries that stand for money at Stripe, since an instant. */
export const PaymentEntriesQuery = object({
  since: instant(),
  limit: integer({ minimum: 1, maximum: PAYMENT_ENTRIES_PAGE_MAX }),
  /** `after` of the page before. */
  after: optional(text({ pattern: '^\\d{1,15}\\.\\d{1,18}\\.\\d{1,18}$', says: NOT_A_CURSOR })),
});
export type PaymentEntriesQuery = Static<typeof PaymentEntriesQuery>;

export const PaymentEntriesPage = object({
  entries: list(object({ ...reference, booked_at: text() })),
  /** Null on the last page. */
  after: nullable(text()),
});
export type PaymentEntriesPage = Static<typeof PaymentEntriesPage>;

export const PaymentTotal = object({
  ...reference,
  /** All that is booked: positive when money came to Stripe, negative when it left. */
  amount: text(),
  /** Set aside for it, not booked. */
  held: text(),
  /** Money received at Stripe minus money that left Stripe, as stripe_clearing has it. */
  at_stripe: text(),
});
export type PaymentTotal = Static<typeof PaymentTotal>;

/** The side of the ledger in the comparison with Stripe. */
export const PAYMENT_ENTRIES = {
  list: operation('payment_entries.list', PaymentEntriesQuery, PaymentEntriesPage),
  /** Totals of the references that the ledger has. */
  totals: operation(
    'payment_entries.totals',
    object({ references: list(PaymentReference, { maxItems: PAYMENT_ENTRIES_PAGE_MAX }) }),
    list(PaymentTotal),
  ),
} as const;

/** The names on the wire, for who asks without a client. */
export const PAYMENT_ENTRIES_RPC = namesOf(PAYMENT_ENTRIES);
