import {
  organizationId,
  reason,
  shownAmount,
  shownInstant,
  unitOfOrganization,
} from '../schema/fields.js';
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
import { AT_STRIPE, idempotencyKey, pageLimit, paymentMinor, webAddress } from './fields.js';

export const TOPUP_VIEW_STATES = [
  'created',
  'requires_payment',
  'requires_action',
  'processing',
  'failed',
  'expired',
  'parked',
  'dismissed',
  'succeeded',
  'refunded_partially',
  'refunded',
  'disputed',
] as const;
export type TopUpViewState = (typeof TOPUP_VIEW_STATES)[number];
const KINDS = ['hosted', 'off_session', 'auto_reload'] as const;

/** Payment to make, as the public writes it. */
const payment = {
  amount: paymentMinor({ example: 10_000 }),
  currency: unitOfOrganization({
    example: 'usd',
    description:
      'Default: the currency of the wallet. For a wallet in a custom unit, either that unit (to buy this many) or the currency they are sold in (to pay this much).',
    nullIsAbsent: true,
  }),
} as const;
export const TopUpBody = object(
  {
    ...payment,
    successUrl: webAddress({ example: 'https://example.com/billing?topup=ok' }),
    cancelUrl: webAddress({ example: 'https://example.com/billing?topup=cancelled' }),
  },
  { title: 'TopUpBody' },
);
export type TopUpBody = Static<typeof TopUpBody>;

export const TopUpNowBody = object(
  {
    ...payment,
    returnUrl: optional(
      webAddress({
        example: 'https://example.com/billing',
        description: 'Return address, used when the bank requires authentication.',
      }),
    ),
  },
  { title: 'TopUpNowBody' },
);
export type TopUpNowBody = Static<typeof TopUpNowBody>;

/** In either case; what the wallet takes is a rule of the payment as a whole. */
const unit = text({
  minLength: 1,
  says: 'is an ISO 4217 currency such as "USD", or a custom unit such as "credits"',
  code: 'unsupported_currency',
});
/** As services ask for it. */
const order = {
  organization_id: organizationId,
  /** Minor units of `currency`. */
  amount_minor: paymentMinor({ param: 'amount' }),
  currency: unit,
  /** Of a wallet in a custom unit; `currency` is it, or the money to be paid for as many units as it buys. */
  wallet_unit: optional(unit, { param: 'currency' }),
  idempotency_key: idempotencyKey,
} as const;
export const CreateTopUp = object({
  ...order,
  success_url: webAddress(),
  cancel_url: webAddress(),
});
export type CreateTopUp = Static<typeof CreateTopUp>;

/** By the default payment method, without a page. */
export const ChargeTopUp = object({
  ...order,
  /** Where an authentication returns to. */
  return_url: optional(webAddress()),
});
export type ChargeTopUp = Static<typeof ChargeTopUp>;

export const TopUpCreated = object({ topup_id: text(), checkout_url: text(), replayed: flag() });
export type TopUpCreated = Static<typeof TopUpCreated>;

/** Address of the page, as the public sees it. */
export const TopUpPageAddress = object(
  { checkoutUrl: text({ example: 'https://checkout.stripe.com/c/pay/cs_live_abc123' }) },
  { title: 'TopUpModel' },
);
export type TopUpPageAddress = Static<typeof TopUpPageAddress>;

export const TopUpView = object({
  topup_id: text(),
  organization_id: text(),
  kind: oneOf(KINDS),
  state: oneOf(TOPUP_VIEW_STATES),
  /** Why it failed, expired or was parked; the decline code of a declined card. */
  reason: nullable(text()),
  /** Amount credited to the wallet; `currency` is its unit. */
  amount_minor: number(),
  amount: text(),
  currency: text(),
  /** Amount requested at Stripe. */
  payment_minor: number(),
  payment_currency: text(),
  /** Received amount; it differs from the requested one when the top-up is parked. */
  received_minor: nullable(number()),
  received_currency: nullable(text()),
  /** Parked, and what came can be credited to this wallet. */
  is_creditable: flag(),
  payment_intent_id: nullable(text()),
  checkout_session_id: nullable(text()),
  /** As the transaction of the ledger carries it. */
  reference: nullable(text()),
  /** Where the payer finishes an authentication. */
  action_url: nullable(text()),
  created_at: text(),
  replayed: flag(),
});
export type TopUpView = Static<typeof TopUpView>;

