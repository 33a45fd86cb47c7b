import { FirstFault, type AccountClock } from '@orbit/kernel';
import type { Decimal } from '@orbit/pricing';
import type { Subscription } from '../../billing/domain/subscription.js';
import type { Period } from '../../timeline/domain/cycle.js';
import { currentPeriod, planAt } from '../../timeline/domain/position.js';
import type { Alert } from '../domain/alert.js';
import { toConfiguration } from '../domain/alert-view.js';
import { exceeded, thresholdsOf } from '../domain/crossing.js';
import { asksOfAlert, evaluate, type Evaluated } from '../domain/evaluate.js';
import type {
  AlertSubjects,
  AlertUsage,
  AlertWatch,
  DueSubscription,
  WatchTransaction,
} from './ports.js';

/** An alert with what it compares. */
interface Compared {
  readonly alert: Alert;
  readonly amounts: readonly Evaluated[];
}

/** A group's threshold that was reached. */
interface Reached extends Evaluated {
  readonly threshold: string;
}

/**
 * Alerts on usage, costs and spend. Subscriptions that changed, whose period ended or whose usage changed are judged;
 * each threshold is reported once in a billing period. Errors: usage-metering's unavailable and timeout, the database's own.
 */
export class JudgeSubscriptions {
  constructor(
    private readonly watch: AlertWatch,
    private readonly subjects: AlertSubjects,
    private readonly usage: AlertUsage,
    private readonly clock: AccountClock,
  ) {}

  /** Of one account, or of all. Returns how many subscriptions were judged. */
  async run(accountId: string | null = null): Promise<number> {
    const watched = await this.watch.subscriptions(accountId);
    let judged = 0;
    const faults = new FirstFault();
    for (const id of new Set(watched.map((each) => each.accountId))) {
      const of = watched.filter((each) => each.accountId === id);
      const nowMs = await this.clock.nowMs(id);
      const customerIds = new Set(of.flatMap((each) => each.customerIds ?? []));
      // Asked before usage is read: what comes in between is looked at again.
      const versions = await this.usage.versions(id, [...customerIds]);
      for (const due of of) {
        const isPast = due.nextMs !== null && due.nextMs <= nowMs;
        const seen = versionOf(due.customerIds ?? [], versions);
        if (!due.isDue && !isPast && seen === due.seenUsage) continue;
        // One that cannot be judged now keeps no other waiting; the first fault is thrown at the end.
        await faults.keep(async () => {
          if (await this.judge(due, nowMs)) judged += 1;
        });
      }
    }
    faults.throwFirst();
    return judged;
  }

  private async judge(due: DueSubscription, nowMs: number): Promise<boolean> {
    const { accountId, id } = due;
    const subscription = await this.subjects.subscription(accountId, id);
    if (!subscription) return false;
    const customerIds = customersOf(subscription);
    const usageVersion = versionOf(customerIds, await this.usage.versions(accountId, customerIds));
    const period = currentPeriod(subscription.timeline, nowMs);
    const compared = period ? await this.compare(subscription, period, nowMs) : [];
    const { whole, short } = await this.subjects.shown(subscription, nowMs);
    await this.watch.run(async (tx) => {
      if (!(await tx.lockSubscription(due))) return;
      for (const each of period ? compared : []) {
        const reached = await this.reached(tx, each, subscription.id, period as Period);
        if (reached.length === 0) continue;
        const fact = factOf(each.alert, reached, subscription.id, period as Period);
        await tx.facts.record({
          ...{ accountId, organizationId: subscription.customerId, objectId: id, atMs: nowMs },
          ...fact,
          resources: { subscription: whole },
          standardResources: { subscription: short },
        });
      }
      const nextMs = period?.endMs ?? startOf(subscription, nowMs);
      await tx.judged({ subscription: due, customerIds, usageVersion, nextMs });
    });
    return true;
  }

  private async compare(
    subscription: Subscription,
    period: Period,
    nowMs: number,
  ): Promise<readonly Compared[]> {
    const { accountId } = subscription;
    const span = planAt(subscription.timeline, nowMs);
    const plan = span && { id: span.planId, version: span.version };
    const alerts = await this.watch.alertsOf(accountId, subscription.id, plan);
    const asks = alerts.flatMap((alert) => asksOfAlert(alert, subscription, period));
    const counted = await this.usage.read(accountId, asks);
    return alerts.map((alert) => ({
      alert,
      amounts: evaluate(alert, subscription, period, counted),
    }));
  }

  private async reached(
    tx: WatchTransaction,
    { alert, amounts }: Compared,
    subscriptionId: string,
    { startMs }: Period,
  ): Promise<readonly Reached[]> {
    const reached: Reached[] = [];
    for (const each of amounts) {
      const group = each.group.length === 0 ? '' : JSON.stringify(each.group);
      const before = await tx.reported(alert.id, subscriptionId, group, startMs);
      const threshold = exceeded(thresholdsOf(alert, each.group), each.amount, before);
      if (threshold === null) continue;
      await tx.report(alert.id, subscriptionId, group, startMs, threshold);
      reached.push({ ...each, threshold });
    }
    return reached;
  }
}

/** Whose usage a subscription counts. */
const customersOf = ({ customerId, timeline }: Subscription): readonly string[] =>
  [
    ...new Set([customerId, ...timeline.prices.flatMap((price) => price.usageCustomerIds ?? [])]),
  ].sort();

const versionOf = (ids: readonly string[], versions: ReadonlyMap<string, string>): string =>
  ids.map((id) => versions.get(id) ?? '0').join(' ');

const startOf = ({ timeline }: Subscription, nowMs: number): number | null =>
  timeline.startMs > nowMs ? timeline.startMs : null;

function factOf(
  alert: Alert,
  reached: readonly Reached[],
  subscriptionId: string,
  { startMs, endMs }: Period,
): { readonly type: string; readonly properties: Readonly<Record<string, unknown>> } {
  const names = { customer: null, plan: null, subscriptionId, balance: null };
  const common = {
    alert_configuration: toConfiguration(alert, names),
    timeframe_start: new Date(startMs).toISOString(),
    timeframe_end: new Date(endMs).toISOString(),
  };
  const [first] = reached as readonly [Reached, ...Reached[]];
  if (alert.groupingKeys !== null) {
    const groups = reached.map(({ group, threshold, amount }) => ({
      group_values: group.map((value) => value ?? ''),
      amount_threshold: threshold,
      evaluated_amount: textOf(amount),
    }));
    const properties = { ...common, grouping_keys: alert.groupingKeys, groups };
    return { type: 'subscription.grouped_cost_exceeded', properties };
  }
  const amounts =
    alert.type === 'usage_exceeded'
      ? {
          billable_metric_id: alert.metricId,
          quantity_threshold: Number(first.threshold),
          evaluated_quantity: Number(textOf(first.amount)),
        }
      : { amount_threshold: first.threshold, evaluated_amount: textOf(first.amount) };
  return { type: `subscription.${alert.type}`, properties: { ...common, ...amounts } };
}

const textOf = (amount: Decimal): string => amount.toString();
