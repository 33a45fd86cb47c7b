import type { OrbClient, OrbObject } from './orb-client.js';

/** Credit of one customer that can still be used. */
export interface CreditOf {
  readonly customer: OrbObject;
  readonly currency: string;
  readonly block: OrbObject;
}

/** An account's objects of every kind that is imported. */
export interface OrbAccountState {
  readonly items: readonly OrbObject[];
  readonly metrics: readonly OrbObject[];
  readonly prices: readonly OrbObject[];
  readonly plans: readonly OrbObject[];
  readonly customers: readonly OrbObject[];
  readonly subscriptions: readonly OrbObject[];
}

/** Reads an account through its API. Order of the lists: oldest first, so that what refers comes after. */
export async function readAccount(
  client: OrbClient,
  onRead: (what: string, count: number) => void,
): Promise<OrbAccountState> {
  const list = async (what: string, path: string): Promise<OrbObject[]> => {
    const found = await client.list(path);
    onRead(what, found.length);
    return found;
  };
  return {
    items: await list('items', '/items'),
    metrics: await list('metrics', '/metrics'),
    prices: await list('prices', '/prices'),
    plans: await list('plans', '/plans'),
    customers: await list('customers', '/customers'),
    subscriptions: await list('subscriptions', '/subscriptions'),
  };
}

/** Credit with something left of these customers, in each of the currencies. */
export async function readCredits(
  client: OrbClient,
  customers: readonly OrbObject[],
  currencies: readonly string[],
): Promise<CreditOf[]> {
  const found: CreditOf[] = [];
  for (const customer of customers) {
    for (const currency of currencies) {
      const query = new URLSearchParams({ currency });
      const path = `/customers/${encodeURIComponent(customer.id)}/credits?${query.toString()}`;
      for (const block of await client.list(path)) found.push({ customer, currency, block });
    }
  }
  return found;
}

/** Every currency or pricing unit that the account's customers, plans and prices name. */
export function currenciesOf(state: OrbAccountState): string[] {
  const pricesOf = (plan: OrbObject) => plan['prices'] as readonly OrbObject[];
  const named = [
    ...state.customers,
    ...state.plans,
    ...state.prices,
    ...state.plans.flatMap(pricesOf),
  ]
    .map((one) => one['currency'])
    .filter((currency) => typeof currency === 'string');
  return [...new Set([...named, 'USD', 'credits'])].sort();
}
