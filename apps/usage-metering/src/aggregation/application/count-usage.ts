import type {
  DefinitionCheck,
  MetricSummary,
  PreviewEvent,
  PreviewUsage,
  UsageAnswer,
  UsageDefinition,
  UsageOfAll,
  UsageQuery,
} from '@orbit/contracts';
import { fingerprintOf } from '../../events/domain/fingerprint.js';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import { isAdditive, type Counting } from '../../metrics/domain/counting.js';
import type { ParseSql } from '../../metrics/domain/sql-tree.js';
import type { Window } from '../../metrics/domain/tally.js';
import { readWindows, sizeFaults } from '../domain/question.js';
import { TooManyEvents } from './count-rolled.js';
import { countGivenEvents, countWindows } from './count-windows.js';
import { keepLeaves } from './keep-leaves.js';
import type { CountedMetrics, KeptLeaves, UsageStore } from './ports.js';
import { resolveDefinitions, type Resolved } from './resolve-definitions.js';

type Question = Pick<UsageQuery, 'account_id' | 'definitions' | 'windows'>;
type ReadQuestion =
  | { readonly countings: readonly Counting[]; readonly windows: readonly Window[] }
  | { readonly faults: readonly string[] };

/** Counts usage. Errors: the database's own; what cannot be answered is an answer with faults. */
export class CountUsage {
  constructor(
    private readonly metrics: CountedMetrics,
    private readonly store: UsageStore,
    private readonly parse: ParseSql,
    private readonly kept: KeptLeaves,
  ) {}

  async readMetrics(accountId: string, ids: readonly string[]): Promise<readonly MetricSummary[]> {
    const found = await this.metrics.read(accountId, [...new Set(ids)]);
    const byId = new Map(found.map((metric) => [metric.id, metric]));
    return ids.flatMap((id): MetricSummary[] => {
      const metric = byId.get(id);
      if (!metric) return [];
      const { name, itemId: item_id, isArchived, tree } = metric;
      const status = isArchived ? 'archived' : 'active';
      return [{ id, name, item_id, status, is_additive: isAdditive(tree) }];
    });
  }

  async check(
    accountId: string,
    definitions: readonly UsageDefinition[],
  ): Promise<readonly DefinitionCheck[]> {
    const resolved = await resolveDefinitions(accountId, definitions, this.metrics, this.parse);
    return resolved.map((each) => ({ faults: 'faults' in each ? each.faults : [] }));
  }

  async usage(query: UsageQuery): Promise<UsageAnswer> {
    const read = await this.readQuestion(query, sizeFaults(query));
    if ('faults' in read) return { faults: read.faults, results: [] };
    const { account_id: accountId, customer_ids: customerIds } = query;
    const lasting = read.countings.filter((counting) => query.is_lasting ?? isPlain(counting));
    await keepLeaves(this.kept, accountId, lasting);
    try {
      const results = await this.store.reading((reading) =>
        countWindows(reading, { accountId, customerIds, ...read }),
      );
      return { faults: [], results };
    } catch (error) {
      if (error instanceof TooManyEvents) return { faults: [error.message], results: [] };
      throw error;
    }
  }

  /** One after the other; together they may count as many events as one. */
  async usageOfAll({ account_id, questions }: UsageOfAll): Promise<readonly UsageAnswer[]> {
    const answers: UsageAnswer[] = [];
    for (const question of questions) answers.push(await this.usage({ account_id, ...question }));
    return answers;
  }

  async preview(query: PreviewUsage): Promise<UsageAnswer> {
    const read = await this.readQuestion(query, sizeFaults(query));
    if ('faults' in read) return { faults: read.faults, results: [] };
    const events = query.events.map(countedEvent);
    const results = countGivenEvents(read.countings, read.windows, events);
    return { faults: [], results };
  }

  private async readQuestion(
    { account_id, definitions, windows }: Question,
    faults: readonly string[],
  ): Promise<ReadQuestion> {
    if (faults.length > 0) return { faults };
    const read = readWindows(windows);
    if ('faults' in read) return read;
    const resolved = await resolveDefinitions(account_id, definitions, this.metrics, this.parse);
    const refused = resolved.flatMap((each, index) =>
      'faults' in each ? each.faults.map((fault) => `definitions.${index}.${fault}`) : [],
    );
    return refused.length > 0
      ? { faults: refused }
      : { countings: resolved.flatMap(countingOf), windows: read.windows };
  }
}

/** A metric as it is: there are not more of these than metrics. */
const isPlain = ({ filter, groups, parameters }: Counting): boolean =>
  filter === null && groups.length === 0 && Object.keys(parameters).length === 0;

const countingOf = (resolved: Resolved): readonly Counting[] =>
  'counting' in resolved ? [resolved.counting] : [];

function countedEvent(event: PreviewEvent): CountedEvent {
  const { idempotency_key: idempotencyKey, event_name: eventName, properties } = event;
  const content = {
    ...{ idempotencyKey, eventName, properties },
    timestampMs: Date.parse(event.timestamp),
  };
  return {
    ...content,
    customerId: event.customer_id,
    externalCustomerId: event.external_customer_id,
    fingerprint: fingerprintOf(content),
  };
}
