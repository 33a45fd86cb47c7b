import { dateOrInstant } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';

/** A comparison reads every payment of days, page by page. */
const RECONCILE_TIMEOUT_MS = 120_000;

const comparison = {
  /** Absent: as far back as the scheduled check looks. */
  since: optional(
    dateOrInstant({
      example: '2026-05-15T00:00:00Z',
      description: 'Start of the check. Default: as far back as the scheduled check looks.',
      nullIsAbsent: true,
    }),
  ),
  fix: optional(
    flag({
      example: false,
      description: "Replay what was missed from Stripe's list of events first.",
      nullIsAbsent: true,
    }),
  ),
} as const;
export const ReconcileBody = object(comparison, { title: 'ReconcileBody' });
export type ReconcileBody = Static<typeof ReconcileBody>;
export const ReconcileStripe = object(comparison);
export type ReconcileStripe = Static<typeof ReconcileStripe>;

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

export const StripeDifference = object(
  {
    kind: oneOf(DIFFERENCES, { example: 'refund_not_booked' }),
    /** Null when what is at Stripe names no top-up of ours. */
    organization_id: nullable(text({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })),
    topup_id: nullable(text({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })),
    /** Stripe's id; ours when Stripe has none. */
    subject: text({ example: 're_abc123', description: 'The payment, refund or dispute.' }),
    payment_intent_id: nullable(text({ example: 'pi_abc123' })),
    currency: text({ example: 'USD' }),
    /** Amount at Stripe, in the unit of the wallet; "0" when Stripe has none. */
    at_stripe: text({ example: '-25.00' }),
    in_ledger: text({ example: '0.00' }),
    what_to_do: text({ example: 'Run it again with --fix: the event of the refund was missed.' }),
  },
  { title: 'DifferenceModel' },
);
export type StripeDifference = Static<typeof StripeDifference>;

export const ClearingTotal = object(
  {
    currency: text({ example: 'USD' }),
    at_stripe: text({ example: '985.00' }),
    in_ledger: text({ example: '985.00' }),
  },
  { title: 'ClearingTotalModel' },
);
export type ClearingTotal = Static<typeof ClearingTotal>;

/** Number of compared objects. */
const Compared = object(
  {
    balance_transactions: number({ example: 120 }),
    payments: number({ example: 100 }),
    refunds: number({ example: 12 }),
    disputes: number({ example: 2 }),
    ledger_entries: number({ example: 114 }),
  },
  { title: 'ComparedModel' },
);

export const StripeReport = object(
  {
    since: text({ example: '2026-05-15T00:00:00.000Z' }),
    until: text({ example: '2026-05-16T12:00:00.000Z' }),
    compared: Compared,
    not_ours: number({ example: 0, description: 'Payments at Stripe that are no top-ups.' }),
    clearing: list(ClearingTotal, {
      description: 'Amounts of the compared payments at Stripe, and the account stripe_clearing.',
    }),
    differences: list(StripeDifference),
    /** Events that `fix` replayed. */
    replayed_events: number({ example: 0 }),
  },
  { title: 'StripeReportModel' },
);
export type StripeReport = Static<typeof StripeReport>;

/** Stripe's books against ours. */
export const STRIPE_RECONCILIATION = {
  run: operation('stripe.reconcile', ReconcileStripe, StripeReport, ['payment_provider_error'], {
    timeoutMs: RECONCILE_TIMEOUT_MS,
  }),
} as const;
