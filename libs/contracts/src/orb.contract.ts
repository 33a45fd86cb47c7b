import type { Transport } from './schema/operation.js';
import {
  flag,
  integer,
  nullable,
  object,
  oneOf,
  optional,
  record,
  text,
  type Shape,
  type Static,
} from './schema/shape.js';

/** For whom a call runs: everything it reads or changes belongs to this account. */
export const OrbAccount = object({
  id: text({ minLength: 1 }),
  mode: oneOf(['live', 'test']),
  /** ISO 4217. */
  default_currency: text(),
  /** IANA name. */
  timezone: text(),
});
export type OrbAccount = Static<typeof OrbAccount>;

/** The part of a customer's profile that owners other than invoicing need. */
export const OrbCustomerProfile = object({
  /** IANA name; never changes. */
  timezone: text(),
  /** ISO 4217; null until it is said or a subscription brings one. */
  currency: nullable(text()),
});
export type OrbCustomerProfile = Static<typeof OrbCustomerProfile>;

/** A customer, as the gateway keeps it. */
export const OrbCustomerRef = object({
  id: text({ minLength: 1 }),
  external_customer_id: nullable(text()),
  /** Present where the operation asks for it. */
  profile: optional(OrbCustomerProfile),
});
export type OrbCustomerRef = Static<typeof OrbCustomerRef>;

type Query = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A request that fits the contract of the operation, and whose customer is the account's. */
export const OrbCall = object({
  account: OrbAccount,
  customer: nullable(OrbCustomerRef),
  path: record(text()),
  /** Read by the contract of the operation, as is the body. */
  query: record() as Shape<unknown> as Shape<Query>,
  body: record(),
  /** The caller's Idempotency-Key, and a fingerprint that distinguishes this request from another one under the same key. */
  idempotency: nullable(object({ key: text(), request_hash: text() })),
  /** Of a subscription's change: it waits as a pending one, and nothing is changed yet. */
  is_pending: optional(flag()),
  /** The answer is to show which documents the change made. */
  shows_changes: optional(flag()),
});
export type OrbCall = Static<typeof OrbCall>;

export const OrbAnswer = object({
  status: integer(),
  /** JSON; null: no body. */
  body: nullable(text()),
  /** It is the first answer to this Idempotency-Key, given again. */
  is_replay: optional(flag()),
  /** A repeat will never succeed: the answer says so to the clients of Orb. */
  is_final: optional(flag()),
});
export type OrbAnswer = Static<typeof OrbAnswer>;

/**
 * Nest TCP pattern of an operation of the Orb-compatible API, by the id of the contract: `orb.create-item`. OrbCall →
 * OrbAnswer. What it takes and answers stands in the contract that `libs/orb-api` holds, by which the gateway has
 * checked the call. The owner makes the whole answer, refusals included; the gateway passes it on as it is.
 */
export const orbPattern = (id: string): string => `orb.${id}`;

/** Asks the owner of an operation, by the id of the contract. Errors: OrbitError `unavailable`, `timeout`. */
export const askOrb = (
  owner: Transport,
  id: string,
  call: OrbCall,
  timeoutMs?: number,
): Promise<OrbAnswer> => owner.call(orbPattern(id), call, timeoutMs);
