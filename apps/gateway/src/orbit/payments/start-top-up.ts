import { OrbitError, type TopUpCreated } from '@orbit/contracts';
import { isIsoCurrency, type Currency } from '@orbit/money';
import type { Checkout, Principal } from '../../edge/ports.js';

export interface TopUpOrder {
  readonly amountMinor: number;
  readonly currency: Currency;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly idempotencyKey: string;
}

/** Asks checkout for the page; checkout keeps the idempotency keys, because it talks to Stripe. */
export class StartTopUp {
  constructor(private readonly checkout: Checkout) {}

  async run(principal: Principal, order: TopUpOrder): Promise<TopUpCreated> {
    const paid = paidFor(principal, order.currency);
    return this.checkout.createTopUp({
      organization_id: principal.organizationId,
      amount_minor: order.amountMinor,
      ...paid,
      success_url: order.successUrl,
      cancel_url: order.cancelUrl,
      idempotency_key: order.idempotencyKey,
    });
  }
}

/**
 * What `amount` counts. Money goes to a wallet of that money; one in a custom unit is also bought by money, and checkout
 * knows by which and how much.
 */
export function paidFor(
  principal: Principal,
  requested: Currency,
): { readonly currency: Currency; readonly wallet_unit?: Currency } {
  const { currency } = principal;
  if (!isIsoCurrency(currency)) return { currency: requested, wallet_unit: currency };
  requireCurrency(principal, requested);
  return { currency };
}

/** An organization has one wallet; an amount in another currency has nowhere to go. */
export function requireCurrency({ currency }: Principal, requested: Currency): void {
  if (requested === currency) return;
  const message = `The wallet of this organization is in ${currency}.`;
  throw new OrbitError('unsupported_currency', message, { param: 'currency' });
}
