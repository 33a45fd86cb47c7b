/** Nest TCP patterns of usage-metering for the way in of usage events. */
export const USAGE_INGEST_RPC = {
  /** KnownKeysQuery → string[]: those of the keys that the registry has. */
  knownKeys: 'usage.known_keys',
  /** CustomerNameTold → {events: number} that waited for this customer. */
  nameCustomer: 'usage.name_customer',
} as const;

export interface KnownKeysQuery {
  readonly account_id: string;
  readonly keys: readonly string[];
}

/** What the gateway knows of an external id. */
export interface CustomerNameTold {
  readonly account_id: string;
  readonly external_customer_id: string;
  readonly customer_id: string;
  /** The customer was deleted: the external id is free again. */
  readonly is_free: boolean;
}
