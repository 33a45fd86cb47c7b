import {
  METERED_RPC,
  OrbitError,
  type ClosedUsage,
  type GroupUsage,
  type MetricSummary,
  type UsageAnswer,
  type UsageDefinition,
  type UsageWindow,
} from '@orbit/contracts';
import { decimal, type Usage } from '@orbit/pricing';
import type { RpcClient } from '@orbit/runtime';
import type { UsageAsk, UsageByKey, UsageSource } from '../application/ports.js';

/** Limits of one question to usage-metering. */
const DEFINITIONS_MAX = 100;
const WINDOWS_MAX = 1_000;

/** Usage as usage-metering counts it. Errors: unavailable, timeout. */
export class RpcUsageSource implements UsageSource {
  constructor(private readonly metering: Pick<RpcClient, 'call'>) {}

  /** One question for all that asks for the same customers: every definition in every window. */
  async read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey> {
    const counted = new Map<string, Usage>();
    for (const group of groupedBy(asks, ({ customerIds }) => JSON.stringify(customerIds))) {
      for (const part of parts(group)) await this.readPart(accountId, part, counted);
    }
    return counted;
  }

  async close(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey | null> {
    const counted = new Map<string, Usage>();
    for (const ask of asks) {
      const question = {
        account_id: accountId,
        interval_id: ask.intervalId,
        customer_ids: ask.customerIds,
        definition: definitionOf(ask),
        windows: [windowOf(ask)],
      };
      const answer = await this.metering.call<ClosedUsage>(METERED_RPC.close, question);
      if (answer.state === 'behind') return null;
      if (answer.state === 'refused') throw refusedBy(answer.faults);
      counted.set(ask.key, usageFrom(ask, answer.rows.at(0)?.groups ?? []));
    }
    return counted;
  }

  async names(
    accountId: string,
    metricIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    if (metricIds.length === 0) return new Map();
    const question = { account_id: accountId, metric_ids: metricIds };
    const metrics = await this.metering.call<readonly MetricSummary[]>(
      METERED_RPC.metrics,
      question,
    );
    return new Map(metrics.map(({ id, name }) => [id, name]));
  }

  private async readPart(
    accountId: string,
    asks: readonly UsageAsk[],
    counted: Map<string, Usage>,
  ): Promise<void> {
    const [first] = asks;
    if (!first) return;
    const definitions = distinct(asks.map(definitionOf));
    const windows = distinct(asks.map(windowOf));
    const { customerIds } = first;
    const question = {
      ...{ account_id: accountId, customer_ids: customerIds },
      definitions: [...definitions.values()],
      windows: [...windows.values()],
      // A subscription's prices are asked for again and again: metering keeps rollups for them.
      is_lasting: true,
    };
    const answer = await this.metering.call<UsageAnswer>(METERED_RPC.usage, question);
    if (answer.faults.length > 0) throw refusedBy(answer.faults);
    const [definitionNames, windowNames] = [[...definitions.keys()], [...windows.keys()]];
    for (const ask of asks) {
      const row = definitionNames.indexOf(JSON.stringify(definitionOf(ask)));
      const column = windowNames.indexOf(JSON.stringify(windowOf(ask)));
      const groups = answer.results[row]?.windows[column]?.groups ?? [];
      counted.set(ask.key, usageFrom(ask, groups));
    }
  }
}

const definitionOf = ({ metricId, filter, dimensions }: UsageAsk): UsageDefinition => ({
  ...{ metric_id: metricId, filter, grouping_keys: dimensions },
});

const windowOf = ({ startMs, endMs }: UsageAsk): UsageWindow => ({
  from: new Date(startMs).toISOString(),
  to: new Date(endMs).toISOString(),
});

const usageFrom = ({ dimensions }: UsageAsk, groups: readonly GroupUsage[]): Usage =>
  groups.map(({ values, quantity }) => ({
    values: Object.fromEntries(dimensions.map((name, index) => [name, values[index] ?? null])),
    quantity: decimal(quantity),
  }));

const distinct = <T>(values: readonly T[]): ReadonlyMap<string, T> =>
  new Map(values.map((value) => [JSON.stringify(value), value]));

function groupedBy<T>(values: readonly T[], nameOf: (value: T) => string): readonly T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const name = nameOf(value);
    groups.set(name, [...(groups.get(name) ?? []), value]);
  }
  return [...groups.values()];
}

/** As many as one question may hold. */
function parts(asks: readonly UsageAsk[]): readonly (readonly UsageAsk[])[] {
  const size = Math.min(DEFINITIONS_MAX, WINDOWS_MAX);
  return Array.from({ length: Math.ceil(asks.length / size) }, (_, index) =>
    asks.slice(index * size, (index + 1) * size),
  );
}

/** A definition was checked when its price was made, so this is not the caller's fault. */
const refusedBy = (faults: readonly string[]): OrbitError =>
  new OrbitError('unavailable', `usage-metering refuses to count: ${faults.join('; ')}`);
