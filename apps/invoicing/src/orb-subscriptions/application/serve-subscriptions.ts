import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import {
  answered,
  createdBetween,
  invalid,
  mergeMetadata,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
} from '@orbit/orb-api';
import type { PendingChanges } from './pending-ports.js';
import type { ChangeSubscription, ShowSubscriptions } from './change-subscription.js';
import { many } from '../../billing/domain/read-request.js';
import { notBuilt, notBuiltIn, ok } from '../../billing/domain/refusals.js';
import { changeSettings, settingsAt, withSettings } from '../domain/settings.js';
import type {
  BillingCatalogue,
  BillingCustomers,
  Subscriptions,
} from '../../billing/domain/stores.js';
import type { Subscription } from '../../billing/domain/subscription.js';

type Fields = Readonly<Record<string, unknown>>;

/** Reads of subscriptions, and the change of what is not dated. Errors: the database's own; refusals are answers. */
export class ServeSubscriptions {
  constructor(
    private readonly subscriptions: Subscriptions,
    readonly customers: BillingCustomers,
    readonly catalogue: BillingCatalogue,
    readonly pending: Pick<PendingChanges, 'ofSubscriptions'>,
    private readonly clock: AccountClock,
    private readonly show: ShowSubscriptions,
    private readonly change: ChangeSubscription,
  ) {}

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['subscription_id'] ?? '';
    const subscription = await this.subscriptions.read(call.account.id, id);
    if (!subscription) return refused(notFound('subscription', id));
    const nowMs = await this.clock.nowMs(call.account.id);
    return answered(200, await this.show.one(this, subscription, nowMs));
  }

  list(call: OrbCall): Promise<OrbAnswer> {
    return this.listAs('list-subscriptions', call, (rows, nowMs) =>
      this.show.all(this, rows, nowMs),
    );
  }

  listSummaries(call: OrbCall): Promise<OrbAnswer> {
    return this.listAs('list-subscription-summaries', call, (rows, nowMs) =>
      this.show.summaries(this, rows, nowMs),
    );
  }

  /** Metadata merge; null clears what may be empty. */
  update(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('update-subscription', call, ({ subscription, nowMs }) => {
      const field = notBuiltIn(call.body);
      if (field !== null) return notBuilt(field);
      const settings = changeSettings(settingsAt(subscription, nowMs), call.body);
      if (!settings.ok) return settings;
      const metadata = mergeMetadata(subscription.metadata, call.body['metadata']);
      return ok({ ...withSettings(subscription, settings.value, nowMs), metadata });
    });
  }

  /** Past, current and future plans, newest first. */
  async schedule(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['subscription_id'] ?? '';
    const subscription = await this.subscriptions.read(call.account.id, id);
    if (!subscription) return refused(notFound('subscription', id));
    const query = pageQueryOf('fetch-subscription-schedule', call);
    if (!query) return invalid(NOT_A_CURSOR);
    const { timezone, plans } = subscription.timeline;
    const asCreated = Object.fromEntries(
      ['gte', 'gt', 'lt', 'lte'].flatMap((bound) => {
        const value = call.query[`start_date[${bound}]`];
        return value === undefined ? [] : [[`created_at[${bound}]`, value]];
      }),
    );
    const between = createdBetween(asCreated, timezone);
    if ('fault' in between) return invalid(between.fault.replace('created_at', 'start_date'));
    const rows = plans
      .map((span, index) => ({
        ...span,
        createdAt: new Date(span.startMs),
        position: BigInt(index),
      }))
      .filter(({ createdAt }) => isBetween(createdAt, between))
      .filter(
        ({ createdAt, position }) =>
          query.after === null ||
          createdAt < query.after.createdAt ||
          (createdAt.getTime() === query.after.createdAt.getTime() &&
            position < query.after.position),
      )
      .reverse()
      .slice(0, query.limit + 1);
    const views = new Map<(typeof rows)[number], Fields>();
    for (const row of rows) {
      const plan = await this.catalogue.planView(call.account.id, row.planId, row.version);
      views.set(row, {
        start_date: new Date(row.startMs).toISOString(),
        end_date: row.endMs === null ? null : new Date(row.endMs).toISOString(),
        created_at: new Date(row.createdMs).toISOString(),
        plan: plan && {
          ...{ id: plan['id'], external_plan_id: plan['external_plan_id'], name: plan['name'] },
        },
      });
    }
    return pageOf('fetch-subscription-schedule', call, query, rows, (row) => views.get(row));
  }

  private async listAs(
    operation: string,
    call: OrbCall,
    show: (rows: readonly Subscription[], nowMs: number) => Promise<readonly Fields[]>,
  ): Promise<OrbAnswer> {
    const page = pageQueryOf(operation, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const created = createdBetween(call.query, call.account.timezone);
    if ('fault' in created) return invalid(created.fault);
    const nowMs = await this.clock.nowMs(call.account.id);
    const planId = await this.planId(call);
    if (planId === undefined) return pageOf(operation, call, page, [], () => null);
    const rows = await this.subscriptions.list({
      ...page,
      ...{ created, nowMs, planId },
      customerIds: many(call.query, 'customer_id'),
      externalCustomerIds: many(call.query, 'external_customer_id'),
      statuses: many(call.query, 'status'),
    });
    const shown = await show(rows, nowMs);
    return pageOf(operation, call, page, rows, (row) => shown[rows.indexOf(row)]);
  }

  /** Null: any plan. Undefined: one that the account does not have. */
  private async planId({ query, account }: OrbCall): Promise<string | null | undefined> {
    const { plan_id: id, external_plan_id: externalId } = query;
    if (typeof externalId !== 'string') return typeof id === 'string' ? id : null;
    const plan = await this.catalogue.plan(account.id, { externalId }, null);
    return typeof id === 'string' && plan?.id !== id ? undefined : plan?.id;
  }
}

const isBetween = (
  date: Date,
  { gte, gt, lt, lte }: Exclude<ReturnType<typeof createdBetween>, { fault: string }>,
): boolean =>
  (gte === null || date >= gte) &&
  (gt === null || date > gt) &&
  (lt === null || date < lt) &&
  (lte === null || date <= lte);
