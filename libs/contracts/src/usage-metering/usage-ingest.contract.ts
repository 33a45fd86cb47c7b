/** Nest TCP patterns of usage-metering for the way in of usage events. */
export const USAGE_INGEST_RPC = {
  /** KnownKeysQuery → string[]: those of the keys that the registry has. */
  knownKeys: 'usage.known_keys',
  /** DeprecatedKeysQuery → DeprecatedKeys */
  deprecatedKeys: 'usage.deprecated_keys',
  /** BackfillQuery → BackfillView, or null where the account has no such backfill */
  backfill: 'usage.backfill',
  /** {account_id} → {now}: the account's time, an instant. */
  accountTime: 'usage.account_time',
  /** CustomerNamed → {events: number} that waited for this customer. */
  nameCustomer: 'usage.name_customer',
} as const;

export interface KnownKeysQuery {
  readonly account_id: string;
  readonly keys: readonly string[];
}

export interface DeprecatedKeysQuery {
  readonly account_id: string;
  /** `next` of the answer before; "0" in the beginning. */
  readonly after: string;
}

/** Keys of events that were deprecated since; some of the ones before may stand here again. */
export interface DeprecatedKeys {
  readonly keys: readonly string[];
  readonly next: string;
  /** There are more: ask again at once. */
  readonly has_more: boolean;
}

export interface BackfillQuery {
  readonly account_id: string;
  readonly backfill_id: string;
}

/** Facts that decide whether an event may come into a backfill. */
export interface BackfillView {
  /** Null: all customers. */
  readonly customer_id: string | null;
  /** [from, to) */
  readonly from: string;
  readonly to: string;
  readonly is_open: boolean;
}

/** An external id, as the gateway keeps it. */
export interface CustomerNamed {
  readonly account_id: string;
  readonly external_customer_id: string;
  readonly customer_id: string;
  /** The customer was deleted: the external id is free again. */
  readonly is_free: boolean;
}
