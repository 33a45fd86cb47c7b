import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { answered, invalid, notFound, refused } from '@orbit/orb-api';
import { quantityOf, type Usage } from '@orbit/pricing';
import type { Period } from '../../timeline/domain/cycle.js';
import { currentPeriod } from '../../timeline/domain/position.js';
import { termsOf } from '../../timeline/domain/terms.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import { daysOf, periodsIn } from '../../timeline/domain/windows.js';
import { isProperty } from '../../billing/domain/usage-asks.js';
import { readWindow } from '../../billing/domain/read-window.js';
import type { Subscription, UsageAsk } from '../../billing/domain/subscription.js';
import type { CountedUsage, KnownSubscriptions } from './ports.js';

type Fields = Readonly<Record<string, unknown>>;

/** Usage of a subscription by metric, as events say it. Errors: usage-metering's unavailable and timeout. */
export class ServeUsage {
  constructor(
    private readonly subscriptions: KnownSubscriptions,
    private readonly usage: CountedUsage,
    private readonly clock: AccountClock,
  ) {}

  async run(call: OrbCall): Promise<OrbAnswer> {
    const { account, query } = call;
    const id = call.path['subscription_id'] ?? '';
    const subscription = await this.subscriptions.read(account.id, id);
    if (!subscription) return refused(notFound('subscription', id));
    const { timeline } = subscription;
    const asked = readWindow(call, timeline.timezone);
    if (!asked.ok) return refused(asked.refusal);
    const window = asked.value ?? currentPeriod(timeline, await this.clock.nowMs(account.id));
    const metricId = (query['billable_metric_id'] ?? null) as string | null;
    const groupBy = (query['group_by'] ?? null) as string | null;
    if (groupBy !== null && metricId === null) {
      return invalid('billable_metric_id: must be given with group_by');
    }
    const isCumulative = query['view_mode'] === 'cumulative';
    const windows = window ? windowsOf(call, timeline, window, isCumulative) : [];
    const metrics = metricsOf(timeline, window).filter((one) => (metricId ?? one) === one);
    if (metricId !== null && metrics.length === 0) {
      return refused(notFound('metric of this subscription', metricId));
    }
    const asks = metrics.flatMap((metric) => asksOf(call, subscription, metric, windows, groupBy));
    const counted = await this.usage.read(account.id, asks);
    const names = await this.usage.names(account.id, metrics);
    const data = metrics.flatMap((metric) => {
      const usages = windows.map((_, index) => counted.get(`${metric}#${String(index)}`) ?? []);
      const billable_metric = { id: metric, name: names.get(metric) ?? metric };
      const common = { billable_metric, view_mode: isCumulative ? 'cumulative' : 'periodic' };
      if (groupBy === null) return [{ ...common, usage: shown(windows, usages) }];
      return groupsOf(usages, groupBy).map((value) => ({
        ...common,
        metric_group: { property_key: groupBy, property_value: value },
        usage: shown(
          windows,
          usages.map((usage) => onlyGroup(usage, groupBy, value)),
        ),
      }));
    });
    return answered(200, groupBy === null ? { data } : { data, pagination_metadata: null });
  }
}

/** Metrics of usage prices that are active in a window. */
function metricsOf({ prices }: Timeline, window: Period | null): readonly string[] {
  const ids = prices
    .filter(
      ({ startMs, endMs }) =>
        window !== null && startMs < window.endMs && (endMs === null || endMs > window.startMs),
    )
    .flatMap(({ price }) => termsOf(price).metricId ?? []);
  return [...new Set(ids)];
}

/** Cumulative windows all begin where their billing period does. */
function windowsOf(
  { query }: OrbCall,
  timeline: Timeline,
  window: Period,
  isCumulative: boolean,
): readonly Period[] {
  const parts = query['granularity'] === 'day' ? daysOf(window, timeline.timezone) : [window];
  if (!isCumulative) return parts;
  const periods = periodsIn(timeline, window);
  return parts.map((part) => {
    const period = periods.find(
      ({ startMs, endMs }) => startMs <= part.startMs && part.startMs < endMs,
    );
    return {
      startMs: Math.max(period?.startMs ?? window.startMs, window.startMs),
      endMs: part.endMs,
    };
  });
}

function asksOf(
  { query }: OrbCall,
  { customerId, timeline }: Subscription,
  metricId: string,
  windows: readonly Period[],
  groupBy: string | null,
): readonly UsageAsk[] {
  const filters = ['first', 'second'].flatMap((place) => {
    const key = query[`${place}_dimension_key`];
    const value = query[`${place}_dimension_value`];
    if (typeof key !== 'string' || typeof value !== 'string') return [];
    return [isProperty(key, value)];
  });
  const interval = timeline.prices.find(({ price }) => termsOf(price).metricId === metricId);
  return windows.map(({ startMs, endMs }, index) => ({
    key: `${metricId}#${String(index)}`,
    intervalId: interval?.id ?? '',
    customerIds: interval?.usageCustomerIds ?? [customerId],
    metricId,
    filter: filters.length === 0 ? null : filters.join(' AND '),
    dimensions: groupBy === null ? [] : [groupBy],
    // Usage counts while the subscription runs.
    startMs: Math.min(Math.max(startMs, timeline.startMs), endMs),
    endMs: timeline.endMs === null ? endMs : Math.max(Math.min(endMs, timeline.endMs), startMs),
  }));
}

const groupsOf = (usages: readonly Usage[], property: string): readonly string[] =>
  [
    ...new Set(usages.flatMap((usage) => usage.flatMap(({ values }) => values[property] ?? []))),
  ].sort();

const onlyGroup = (usage: Usage, property: string, value: string): Usage =>
  usage.filter(({ values }) => values[property] === value);

const shown = (windows: readonly Period[], usages: readonly Usage[]): readonly Fields[] =>
  windows.map(({ startMs, endMs }, index) => ({
    quantity: Number(quantityOf(usages[index] ?? []).toString()),
    timeframe_start: new Date(startMs).toISOString(),
    timeframe_end: new Date(endMs).toISOString(),
  }));
