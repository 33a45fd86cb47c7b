import {
  creditBody,
  customerBody,
  itemBody,
  metricBody,
  ORB_ID,
  planBody,
  priceBody,
  type Made,
} from './bodies.js';
import type { OrbClient, OrbObject } from './orb-client.js';
import { currenciesOf, readCredits, type OrbAccountState } from './read-account.js';
import { subscriptionBody } from './subscription-body.js';

export const KINDS = [
  'items',
  'metrics',
  'prices',
  'plans',
  'customers',
  'subscriptions',
  'credits',
] as const;
export type Kind = (typeof KINDS)[number];

/** The result for one object. `there`: an earlier run made it, or one of the same external id was there. */
export interface Outcome {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  readonly outcome: 'made' | 'there' | 'by hand';
  readonly newId: string | null;
  readonly why: string;
}

export interface ImportParts {
  readonly from: OrbClient;
  readonly to: OrbClient;
  readonly nowMs: number;
  /** Otherwise nothing is written, and the outcomes say what would be. */
  readonly isApplied: boolean;
  readonly onDone: (outcome: Outcome) => void;
}

/** Stands for an id while nothing is written. */
const TO_BE_MADE = 'to be made';

/**
 * Brings an account of Orb over. What was imported before carries its old id in its metadata, so that a second run, or
 * one that goes on after a crash, makes nothing twice.
 */
export class ImportAccount {
  readonly outcomes: Outcome[] = [];
  /** Old id → new id. */
  readonly ids = new Map<string, string>();
  private readonly planPrices = new Map<string, Map<string, OrbObject>>();

  constructor(private readonly parts: ImportParts) {}

  async run(source: OrbAccountState, target: OrbAccountState): Promise<void> {
    const { ids } = this;
    const isActive = (one: OrbObject): boolean => (one['archived_at'] ?? null) === null;
    const known = (of: readonly OrbObject[], ...aliases: readonly string[]) => finder(of, aliases);
    await this.each('items', source.items.filter(isActive), known(target.items), {
      path: '/items',
      body: (item) => ({ ok: true, body: itemBody(item) }),
    });
    const metrics = source.metrics.filter((metric) => metric['status'] !== 'archived');
    await this.each('metrics', metrics, known(target.metrics), {
      path: '/metrics',
      body: (metric) => metricBody(metric, ids),
    });
    await this.each('prices', source.prices, known(target.prices, 'external_price_id'), {
      path: '/prices',
      body: (price) => priceBody(price, ids),
    });
    const plans = source.plans.filter((plan) => plan['status'] !== 'archived');
    await this.each('plans', plans, known(target.plans, 'external_plan_id'), {
      path: '/plans',
      body: (plan) => planBody(plan, ids),
      onThere: (plan, made) => this.planPrices.set(plan.id, pairPrices(plan, made)),
    });
    const byName = known(target.customers, 'external_customer_id');
    await this.each('customers', source.customers, byName, {
      path: '/customers',
      body: (customer) => ({ ok: true, body: customerBody(customer, ids) }),
    });
    await this.subscriptions(source, target);
    await this.credits(source);
  }

  private async subscriptions(source: OrbAccountState, target: OrbAccountState): Promise<void> {
    const living = source.subscriptions.filter((one) => one['status'] !== 'ended');
    await this.each('subscriptions', living, finder(target.subscriptions, []), {
      path: '/subscriptions',
      body: (one) => {
        const plan = one['plan'] as OrbObject | null;
        const prices = this.planPrices.get(plan?.id ?? '') ?? new Map<string, OrbObject>();
        return subscriptionBody(one, prices, this.ids, this.parts.nowMs);
      },
      onThere: (one, made) => this.voidBilledFees(one, made),
    });
  }

  /**
   * Voids here the fees in advance that Orb has billed of the current period; then the subscription collects as it
   * did there. Safe to repeat: the metadata records that it is done.
   */
  private async voidBilledFees(old: OrbObject, made: OrbObject): Promise<void> {
    const { to } = this.parts;
    const metadata = made['metadata'] as Readonly<Record<string, string>>;
    if (metadata[FEES_VOIDED] !== undefined) return;
    const madeAtMs = Date.parse(String(made['created_at']));
    const query = `subscription_id=${encodeURIComponent(made.id)}&status=draft&status=issued`;
    for (const invoice of await to.list(`/invoices?${query}`)) {
      if (Date.parse(String(invoice['invoice_date'])) > madeAtMs) continue;
      const path = `/invoices/${encodeURIComponent(invoice.id)}`;
      if (invoice['status'] === 'draft') await to.send('POST', `${path}/issue`, {});
      await to.send('POST', `${path}/void`, {});
    }
    const collects = old['auto_collection'] ?? null;
    await to.send('PUT', `/subscriptions/${encodeURIComponent(made.id)}`, {
      ...(collects === null ? {} : { auto_collection: collects }),
      metadata: { [FEES_VOIDED]: new Date(madeAtMs).toISOString() },
    });
  }

