import { organizationId, shownInstant, walletRef } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import { flag, list, nullable, number, object, text, type Static } from '../schema/shape.js';
import { AT_STRIPE, webAddress } from './fields.js';

export const PaymentMethodView = object(
  {
    id: text({ example: 'pm_abc123' }),
    type: text({ example: 'card' }),
    brand: nullable(text({ example: 'visa' })),
    last4: nullable(text({ example: '4242' })),
    exp_month: nullable(number({ example: 12 })),
    exp_year: nullable(number({ example: 2030 })),
    is_default: flag({
      example: true,
      description: 'Top-ups without a page are charged to this one.',
    }),
    created_at: shownInstant('2026-05-16T11:22:33.000Z'),
  },
  { title: 'PaymentMethodModel' },
);
export type PaymentMethodView = Static<typeof PaymentMethodView>;

export const DetachedPaymentMethod = object(
  { id: text({ example: 'pm_abc123' }), detached: flag({ example: true }) },
  { title: 'DetachedPaymentMethodModel' },
);
export type DetachedPaymentMethod = Static<typeof DetachedPaymentMethod>;

export const SetupPaymentMethodBody = object(
  {
    successUrl: webAddress({ example: 'https://example.com/billing?saved=ok' }),
    cancelUrl: webAddress({ example: 'https://example.com/billing?saved=cancelled' }),
  },
  { title: 'SetupPaymentMethodBody' },
);
export type SetupPaymentMethodBody = Static<typeof SetupPaymentMethodBody>;

export const SetupPageRequest = object({
  ...walletRef,
  success_url: webAddress(),
  cancel_url: webAddress(),
});
export type SetupPageRequest = Static<typeof SetupPageRequest>;

export const SetupPage = object(
  { url: text({ example: 'https://checkout.stripe.com/c/pay/cs_live_abc123' }) },
  { title: 'SetupPageModel' },
);
export type SetupPage = Static<typeof SetupPage>;

const ofOrganization = { organization_id: organizationId } as const;
const methodRef = object({ ...ofOrganization, payment_method_id: text() });

/** Saved payment methods, which Stripe keeps. `not_found` also for one of another organization. */
export const PAYMENT_METHODS = {
  /** Newest first. */
  list: operation(
    'payment_methods.list',
    object(ofOrganization),
    list(PaymentMethodView),
    ['payment_provider_error'],
    AT_STRIPE,
  ),
  setDefault: operation(
    'payment_methods.set_default',
    methodRef,
    PaymentMethodView,
    ['not_found', 'payment_provider_error'],
    AT_STRIPE,
  ),
  detach: operation(
    'payment_methods.detach',
    methodRef,
    PaymentMethodView,
    ['not_found', 'payment_provider_error'],
    AT_STRIPE,
  ),
  /** A page on which a person saves one. */
  setup: operation(
    'payment_methods.setup',
    SetupPageRequest,
    SetupPage,
    ['unsupported_currency', 'payment_provider_error'],
    AT_STRIPE,
  ),
} as const;
