import { OrbitError, type PaymentMethodView, type SetupPageRequest } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { isIsoCurrency } from '@orbit/money';
import type { UnitPrices } from '../domain/unit-price.js';
import type { CustomerDirectory } from './customer-directory.js';
import type { SavedMethod, SavedPayments } from './payment-ports.js';
import { ProviderFailure } from './ports.js';

/**
 * The saved payment methods of an organization. Stripe keeps them; we keep none of their data. Only methods
 * of the organization's own customer exist for it: any other id is `not_found`.
 */
export class PaymentMethods {
  constructor(
    private readonly customers: CustomerDirectory,
    private readonly payments: SavedPayments,
    private readonly clock: Clock,
    private readonly prices: UnitPrices,
  ) {}

  /** Newest first. */
  async list(organizationId: string): Promise<readonly PaymentMethodView[]> {
    const { methods } = await this.read(organizationId);
    return methods.map((method) => viewOf(method, method.isDefault));
  }

  async setDefault(organizationId: string, methodId: string): Promise<PaymentMethodView> {
    const { customerId, method } = await this.need(organizationId, methodId);
    await answered(() => this.payments.setDefault(customerId, method.id));
    return viewOf(method, true);
  }

  async detach(organizationId: string, methodId: string): Promise<PaymentMethodView> {
    const { method } = await this.need(organizationId, methodId);
    await answered(() => this.payments.detach(method.id));
    return viewOf(method, false);
  }

  /** Each call opens a page of its own; an unused one ends by itself. */
  async setup(request: SetupPageRequest): Promise<{ readonly url: string }> {
    const { organization_id: organizationId } = request;
    const { success_url: successUrl, cancel_url: cancelUrl } = request;
    const currency = this.prices.get(request.currency)?.currency ?? request.currency;
    if (!isIsoCurrency(currency)) {
      const message = `A payment method pays in money, and nothing says what ${currency} cost.`;
      throw new OrbitError('unsupported_currency', message, { param: 'currency' });
    }
    const url = await answered(async () => {
      // A minute is one attempt: an error that Stripe has stored bars no longer than that.
      const minute = Math.floor(this.clock.nowMs() / 60_000);
      const customerId = await this.customers.idOf(organizationId, `${organizationId}-${minute}`);
      const page = { customerId, organizationId, currency, successUrl, cancelUrl };
      return this.payments.createSetupPage(page);
    });
    return { url };
  }

  private async need(organizationId: string, methodId: string) {
    const { customerId, methods } = await this.read(organizationId);
    const method = methods.find((one) => one.id === methodId);
    if (customerId !== null && method !== undefined) return { customerId, method };
    throw new OrbitError('not_found', 'There is no such payment method in your organization.', {
      param: 'payment_method_id',
    });
  }

  private async read(organizationId: string) {
    const customerId = await this.customers.find(organizationId);
    if (customerId === null) return { customerId, methods: [] };
    const methods = await answered(() => this.payments.listMethods(customerId));
    return { customerId, methods };
  }
}

async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    throw new OrbitError('payment_provider_error', 'The payment provider did not answer.', {
      retryAfterSeconds: 1,
      cause: error,
    });
  }
}

const viewOf = (method: SavedMethod, isDefault: boolean): PaymentMethodView => ({
  id: method.id,
  type: method.type,
  brand: method.card?.brand ?? null,
  last4: method.card?.last4 ?? null,
  exp_month: method.card?.expMonth ?? null,
  exp_year: method.card?.expYear ?? null,
  is_default: isDefault,
  created_at: new Date(method.createdAtMs).toISOString(),
});
