import {
  OrbitError,
  type AutoReloadView,
  type ConfigureAutoReload,
  type PaymentMethodView,
  type ResolveTopUp,
  type TopUpListQuery,
  type TopUpPage,
  type TopUpView,
} from '@orbit/contracts';
import type { Payments } from './payment-ports.js';
import type { Principal } from '../../edge/ports.js';

export type AutoReloadChange = Omit<ConfigureAutoReload, 'organization_id' | 'currency'>;

/** Saved payment methods, auto-reload and the top-ups of an organization; checkout keeps them. */
export class ManagePayments {
  constructor(private readonly payments: Payments) {}

  /** `not_found` also for a top-up of another organization. */
  async readTopUp({ organizationId }: Principal, topupId: string): Promise<TopUpView> {
    const topup = await this.payments.readTopUp(organizationId, topupId);
    if (topup !== null) return topup;
    throw new OrbitError('not_found', 'There is no such top-up in your organization.');
  }

  /** Of all organizations: for operators. */
  listTopUps(query: TopUpListQuery): Promise<TopUpPage> {
    return this.payments.listTopUps(query);
  }

  resolveTopUp(request: ResolveTopUp): Promise<TopUpView> {
    return this.payments.resolveTopUp(request);
  }

  listMethods({ organizationId }: Principal): Promise<readonly PaymentMethodView[]> {
    return this.payments.listPaymentMethods(organizationId);
  }

  setDefaultMethod({ organizationId }: Principal, methodId: string): Promise<PaymentMethodView> {
    return this.payments.setDefaultPaymentMethod(organizationId, methodId);
  }

  detachMethod({ organizationId }: Principal, methodId: string): Promise<PaymentMethodView> {
    return this.payments.detachPaymentMethod(organizationId, methodId);
  }

  setupMethod(
    { organizationId, currency }: Principal,
    urls: { readonly successUrl: string; readonly cancelUrl: string },
  ): Promise<{ readonly url: string }> {
    return this.payments.setupPaymentMethod({
      organization_id: organizationId,
      currency,
      success_url: urls.successUrl,
      cancel_url: urls.cancelUrl,
    });
  }

  readAutoReload({ organizationId }: Principal): Promise<AutoReloadView> {
    return this.payments.readAutoReload(organizationId);
  }

  /** As readAutoReload; null while checkout is away, for answers that have more to say than that. */
  async peekAutoReload(principal: Principal): Promise<AutoReloadView | null> {
    try {
      return await this.readAutoReload(principal);
    } catch (error) {
      if (error instanceof OrbitError && error.retryable) return null;
      throw error;
    }
  }

  configureAutoReload(principal: Principal, change: AutoReloadChange): Promise<AutoReloadView> {
    const { organizationId: organization_id, currency } = principal;
    return this.payments.configureAutoReload({ ...change, organization_id, currency });
  }

  resumeAutoReload({ organizationId }: Principal): Promise<AutoReloadView> {
    return this.payments.resumeAutoReload(organizationId);
  }
}
