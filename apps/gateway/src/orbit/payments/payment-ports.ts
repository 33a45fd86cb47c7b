import type {
  AutoReloadView,
  ChargeTopUp,
  ConfigureAutoReload,
  PaymentMethodView,
  ResolveTopUp,
  SetupPageRequest,
  TopUpListQuery,
  TopUpPage,
  TopUpView,
} from '@orbit/contracts';

/**
 * Checkout, beyond opening pages: payments by saved payment methods. Most calls reach Stripe and take seconds.
 * Errors: OrbitError `unavailable`, `timeout`, or what checkout throws.
 */
export interface Payments {
  chargeTopUp(request: ChargeTopUp): Promise<TopUpView>;
  readTopUp(organizationId: string, topupId: string): Promise<TopUpView | null>;
  listTopUps(query: TopUpListQuery): Promise<TopUpPage>;
  resolveTopUp(request: ResolveTopUp): Promise<TopUpView>;
  listPaymentMethods(organizationId: string): Promise<readonly PaymentMethodView[]>;
  setDefaultPaymentMethod(organizationId: string, methodId: string): Promise<PaymentMethodView>;
  detachPaymentMethod(organizationId: string, methodId: string): Promise<PaymentMethodView>;
  setupPaymentMethod(request: SetupPageRequest): Promise<{ readonly url: string }>;
  readAutoReload(organizationId: string): Promise<AutoReloadView>;
  configureAutoReload(request: ConfigureAutoReload): Promise<AutoReloadView>;
  resumeAutoReload(organizationId: string): Promise<AutoReloadView>;
}