/** Result of a top-up without a page, as the public sees it. */
export const TopUpNowView = object(
  {
    balance: number({ example: 25_000, description: 'Balance after it, in minor units.' }),
    topped_up: number({
      example: 10_000,
      description: 'Amount that this added to `balance`; 0 while it is processing.',
    }),
    currency: text({ example: 'usd' }),
    payment_id: nullable(text({ example: 'pi_abc123' })),
    topup_id: text({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    state: oneOf(TOPUP_VIEW_STATES, { example: 'succeeded' }),
  },
  { title: 'TopUpNowModel' },
);
export type TopUpNowView = Static<typeof TopUpNowView>;

const shown = {
  id: text({ example: 'tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
  kind: oneOf(KINDS, { example: 'off_session' }),
  state: oneOf(TOPUP_VIEW_STATES, { example: 'succeeded' }),
  reason: nullable(
    text({
      example: null,
      description: 'Reason why the top-up failed, expired or was parked.',
    }),
  ),
  amount_minor: number({
    example: 10_000,
    description: 'Amount credited to the wallet, floored to minor units.',
  }),
  amount: shownAmount('100.00'),
  currency: text({ example: 'usd', description: 'Currency or unit of the wallet.' }),
  payment_minor: number({ example: 10_000, description: 'Amount due, in minor units.' }),
  payment_currency: text({
    example: 'usd',
    description: 'Differs from `currency` for a custom unit.',
  }),
  payment_id: nullable(text({ example: 'pi_abc123' })),
  action_url: nullable(
    text({
      example: null,
      description:
        'Address at which a person completes the payment, while the bank requires authentication.',
    }),
  ),
  created_at: shownInstant('2026-05-16T11:22:33.444Z'),
} as const;
export const ShownTopUp = object(shown, { title: 'TopUpStateModel' });
export type ShownTopUp = Static<typeof ShownTopUp>;

/** With what an operator sees besides. */
export const OperatorTopUp = object(
  {
    ...shown,
    organization_id: text({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    received_minor: nullable(
      number({ example: 9_999, description: 'Received amount, in minor units.' }),
    ),
    received_currency: nullable(text({ example: 'usd' })),
    is_creditable: flag({
      example: true,
      description: 'Whether the received amount can be credited to this wallet.',
    }),
    checkout_session_id: nullable(text({ example: 'cs_test_abc123' })),
  },
  { title: 'OperatorTopUpModel' },
);
export type OperatorTopUp = Static<typeof OperatorTopUp>;

const id = (description?: string) =>
  text({
    pattern: '^[^]{1,64}$',
    says: 'is a text of 1 to 64 characters',
    ...(description === undefined ? {} : { description }),
  });

/** A page as an operator asks for it. */
export const TopUpsQuery = object({
  state: optional(oneOf(TOPUP_VIEW_STATES, { example: 'parked' })),
  organization_id: optional(id('Of this organization only.')),
  limit: pageLimit,
  cursor: optional(id('`meta.pagination.cursor` of the page before.')),
});
export type TopUpsQuery = Static<typeof TopUpsQuery>;

export const TopUpListQuery = object({
  state: optional(oneOf(TOPUP_VIEW_STATES)),
  /** Absent: of all organizations, for operators. */
  organization_id: optional(id()),
  limit: pageLimit,
  after_id: optional(id()),
});
export type TopUpListQuery = Static<typeof TopUpListQuery>;

export const TopUpPage = object({ topups: list(TopUpView), has_more: flag() });
export type TopUpPage = Static<typeof TopUpPage>;

const resolution = {
  action: oneOf(['credit_received', 'dismiss'], {
    description: 'Credit exactly the received amount, or nothing (then refund it at Stripe).',
  }),
  reason: reason({ example: 'The bank took a fee of one cent; agreed with the customer.' }),
} as const;
export const ResolveTopUpBody = object(resolution, { title: 'ResolveTopUpBody' });
export type ResolveTopUpBody = Static<typeof ResolveTopUpBody>;
export const ResolveTopUp = object({ ...resolution, topup_id: text() });
export type ResolveTopUp = Static<typeof ResolveTopUp>;

/** Payments into a wallet. One idempotency key of an organization is one top-up, for ever. */
export const TOP_UPS = {
  create: operation(
    'topup.create',
    CreateTopUp,
    TopUpCreated,
    [
      'unsupported_currency',
      'idempotency_key_conflict',
      'idempotency_key_in_use',
      'payment_provider_error',
    ],
    AT_STRIPE,
  ),
  charge: operation(
    'topup.charge',
    ChargeTopUp,
    TopUpView,
    [
      'unsupported_currency',
      'payment_method_required',
      'idempotency_key_conflict',
      'idempotency_key_in_use',
      'payment_provider_error',
    ],
    AT_STRIPE,
  ),
  /** `not_found` also for one of another organization. */
  read: operation(
    'topup.read',
    object({ organization_id: organizationId, topup_id: text() }),
    TopUpView,
    ['not_found'],
  ),
  list: operation('topup.list', TopUpListQuery, TopUpPage),
  /** Once: the same decision again is answered as the first time. */
  resolve: operation('topup.resolve', ResolveTopUp, TopUpView, [
    'not_found',
    'topup_not_parked',
    'topup_not_creditable',
  ]),
} as const;
