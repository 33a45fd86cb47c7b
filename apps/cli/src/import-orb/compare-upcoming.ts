import { Decimal } from 'decimal.js';
import type { OrbClient, OrbObject } from './orb-client.js';

/** One subscription's next invoice, there and here. */
export interface UpcomingPair {
  readonly subscription: string;
  readonly customer: string;
  readonly orb: string | null;
  readonly orbit: string | null;
  readonly difference: string | null;
}

/** `due` of the next invoice; null where there is none. */
async function dueOf(client: OrbClient, id: string): Promise<string | null> {
  const invoice = await client.find(`/invoices/upcoming?subscription_id=${encodeURIComponent(id)}`);
  return invoice === null ? null : String(invoice['amount_due']);
}

/** Reads the next invoice of each imported subscription from both. */
export async function compareUpcoming(
  from: OrbClient,
  to: OrbClient,
  subscriptions: readonly OrbObject[],
  ids: ReadonlyMap<string, string>,
  onRead: () => void,
): Promise<UpcomingPair[]> {
  const pairs: UpcomingPair[] = [];
  for (const one of subscriptions) {
    const newId = ids.get(one.id);
    if (newId === undefined) continue;
    const [orb, orbit] = await Promise.all([dueOf(from, one.id), dueOf(to, newId)]);
    const isKnown = orb !== null || orbit !== null;
    const difference = new Decimal(orbit ?? 0).minus(orb ?? 0).toFixed();
    pairs.push({
      subscription: newId,
      customer: String((one['customer'] as OrbObject)['name']),
      orb,
      orbit,
      difference: isKnown ? difference : null,
    });
    onRead();
  }
  return pairs;
}
