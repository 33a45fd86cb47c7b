import {
  METERED,
  OrbitError,
  rpcClient,
  USAGE_DEFINITIONS_MAX,
  USAGE_WINDOWS_MAX,
  type Client,
  type CloseUsage,
  type GroupUsage,
  type Transport,
  type UsageAnswer,
  type UsageDefinition,
  type UsageQuery,
  type UsageWindow,
} from '@orbit/contracts';
import { decimal, type Usage } from '@orbit/pricing';
import type { UsageAsk, UsageByKey, UsageSource } from '../application/ports.js';

/** Questions, and closings, of one call. */
const QUESTIONS_MAX = 100;
const CLOSINGS_MAX = 500;

/** Usage as usage-metering counts it. Errors: unavailable, timeout. */
export class RpcUsageSource implements UsageSource {
  private readonly metering: Client<typeof METERED>;

  constructor(transport: Transport) {
    this.metering = rpcClient(METERED, transport);
  }

  async read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey> {
    const [counted] = await this.readAll(accountId, [asks]);
    return counted ?? new Map();
  }

  /** One question for all of a list that ask for the same customers: every definition in every window. */
  async readAll(
    accountId: string,
    asks: readonly (readonly UsageAsk[])[],
  ): Promise<readonly UsageByKey[]> {
    const counted = asks.map(() => new Map<string, Usage>());
    const questions = asks.flatMap((list, index) =>
      groupedBy(list, ({ customerIds }) => JSON.stringify(customerIds))
        .flatMap(parts)
        .map((part) => questionOf(part, counted[index] ?? new Map())),
    );
    for (const some of slices(questions, QUESTIONS_MAX)) {
      const answers = await this.metering.usageOfAll({
        account_id: accountId,
        questions: some.map(({ question }) => question),
      });
      for (const [index, { keep }] of some.entries()) keep(answers[index]);
    }
    return counted;
  }

  async close(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey | null> {
    const closed = await this.closeAll(accountId, [asks]);
    return closed && (closed[0] ?? new Map());
  }

  async closeAll(
    accountId: string,
    asks: readonly (readonly UsageAsk[])[],
  ): Promise<readonly UsageByKey[] | null> {
    const counted = asks.map(() => new Map<string, Usage>());
    const all = asks.flatMap((list, index) => list.map((ask) => ({ ask, of: counted[index] })));
    for (const some of slices(all, CLOSINGS_MAX)) {
      const answers = await this.metering.closeAll({
        account_id: accountId,
        closings: some.map(({ ask }) => closingOf(ask)),
      });
      for (const [index, { ask, of }] of some.entries()) {
        const answer = answers[index];
        if (!answer || answer.state === 'behind') return null;
        if (answer.state === 'refused') throw refusedBy(answer.faults);
        of?.set(ask.key, usageFrom(ask, answer.rows.at(0)?.groups ?? []));
      }
    }
    return counted;
  }

  async names(
    accountId: string,
    metricIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    if (metricIds.length === 0) return new Map();
    const question = { account_id: accountId, metric_ids: metricIds };
    const metrics = await this.metering.metrics(question);
    return new Map(metrics.map(({ id, name }) => [id, name]));
  }
}

interface Question {
  readonly question: Omit<UsageQuery, 'account_id'>;
  keep(answer: UsageAnswer | undefined): void;
}

/** Asks for the same customers, as one question; `counted` gets the usage of each. */
function questionOf(asks: readonly UsageAsk[], counted: Map<string, Usage>): Question {
  const definitions = distinct(asks.map(definitionOf));
  const windows = distinct(asks.map(windowOf));
  const [definitionNames, windowNames] = [[...definitions.keys()], [...windows.keys()]];
  return {
    question: {
      customer_ids: asks[0]?.customerIds ?? [],
      definitions: [...definitions.values()],
      windows: [...windows.values()],
      // A subscription's prices are asked for again and again: metering keeps rollups for them.
      is_lasting: true,
    },
    keep: (answer) => {
      if (!answer || answer.faults.length > 0) throw refusedBy(answer?.faults ?? []);
      for (const ask of asks) {
        const row = definitionNames.indexOf(JSON.stringify(definitionOf(ask)));
        const column = windowNames.indexOf(JSON.stringify(windowOf(ask)));
        counted.set(ask.key, usageFrom(ask, answer.results[row]?.windows[column]?.groups ?? []));
      }
    },
  };
}

const closingOf = (ask: UsageAsk): Omit<CloseUsage, 'account_id'> => ({
  interval_id: ask.intervalId,
  customer_ids: ask.customerIds,
  definition: definitionOf(ask),
  windows: [windowOf(ask)],
});

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
const parts = (asks: readonly UsageAsk[]): readonly (readonly UsageAsk[])[] =>
  slices(asks, Math.min(USAGE_DEFINITIONS_MAX, USAGE_WINDOWS_MAX));

const slices = <T>(values: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );

/** A definition was checked when its price was made, so this is not the caller's fault. */
const refusedBy = (faults: readonly string[]): OrbitError =>
  new OrbitError('unavailable', `usage-metering refuses to count: ${faults.join('; ')}`);
