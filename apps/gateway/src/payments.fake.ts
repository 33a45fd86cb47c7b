import {
  OrbitError,
  type AutoReloadView,
  type ChargeTopUp,
  type ConfigureAutoReload,
  type PaymentMethodView,
  type ResolveTopUp,
  type SetupPageRequest,
  type TopUpListQuery,
  type TopUpPage,
  type TopUpView,
} from '@orbit/contracts';
import type { Payments } from './orbit/payments/payment-ports.js';

export const METHOD: PaymentMethodView = {
  id: 'pm_1',
  type: 'card',
  brand: 'visa',
  last4: '4242',
  exp_month: 12,
  exp_year: 2030,
  is_default: true,
  created_at: '2026-05-16T12:00:00.000Z',
};

export const NO_AUTO_RELOAD: AutoReloadView = {
  enabled: false,
  threshold: null,
  amount: null,
  target: null,
  max_amount_per_payment: null,
  max_reloads_per_day: null,
  max_reloads_per_month: null,
  max_amount_per_day: null,
  max_amount_per_month: null,
  state: 'off',
  paused_reason: null,
  paused_at: null,
  declines: 0,
  last_error: null,
  last_error_at: null,
  action_url: null,
  next_attempt_at: null,
  updated_at: null,
};

/** For tests: checkout in memory; knows one payment method, of org_a. Writes down what it was asked. */
export class FakePayments implements Payments {
  /** How the next payment ends. */
  next: Partial<TopUpView> = {};
  isAway = false;

  constructor(private readonly calls: { name: string; payload: unknown }[]) {}

  async chargeTopUp(request: ChargeTopUp): Promise<TopUpView> {
    this.calls.push({ name: 'topup.charge', payload: request });
    return { ...viewOf(request.organization_id, request.amount_minor), ...this.next };
  }

  async readTopUp(organizationId: string, topupId: string): Promise<TopUpView | null> {
    const isMine = organizationId === 'org_a' && topupId === 'tu_1';
    return isMine ? viewOf(organizationId, 10_000) : null;
  }

  async listTopUps(query: TopUpListQuery): Promise<TopUpPage> {
    this.calls.push({ name: 'topup.list', payload: query });
    const parked = { state: 'parked', reason: 'amount_mismatch', received_minor: 9_999 } as const;
    return { topups: [{ ...viewOf('org_a', 10_000), ...parked }], has_more: true };
  }

  async resolveTopUp(request: ResolveTopUp): Promise<TopUpView> {
    this.calls.push({ name: 'topup.resolve', payload: request });
    return viewOf('org_a', 10_000);
  }

  async listPaymentMethods(organizationId: string): Promise<readonly PaymentMethodView[]> {
    return organizationId === 'org_a' ? [METHOD] : [];
  }

  async setDefaultPaymentMethod(organizationId: string, methodId: string) {
    return this.need(organizationId, methodId, 'payment_methods.set_default');
  }

  async detachPaymentMethod(organizationId: string, methodId: string) {
    return this.need(organizationId, methodId, 'payment_methods.detach');
  }

  async setupPaymentMethod(request: SetupPageRequest): Promise<{ readonly url: string }> {
    this.calls.push({ name: 'payment_methods.setup', payload: request });
    return { url: 'https://pay.test/setup' };
  }

  async readAutoReload(): Promise<AutoReloadView> {
    if (this.isAway) throw new OrbitError('unavailable', 'checkout is away');
    return NO_AUTO_RELOAD;
  }

  async resumeAutoReload(organizationId: string): Promise<AutoReloadView> {
    this.calls.push({ name: 'auto_reload.resume', payload: { organization_id: organizationId } });
    return { ...NO_AUTO_RELOAD, enabled: true, state: 'armed' };
  }

  async configureAutoReload(request: ConfigureAutoReload): Promise<AutoReloadView> {
    this.calls.push({ name: 'auto_reload.configure', payload: request });
    return { ...NO_AUTO_RELOAD, enabled: request.enabled, state: 'armed' };
  }

  private need(organizationId: string, methodId: string, name: string): PaymentMethodView {
    if (organizationId !== 'org_a' || methodId !== METHOD.id)
      throw new OrbitError('not_found', 'There is no such payment method in your organization.');
    this.calls.push({ name, payload: methodId });
    return METHOD;
  }
}

const viewOf = (organization_id: string, amount_minor: number): TopUpView => ({
  topup_id: 'tu_1',
  organization_id,
  kind: 'off_session',
  state: 'succeeded',
  reason: null,
  amount_minor,
  amount: '100.00',
  currency: 'USD',
  payment_minor: amount_minor,
  payment_currency: 'USD',
  received_minor: amount_minor,
  received_currency: 'USD',
  is_creditable: false,
  payment_intent_id: 'pi_1',
  checkout_session_id: null,
  reference: 'payment_intent:pi_1',
  action_url: null,
  created_at: '2026-05-16T12:00:00.000Z',
  replayed: false,
});
