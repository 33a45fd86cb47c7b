import { OrbitError, type ChargeTopUp, type TopUpView } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { nextCheckAtMs } from '../domain/decide-topup.js';
import type { UnitPrices } from '../domain/unit-price.js';
import { keyConflict } from './idempotency-key.js';
import type { ChargeSavedMethod } from './charge-saved.js';
import type { CustomerDirectory } from './customer-directory.js';
import type { SavedPayments } from './payment-ports.js';
import { ProviderFailure, type TopUpStore } from './ports.js';
import { bodyHashOf, newTopUp, readOrder, type Order } from './topup-order.js';
import { topUpView } from './topup-views.js';

/** Tops up by the default payment method of the organization, once per idempotency key. */
export class ChargeTopUpNow {
  constructor(
    private readonly topups: TopUpStore,
    private readonly customers: CustomerDirectory,
    private readonly payments: SavedPayments,
    private readonly charge: ChargeSavedMethod,
    private readonly clock: Clock,
    /** Where an authentication returns to when the caller does not say. */
    private readonly returnUrl: string,
    private readonly prices: UnitPrices,
  ) {}

  /**
   * How the payment stands is in the view: paid, under way, to be authenticated at `action_url`, or declined.
   * Errors: `payment_method_required` when nothing is saved: no top-up exists then and the key stays free.
   */
  async run(request: ChargeTopUp): Promise<TopUpView> {
    const order = readOrder(request, this.prices);
    const returnUrl = request.return_url ?? this.returnUrl;
    const terms = { kind: 'off_session', successUrl: returnUrl, cancelUrl: returnUrl } as const;
    const known = await this.topups.readByKey(order.organizationId, order.idempotencyKey);
    const topup = known ?? (await this.begin(order, terms));
    if (topup.bodyHash !== bodyHashOf({ ...order, ...terms })) {
      throw keyConflict('This idempotency key was used for another top-up.');
    }
    // What has an end, or waits for somebody else, is answered as it is.
    const isUnsent = topup.state === 'created';
    const isUnasked = topup.state === 'requires_action' && topup.actionUrl === null;
    if (isUnsent || isUnasked) await this.charge.run(topup);
    const now = await this.topups.read(topup.id);
    if (now === null) throw new OrbitError('internal', 'The top-up is gone.');
    if (now.state === 'created') {
      throw new OrbitError(
        'idempotency_key_in_use',
        'The first request with this idempotency key is still running.',
        { retryAfterSeconds: 1 },
      );
    }
    return topUpView(now, known !== null);
  }

  private async begin(
    order: Order,
    terms: { kind: 'off_session'; successUrl: string; cancelUrl: string },
  ) {
    const method = await this.defaultMethod(order.organizationId);
    const nowMs = this.clock.nowMs();
    const wanted = newTopUp({ ...order, ...terms, paymentMethodId: method }, nowMs);
    return this.topups.begin(wanted, nextCheckAtMs({ ...wanted, sessionExpiresAtMs: null }, nowMs));
  }

  private async defaultMethod(organizationId: string): Promise<string> {
    const customerId = await this.customers.find(organizationId);
    try {
      const methods = customerId === null ? [] : await this.payments.listMethods(customerId);
      const chosen = methods.find((method) => method.isDefault);
      if (chosen !== undefined) return chosen.id;
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      throw new OrbitError('payment_provider_error', 'The payment provider did not answer.', {
        retryAfterSeconds: 1,
        cause: error,
      });
    }
    throw new OrbitError(
      'payment_method_required',
      'No payment method is saved. Save one at the page of POST payment-methods/setup, or pay at the page of POST balance/top-up.',
    );
  }
}
