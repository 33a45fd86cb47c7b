import { namesOf, operation } from '../schema/operation.js';
import { flag, integer, list, nullable, object, text, type Static } from '../schema/shape.js';

/** A customer is made while this is waited for; the rest a job does. */
const NAMED = { timeoutMs: 2_000 } as const;

const KEYS_MAX = 500;
const id = text({ minLength: 1 });
const account = { account_id: id } as const;

export const KnownKeysQuery = object({ ...account, keys: list(text(), { maxItems: KEYS_MAX }) });
export type KnownKeysQuery = Static<typeof KnownKeysQuery>;

export const DeprecatedKeysQuery = object({
  ...account,
  /** `next` of the answer before; "0" in the beginning. */
  after: text({ pattern: '^\\d{1,18}$', says: 'is a whole number as text' }),
});
export type DeprecatedKeysQuery = Static<typeof DeprecatedKeysQuery>;

/** Keys of events that were deprecated since; some of the ones before may stand here again. */
export const DeprecatedKeys = object({
  keys: list(text()),
  next: text(),
  /** There are more: ask again at once. */
  has_more: flag(),
});
export type DeprecatedKeys = Static<typeof DeprecatedKeys>;

export const BackfillQuery = object({ ...account, backfill_id: text() });
export type BackfillQuery = Static<typeof BackfillQuery>;

/** Facts that decide whether an event may come into a backfill. */
export const BackfillView = object({
  /** Null: all customers. */
  customer_id: nullable(text()),
  /** [from, to) */
  from: text(),
  to: text(),
  is_open: flag(),
});
export type BackfillView = Static<typeof BackfillView>;

/** An external id, as the gateway keeps it. */
export const CustomerNamed = object({
  ...account,
  external_customer_id: id,
  customer_id: id,
  /** The customer was deleted: the external id is free again. */
  is_free: flag(),
});
export type CustomerNamed = Static<typeof CustomerNamed>;

export const AccountTime = object({
  /** An instant. */
  now: text(),
});
export type AccountTime = Static<typeof AccountTime>;

/** The way in of usage events, as far as the gateway has to ask. */
export const USAGE_INGEST = {
  /** Those of the keys that the registry has. */
  knownKeys: operation('usage.known_keys', KnownKeysQuery, list(text())),
  deprecatedKeys: operation('usage.deprecated_keys', DeprecatedKeysQuery, DeprecatedKeys),
  /** Null: the account has no such backfill. */
  backfill: operation('usage.backfill', BackfillQuery, nullable(BackfillView)),
  accountTime: operation('usage.account_time', object(account), AccountTime),
  /** How many events waited for this customer. */
  nameCustomer: operation(
    'usage.name_customer',
    CustomerNamed,
    object({ events: integer() }),
    [],
    NAMED,
  ),
} as const;

/** The names on the wire, for who asks without a client. */
export const USAGE_INGEST_RPC = namesOf(USAGE_INGEST);
