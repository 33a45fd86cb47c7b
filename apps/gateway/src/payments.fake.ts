import {
  OrbitError,
  type AutoReloadView,
  type PaymentMethodView,
  type TopUpView,
} from '@orbit/contracts';
import type { Clients } from './edge/rpc/clients.js';

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
export class FakePayments {
  /** How the next payment ends. */
  next: Partial<TopUpView> = {};
  isAway = false;

  constructor(private readonly calls: { name: string; payload: unknown }[]) {}

  readonly topUps: Clients['topUps'] = {
    create: async (request) => {
      this.calls.push({ name: 'topup.create', payload: request });
      return { topup_id: 'tu_1', checkout_url: 'https://pay.test/1', replayed: false };
    },
    charge: async (request) => {
      this.calls.push({ name: 'topup.charge', payload: request });
      return { ...viewOf(request.organization_id, request.amount_minor), ...this.next };
    },
    read: async ({ organization_id, topup_id }) => {
      if (organization_id === 'org_a' && topup_id === 'tu_1')
        return viewOf(organization_id, 10_000);
      throw new OrbitError('not_found', 'There is no such top-up in your organization.');
    },
    list: async (query) => {
      this.calls.push({ name: 'topup.list', payload: query });
      const parked = { state: 'parked', reason: 'amount_mismatch', received_minor: 9_999 } as const;
      return { topups: [{ ...viewOf('org_a', 10_000), ...parked }], has_more: true };
    },
    resolve: async (request) => {
      this.calls.push({ name: 'topup.resolve', payload: request });
      return viewOf('org_a', 10_000);
    },
  };

  readonly paymentMethods: Clients['paymentMethods'] = {
    list: async ({ organization_id }) => (organization_id === 'org_a' ? [METHOD] : []),
    setDefault: async (method) => this.need(method, 'payment_methods.set_default'),
    detach: async (method) => this.need(method, 'payment_methods.detach'),
    setup: async (request) => {
      this.calls.push({ name: 'payment_methods.setup', payload: request });
      return { url: 'https://pay.test/setup' };
    },
  };

  readonly autoReload: Clients['autoReload'] = {
    read: async () => {
      if (this.isAway) throw new OrbitError('unavailable', 'checkout is away');
      return NO_AUTO_RELOAD;
    },
    resume: async (payload) => {
      this.calls.push({ name: 'auto_reload.resume', payload });
      return { ...NO_AUTO_RELOAD, enabled: true, state: 'armed' };
    },
    configure: async (request) => {
      this.calls.push({ name: 'auto_reload.configure', payload: request });
      return { ...NO_AUTO_RELOAD, enabled: request.enabled, state: 'armed' };
    },
  };

  readonly stripeWebhooks: Clients['stripeWebhooks'] = {
    receive: async ({ payload, signature }) => {
      const body = Buffer.from(payload, 'base64').toString('utf8');
      this.calls.push({ name: 'stripe.webhook', payload: { body, signature } });
      return { received: true };
    },
  };

  private need(
    method: { readonly organization_id: string; readonly payment_method_id: string },
    name: string,
  ): PaymentMethodView {
    const { organization_id, payment_method_id } = method;
    if (organization_id !== 'org_a' || payment_method_id !== METHOD.id)
      throw new OrbitError('not_found', 'There is no such payment method in your organization.');
    this.calls.push({ name, payload: payment_method_id });
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
