import { organizationId, shownInstant } from '../schema/fields.js';
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
  type Shape,
  type ShapeNotes,
  type Static,
} from '../schema/shape.js';
import { AT_STRIPE, idempotencyKey, pageLimit, paymentMinor } from './fields.js';

/** As Stripe knows them. */
export const REFUND_REASONS = ['requested_by_customer', 'duplicate', 'fraudulent'] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];
export const REFUND_STATES = ['pending', 'succeeded', 'failed'] as const;
export type RefundViewState = (typeof REFUND_STATES)[number];
export const DISPUTE_STATES = ['inquiry', 'open', 'inquiry_closed', 'won', 'lost'] as const;
export type DisputeViewState = (typeof DISPUTE_STATES)[number];
const ORIGINS = ['api', 'dashboard'] as const;

const id = (notes: ShapeNotes = {}): Shape<string> =>
  text({ pattern: '^[^]{1,255}$', says: 'is a text of 1 to 255 characters', ...notes });
const paymentId = (notes: ShapeNotes): Shape<string> =>
  text({ pattern: '^[!-~]{1,255}$', says: 'is the id of a payment', nullIsAbsent: true, ...notes });

/** The payment by one of the two ids. */
const refunded = {
  topup_id: optional(
    paymentId({
      example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B',
      description: 'The top-up; this or `payment_id`.',
    }),
  ),
  payment_id: optional(
    paymentId({
      example: 'pi_abc123',
      description:
        'The payment as Stripe names it (`pi_…`, `cs_…`), or the `reference` of its transaction.',
    }),
  ),
} as const;
const reason = {
  reason: optional(oneOf(REFUND_REASONS, { example: 'requested_by_customer', nullIsAbsent: true })),
} as const;
export const CreateRefundBody = object(
  {
    ...refunded,
    amount: optional(
      paymentMinor({
        example: 7_500,
        description: 'Amount in minor units. Default: the whole unspent amount of the payment.',
        nullIsAbsent: true,
      }),
    ),
    ...reason,
  },
  { title: 'CreateRefundBody' },
);
export type CreateRefundBody = Static<typeof CreateRefundBody>;

export const CreateRefund = object({
  organization_id: organizationId,
  idempotency_key: idempotencyKey,
  ...refunded,
  /** Minor units of the payment's currency; absent: all that can be refunded. */
  amount_minor: optional(paymentMinor({ param: 'amount' })),
  ...reason,
});
export type CreateRefund = Static<typeof CreateRefund>;

export const RefundView = object({
  refund_id: text(),
  organization_id: text(),
  topup_id: text(),
  payment_intent_id: text(),
  /** `dashboard`: made at Stripe, not by this API. */
  origin: oneOf(ORIGINS),
  state: oneOf(REFUND_STATES),
  amount_minor: nullable(number()),
  /** In `unit`. */
  amount: nullable(text()),
  /** The payment's. */
  currency: text(),
  /** The wallet's. */
  unit: text(),
  reason: nullable(text()),
  failure_reason: nullable(text()),
  stripe_refund_id: nullable(text()),
  created_at: text(),
  refunded_at: nullable(text()),
  replayed: flag(),
});
export type RefundView = Static<typeof RefundView>;

