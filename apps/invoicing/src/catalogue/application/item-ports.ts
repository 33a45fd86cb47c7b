import type { Metadata, Listed, PageQuery } from '@orbit/orb-api';

export interface ExternalConnection {
  readonly external_connection_name: string;
  readonly external_entity_id: string;
}

/** The thing that a price is for. */
export interface Item extends Listed {
  readonly id: string;
  readonly name: string;
  readonly metadata: Metadata;
  readonly externalConnections: readonly ExternalConnection[];
  readonly archivedAt: Date | null;
}

export interface ItemTransaction {
  insert(accountId: string, item: Omit<Item, 'position'>): Promise<void>;
  /** Null when the account has none with this id. Nobody else changes it until the transaction ends. */
  lock(accountId: string, id: string): Promise<Item | null>;
  save(accountId: string, item: Item): Promise<void>;
  /** Prices that are for it are not sold any more; subscriptions go on with them. */
  archivePrices(accountId: string, id: string, at: Date): Promise<void>;
}

export interface Items {
  read(accountId: string, id: string): Promise<Item | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: PageQuery): Promise<readonly Item[]>;
}
