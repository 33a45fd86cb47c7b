import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { invariant, newId, type AccountClock } from '@orbit/kernel';
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
  type Changes,
} from '@orbit/orb-api';
import type { MetricTree } from '../domain/expression.js';
import { readMetric } from '../domain/read-metric.js';
import { NotAllowed } from '../domain/sql-text.js';
import type { ParseSql } from '../domain/sql-tree.js';
import type { ItemDirectory, Metric, Metrics, MetricTransaction } from './ports.js';

const LIST = 'list-metrics';
type Item = Readonly<Record<string, unknown>>;

/** The operations of metrics. Errors: the database's own, unavailable; refusals are answers. */
export class ServeMetrics {
  constructor(
    private readonly metrics: Metrics,
    private readonly changes: Changes<MetricTransaction>,
    private readonly items: ItemDirectory,
    private readonly parse: ParseSql,
    private readonly clock: AccountClock,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const name = String(body['name']);
    if (name.trim() === '') return invalid('name must not be empty');
    const sql = String(body['sql']);
    const tree = await readTree(sql, this.parse);
    if ('fault' in tree) return invalid(`sql: ${tree.fault}`);
    const itemId = String(body['item_id']);
    const item = await this.items.read(account, itemId);
    return this.changes.run(call, async (tx) => {
      if (!item) return refused(notFound('item', itemId));
      const nowMs = await this.clock.nowMs(account.id);
      const description = typeof body['description'] === 'string' ? body['description'] : null;
      const metric = {
        ...{ id: newId('metric', nowMs), name, description, itemId, sql, tree: tree.tree },
        metadata: mergeMetadata({}, body['metadata']),
        createdAt: new Date(nowMs),
        archivedAt: null,
      };
      await tx.insert(account.id, metric);
      return answered(201, toResponse(metric, item));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const [metric] = await this.metrics.read(call.account.id, [idOf(call)]);
    if (!metric) return missing(call);
    return answered(200, toResponse(metric, await this.itemOf(call, metric)));
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST, call);
    if (!query) return invalid(NOT_A_CURSOR);
    const created = createdBetween(call.query, call.account.timezone);
    if ('fault' in created) return invalid(created.fault);
    const { status } = call.query;
    // The contract knows drafts; no operation of it makes one.
    const isArchived = typeof status === 'string' ? status === 'archived' : null;
    const rows =
      status === 'draft' ? [] : await this.metrics.list({ ...query, created, isArchived });
    const shown = new Map(rows.slice(0, query.limit).map((metric) => [metric.itemId, metric]));
    const items = new Map(
      await Promise.all(
        [...shown.values()].map(
          async (metric) => [metric.itemId, await this.itemOf(call, metric)] as const,
        ),
      ),
    );
    return pageOf(LIST, call, query, rows, (metric) =>
      toResponse(metric, items.get(metric.itemId) ?? {}),
    );
  }

  /** Null leaves the name, and clears description and metadata. */
  update(call: OrbCall): Promise<OrbAnswer> {
    const { name, description, metadata } = call.body;
    if (typeof name === 'string' && name.trim() === '') {
      return Promise.resolve(invalid('name must not be empty'));
    }
    return this.change(call, (metric) => ({
      ...metric,
      name: typeof name === 'string' ? name : metric.name,
      description:
        description === undefined ? metric.description : ((description ?? null) as string | null),
      metadata: mergeMetadata(metric.metadata, metadata),
    }));
  }

  /** Billing by an archived metric goes on. */
  async archive(call: OrbCall): Promise<OrbAnswer> {
    const archivedAt = new Date(await this.clock.nowMs(call.account.id));
    return this.change(call, (metric) =>
      metric.archivedAt ? 'The metric is archived already.' : { ...metric, archivedAt },
    );
  }

  unarchive(call: OrbCall): Promise<OrbAnswer> {
    return this.change(call, (metric) =>
      metric.archivedAt ? { ...metric, archivedAt: null } : 'The metric is not archived.',
    );
  }

  /** `to` answers the changed metric, or why it cannot be. */
  private async change(call: OrbCall, to: (metric: Metric) => Metric | string): Promise<OrbAnswer> {
    const [known] = await this.metrics.read(call.account.id, [idOf(call)]);
    if (!known) return missing(call);
    const item = await this.itemOf(call, known);
    return this.changes.run(call, async (tx) => {
      const metric = await tx.lock(call.account.id, idOf(call));
      if (!metric) return missing(call);
      const changed = to(metric);
      if (typeof changed === 'string') {
        return refused({ code: 'constraint_violation', detail: changed });
      }
      await tx.save(changed);
      return answered(200, toResponse(changed, item));
    });
  }

  private async itemOf({ account }: OrbCall, { itemId }: Metric): Promise<Item> {
    const item = await this.items.read(account, itemId);
    invariant(item, `the item ${itemId} of a metric is there: items are never deleted`);
    return item;
  }
}

async function readTree(
  sql: string,
  parse: ParseSql,
): Promise<{ readonly tree: MetricTree } | { readonly fault: string }> {
  try {
    return { tree: await readMetric(sql, parse) };
  } catch (error) {
    if (error instanceof NotAllowed) return { fault: error.message };
    throw error;
  }
}

const idOf = ({ path }: OrbCall): string => path['metric_id'] ?? '';

const missing = (call: OrbCall): OrbAnswer => refused(notFound('metric', idOf(call)));

const toResponse = (metric: Omit<Metric, 'position'>, item: Item): Record<string, unknown> => ({
  id: metric.id,
  name: metric.name,
  description: metric.description,
  status: metric.archivedAt ? 'archived' : 'active',
  item,
  metadata: metric.metadata,
  sql: metric.sql,
  parameter_definitions: metric.tree.parameters.length > 0 ? metric.tree.parameters : null,
});
