import type { OrbAccount } from '@orbit/contracts';
import type { CreatedBetween, Listed, Metadata, PageQuery } from '@orbit/orb-api';
import type { MetricTree } from '../domain/expression.js';

/** A metric and the item that it is sold as. Its SQL never changes: prices and invoices stand on it. */
export interface Metric extends Listed {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly itemId: string;
  readonly sql: string;
  /** Read from the SQL when it was made. */
  readonly tree: MetricTree;
  readonly metadata: Metadata;
  readonly archivedAt: Date | null;
}

export interface MetricTransaction {
  insert(accountId: string, metric: Omit<Metric, 'position'>): Promise<void>;
  /** Null when the account has none with this id. Nobody else changes it until the transaction ends. */
  lock(accountId: string, id: string): Promise<Metric | null>;
  save(metric: Metric): Promise<void>;
}

export interface MetricList extends PageQuery {
  readonly created: CreatedBetween;
  /** Null: of either state. */
  readonly isArchived: boolean | null;
}

export interface Metrics {
  /** In no order; unknown ids are left out. */
  read(accountId: string, ids: readonly string[]): Promise<readonly Metric[]>;
  /** Newest first, one more than the limit where there are more. */
  list(query: MetricList): Promise<readonly Metric[]>;
}

/** Items are invoicing's. */
export interface ItemDirectory {
  /** As the contract shows it; null when the account has none with this id. Errors: unavailable, timeout. */
  read(account: OrbAccount, id: string): Promise<Readonly<Record<string, unknown>> | null>;
}
