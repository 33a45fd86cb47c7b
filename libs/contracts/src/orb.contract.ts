/**
 * Nest TCP pattern of an operation of the Orb-compatible API, by the id of the contract: `orb.create-item`. OrbCall →
 * OrbAnswer. The owner makes the whole answer, refusals included; the gateway passes it on as it is.
 */
export const orbPattern = (operation: string): string => `orb.${operation}`;

/** For whom a call runs: everything it reads or changes belongs to this account. */
export interface OrbAccount {
  readonly id: string;
  readonly mode: 'live' | 'test';
  /** ISO 4217. */
  readonly default_currency: string;
  /** IANA name. */
  readonly timezone: string;
}

/** A customer, as the gateway keeps it. */
export interface OrbCustomerRef {
  readonly id: string;
  readonly external_customer_id: string | null;
  /** Present where the operation asks for it. */
  readonly profile?: OrbCustomerProfile;
}

/** The part of a customer's profile that owners other than invoicing need. */
export interface OrbCustomerProfile {
  /** IANA name; never changes. */
  readonly timezone: string;
  /** ISO 4217; null until it is said or a subscription brings one. */
  readonly currency: string | null;
}

/** A request that fits the contract, and whose customer is the account's. */
export interface OrbCall {
  readonly account: OrbAccount;
  readonly customer: OrbCustomerRef | null;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** The caller's Idempotency-Key, and a fingerprint that distinguishes this request from another one under the same key. */
  readonly idempotency: { readonly key: string; readonly request_hash: string } | null;
  /** Of a subscription's change: it waits as a pending one, and nothing is changed yet. */
  readonly is_pending?: boolean;
  /** The answer is to show which documents the change made. */
  readonly shows_changes?: boolean;
}

export interface OrbAnswer {
  readonly status: number;
  /** JSON; null: no body. */
  readonly body: string | null;
  /** It is the first answer to this Idempotency-Key, given again. */
  readonly is_replay?: boolean;
  /** A repeat will never succeed: the answer says so to the clients of Orb. */
  readonly is_final?: boolean;
}