  private async credits(source: OrbAccountState): Promise<void> {
    const { from, to } = this.parts;
    const imported = source.customers.filter(({ id }) => this.ids.has(id));
    for (const { customer, currency, block } of await readCredits(
      from,
      imported,
      currenciesOf(source),
    )) {
      const newId = this.ids.get(customer.id) ?? TO_BE_MADE;
      const ledger = `/customers/${encodeURIComponent(newId)}/credits/ledger`;
      const query = new URLSearchParams({ currency, entry_type: 'increment' });
      const isNew = newId === TO_BE_MADE;
      const entries = isNew ? [] : await to.list(`${ledger}?${query.toString()}`);
      const name = `${String(block['balance'])} ${currency} of ${String(customer['name'])}`;
      await this.each('credits', [{ ...block, name }], finder(entries, []), {
        path: `${ledger}_entry`,
        body: (one) =>
          one['status'] === 'active'
            ? creditBody(one, currency, this.ids)
            : { ok: false, why: 'its invoice is not paid yet' },
      });
    }
  }

  private async each(
    kind: Kind,
    objects: readonly OrbObject[],
    known: (of: OrbObject) => OrbObject | undefined,
    how: {
      readonly path: string;
      readonly body: (of: OrbObject) => Made;
      readonly onThere?: (of: OrbObject, made: OrbObject) => unknown;
    },
  ): Promise<void> {
    const { to, isApplied, onDone } = this.parts;
    for (const one of objects) {
      const there = known(one);
      const made = there ?? how.body(one);
      const refused = 'ok' in made && made.ok === false;
      const outcome = there ? 'there' : refused ? 'by hand' : 'made';
      const why = refused ? String(made['why']) : '';
      let object: OrbObject | null = there ?? null;
      if (isApplied && outcome === 'made') {
        const { body } = made as unknown as { readonly body: Record<string, unknown> };
        object = await to.send('POST', how.path, body, `import-orb-${kind}-${one.id}`);
      }
      if (!refused) this.ids.set(one.id, object?.id ?? TO_BE_MADE);
      if (object && isApplied) await how.onThere?.(one, object);
      if (!isApplied && kind === 'plans' && !refused)
        this.planPrices.set(one.id, pairPrices(one, object ?? one));
      const name = String(one['name'] ?? one['external_customer_id'] ?? one.id);
      const done: Outcome = { kind, id: one.id, name, outcome, newId: object?.id ?? null, why };
      this.outcomes.push(done);
      onDone(done);
    }
  }
}

/** The instant at which the fees that Orb had billed were voided. */
const FEES_VOIDED = 'orb_settled_at';

/** Finds what an object has become: by its id in the metadata, else by a name that both have. */
function finder(of: readonly OrbObject[], aliases: readonly string[]) {
  const byId = new Map<unknown, OrbObject>();
  const byAlias = new Map<string, OrbObject>();
  for (const one of of) {
    const from = (one['metadata'] as Readonly<Record<string, unknown>> | null)?.[ORB_ID];
    if (from !== undefined) byId.set(from, one);
    for (const alias of aliases) {
      if (typeof one[alias] === 'string') byAlias.set(`${alias} ${one[alias]}`, one);
    }
  }
  return (old: OrbObject): OrbObject | undefined =>
    byId.get(old.id) ??
    aliases
      .filter((alias) => typeof old[alias] === 'string')
      .map((alias) => byAlias.get(`${alias} ${String(old[alias])}`))
      .find((found) => found !== undefined);
}

/** The new plan's prices by the ids of the old ones: each carries where it came from. */
function pairPrices(plan: OrbObject, made: OrbObject): Map<string, OrbObject> {
  const prices = made['prices'] as readonly OrbObject[];
  const olds = plan['prices'] as readonly OrbObject[];
  const from = (price: OrbObject): unknown =>
    (price['metadata'] as Readonly<Record<string, unknown>> | null)?.[ORB_ID] ?? price.id;
  return new Map(
    olds.flatMap((old) => {
      const own = prices.find((price) => from(price) === old.id);
      return own ? [[old.id, own] as const] : [];
    }),
  );
}