/** As the public sees it. */
export const ShownRefund = object(
  {
    id: text({ example: 'ref_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    topup_id: text({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    payment_id: text({ example: 'pi_abc123' }),
    state: oneOf(REFUND_STATES, {
      example: 'succeeded',
      description:
        '`pending` until Stripe reports an outcome. A refund may fail after it had succeeded.',
    }),
    amount_minor: nullable(number({ example: 7_500, description: 'Amount in minor units.' })),
    amount: nullable(
      text({ example: '75.00', description: 'Amount that leaves the wallet, in `unit`.' }),
    ),
    currency: text({ example: 'usd', description: 'Currency of the payment.' }),
    unit: text({ example: 'usd', description: 'Currency or unit of the wallet.' }),
    reason: nullable(text({ example: 'requested_by_customer' })),
    failure_reason: nullable(text({ example: null })),
    origin: oneOf(ORIGINS, { example: 'api', description: '`dashboard`: made at Stripe.' }),
    created_at: shownInstant('2026-05-16T11:22:33.444Z'),
    refunded_at: nullable(text({ example: '2026-05-16T11:22:34.100Z' })),
  },
  { title: 'RefundModel' },
);
export type ShownRefund = Static<typeof ShownRefund>;

const cursor = {
  cursor: optional(id({ description: '`meta.pagination.cursor` of the page before.' })),
} as const;

/** A page as the public asks for it. */
export const RefundsQuery = object({
  limit: pageLimit,
  ...cursor,
  topup_id: optional(id({ description: 'Of this top-up only.' })),
});
export type RefundsQuery = Static<typeof RefundsQuery>;

export const RefundListQuery = object({
  organization_id: organizationId,
  topup_id: optional(id()),
  limit: pageLimit,
  /** The last refund of the page before: newest first, ties by id. */
  after_id: optional(id()),
});
export type RefundListQuery = Static<typeof RefundListQuery>;

export const RefundPage = object({ refunds: list(RefundView), has_more: flag() });
export type RefundPage = Static<typeof RefundPage>;

const dispute = {
  state: oneOf(DISPUTE_STATES, { example: 'open' }),
  amount_minor: number({ example: 10_000 }),
  amount: text({ example: '100.00', description: 'Amount in `unit`.' }),
} as const;

export const DisputeView = object({
  /** Stripe's. */
  dispute_id: text(),
  organization_id: text(),
  topup_id: text(),
  payment_intent_id: text(),
  ...dispute,
  /** The payment's. */
  currency: text(),
  /** The wallet's. */
  unit: text(),
  /** Fee of the payment provider, in minor units. */
  fee_minor: number(),
  reason: text(),
  /** Until when evidence counts. */
  evidence_due_at: nullable(text()),
  opened_at: text(),
  closed_at: nullable(text()),
});
export type DisputeView = Static<typeof DisputeView>;

/** As operators see it. */
export const ShownDispute = object(
  {
    id: text({ example: 'du_abc123', description: 'Identifier at Stripe.' }),
    organization_id: text({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    topup_id: text({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    payment_id: text({ example: 'pi_abc123' }),
    ...dispute,
    currency: text({ example: 'usd', description: 'Currency of the payment.' }),
    unit: text({ example: 'usd', description: 'Currency or unit of the wallet.' }),
    fee_minor: number({
      example: 1_500,
      description: 'Fee that Stripe charged for it, in minor units.',
    }),
    reason: text({ example: 'fraudulent' }),
    evidence_due_at: nullable(text({ example: '2026-05-23T11:22:33.000Z' })),
    opened_at: shownInstant('2026-05-16T11:22:33.000Z'),
    closed_at: nullable(text({ example: null })),
  },
  { title: 'DisputeModel' },
);
export type ShownDispute = Static<typeof ShownDispute>;

/** A page as an operator asks for it. */
export const DisputesQuery = object({
  limit: pageLimit,
  ...cursor,
  state: optional(oneOf(DISPUTE_STATES, { example: 'open' })),
  organization_id: optional(id({ description: 'Of this organization only.' })),
});
export type DisputesQuery = Static<typeof DisputesQuery>;

export const DisputeListQuery = object({
  /** Absent: of all organizations. */
  organization_id: optional(id()),
  state: optional(oneOf(DISPUTE_STATES)),
  limit: pageLimit,
  after_id: optional(id()),
});
export type DisputeListQuery = Static<typeof DisputeListQuery>;

export const DisputePage = object({ disputes: list(DisputeView), has_more: flag() });
export type DisputePage = Static<typeof DisputePage>;

/** Money that goes back. One idempotency key of an organization is one refund, for ever. */
export const REFUNDS = {
  create: operation(
    'refunds.create',
    CreateRefund,
    RefundView,
    [
      'not_found',
      'conflict',
      'refund_exceeds_unspent',
      'idempotency_key_conflict',
      'payment_provider_error',
    ],
    AT_STRIPE,
  ),
  /** `not_found` also for one of another organization. */
  read: operation(
    'refunds.read',
    object({ organization_id: organizationId, refund_id: text() }),
    RefundView,
    ['not_found'],
  ),
  list: operation('refunds.list', RefundListQuery, RefundPage),
  listDisputes: operation('disputes.list', DisputeListQuery, DisputePage),
} as const;
