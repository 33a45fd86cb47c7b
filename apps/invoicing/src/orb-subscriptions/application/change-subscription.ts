import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { notFound, refused, type Changes } from '@orbit/orb-api';
import { toSubscription, toSummary, type SubscriptionParts } from '../domain/subscription-view.js';
import type { Outcome } from '../../billing/domain/refusals.js';
import type { BillingCatalogue, BillingCustomers } from '../../billing/domain/stores.js';
import type { BillingCustomer, Subscription } from '../../billing/domain/subscription.js';
import type { ChangeTransaction } from './ports.js';
import { countCoupons } from './redemptions.js';
import { factsOfChange } from '../domain/facts-of-change.js';
import { recordFacts } from './record-facts.js';
import { finishChange } from './finish-change.js';
import type { ChangeCall, PendingChanges } from './pending-ports.js';
import { planAt } from '../../timeline/domain/position.js';

/** The facts by which a change is decided. */
export interface ChangeFacts {
  readonly subscription: Subscription;
  readonly customer: BillingCustomer;
  readonly nowMs: number;
  readonly tx: ChangeTransaction;
}

/** A subscription as it is to be; `write`: what is to be written besides, once everything is decided. */
export type Changed = Subscription & { readonly write?: () => Promise<void> };

export type DecideChange = (facts: ChangeFacts) => Outcome<Changed> | Promise<Outcome<Changed>>;

const idOf = ({ path }: OrbCall): string => path['subscription_id'] ?? '';

/**
 * Every change of one subscription: under its lock, decided whole before anything is written, its documents brought up
 * to date in the same transaction, answered as it then is. Of two that race the second sees what the first one did.
 */
export class ChangeSubscription {
  constructor(
    private readonly changes: Changes<ChangeTransaction>,
    private readonly clock: AccountClock,
    private readonly show: ShowSubscriptions,
  ) {}

  async run(operation: string, call: ChangeCall, decide: DecideChange): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const nowMs = await this.clock.nowMs(accountId);
    return this.changes.run(call, async (tx) => {
      const subscription = await tx.subscriptions.lock(accountId, idOf(call));
      if (!subscription) return refused(notFound('subscription', idOf(call)));
      const customer = await tx.customers.lock(accountId, subscription.customerId);
      if (!customer) return refused(notFound('customer', subscription.customerId));
      const decided = await decide({ subscription, customer, nowMs, tx });
      if (!decided.ok) return refused(decided.refusal);
      const { write, ...changed } = decided.value;
      const isForbidden = call.body['allow_invoice_credit_or_void'] === false;
      if (isForbidden && (await tx.documents.wouldGiveBack(changed, customer, nowMs))) {
        const detail =
          'allow_invoice_credit_or_void is false, and this would give back what an issued invoice charged.';
        return refused({ code: 'constraint_violation', detail });
      }
      return finishChange({
        ...{ tx, call, operation, after: changed, customer, nowMs, successStatus: 200 },
        carryOut: async () => {
          await write?.();
          await countCoupons(tx.coupons, subscription.timeline, changed, nowMs);
          await tx.documents.advance(changed, customer, nowMs);
          const shown = await this.show.one(tx, changed, nowMs);
          const facts = factsOfChange(subscription, changed, nowMs);
          await recordFacts(tx, changed, facts, shown, nowMs);
          return shown;
        },
        showNow: () => this.show.one(tx, subscription, nowMs),
      });
    });
  }
}

/** Where what is shown is read: on a connection, or in a transaction. */
export interface ShownParts {
  readonly customers: BillingCustomers;
  readonly catalogue: Pick<BillingCatalogue, 'planView'>;
  readonly pending: Pick<PendingChanges, 'ofSubscriptions'>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads what subscriptions show of their customers and plans, each once. */
export class ShowSubscriptions {
  async one(from: ShownParts, subscription: Subscription, nowMs: number): Promise<Fields> {
    const [shown] = await this.all(from, [subscription], nowMs);
    return shown as Fields;
  }

  all(
    from: ShownParts,
    subscriptions: readonly Subscription[],
    nowMs: number,
  ): Promise<readonly Fields[]> {
    return this.each(from, subscriptions, nowMs, (subscription, parts) =>
      toSubscription(subscription, parts, nowMs),
    );
  }

  summaries(
    from: ShownParts,
    subscriptions: readonly Subscription[],
    nowMs: number,
  ): Promise<readonly Fields[]> {
    return this.each(from, subscriptions, nowMs, (subscription, { customer, plan }) =>
      toSummary(subscription, customer, plan, nowMs),
    );
  }

  private async each(
    from: ShownParts,
    subscriptions: readonly Subscription[],
    nowMs: number,
    show: (subscription: Subscription, parts: SubscriptionParts) => Fields,
  ): Promise<readonly Fields[]> {
    const seen = new Map<string, Promise<Fields>>();
    const once = (key: string, read: () => Promise<Fields>): Promise<Fields> => {
      const known = seen.get(key) ?? read();
      seen.set(key, known);
      return known;
    };
    const shown: Fields[] = [];
    const ids = subscriptions.map(({ id }) => id);
    const [first] = subscriptions;
    const pending = first
      ? await from.pending.ofSubscriptions(first.accountId, ids, nowMs)
      : new Map<string, string>();
    for (const subscription of subscriptions) {
      const { accountId, customerId, timeline } = subscription;
      const customer = await once(`customer ${customerId}`, async () => {
        const found = await from.customers.find(accountId, { id: customerId });
        return found?.view ?? {};
      });
      const span = planAt(timeline, nowMs);
      const plan =
        span &&
        (await once(`plan ${span.planId} ${String(span.version)}`, async () => {
          return (await from.catalogue.planView(accountId, span.planId, span.version)) ?? {};
        }));
      const pendingId = pending.get(subscription.id) ?? null;
      shown.push(show(subscription, { customer, plan, pendingId }));
    }
    return shown;
  }
}
