import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { Account } from './account.js';

/** A key of /v1 as it is stored: its hash, never itself. */
export interface AccountKey {
  readonly id: string;
  readonly accountId: string;
  readonly keyHash: string;
  readonly lastFour: string;
  /** Keys of older versions have none. */
  readonly hasCheck: boolean;
  readonly createdAt: Date;
}

/** An account, and by which of its keys a request came. */
export interface AccountPrincipal extends Pick<
  Account,
  'id' | 'mode' | 'defaultCurrency' | 'timezone'
> {
  readonly keyId: string;
}

export const ACCOUNT_CLOCKS = Symbol('AccountClocks');

/** Time of accounts. Errors: OrbitError `unavailable`, `timeout`; refusals are answers. */
export interface AccountClocks {
  fetch(call: OrbCall): Promise<OrbAnswer>;
  advance(call: OrbCall): Promise<OrbAnswer>;
  /** The clock of a new account stands at this instant; may be repeated. */
  stand(accountId: string, nowMs: number): Promise<void>;
}

/** Errors: OrbitError `unavailable` when Postgres is unavailable. */
export interface AccountStore {
  save(account: Account): Promise<void>;
  read(accountId: string): Promise<Account | null>;
  /** Newest first. There are as many as an operator has made by hand. */
  list(): Promise<readonly Account[]>;
  /**
   * Revokes every other key of the account, and keeps `webhookSecret` unless it has one. Answers that one, and the
   * hashes of the keys that end.
   */
  replaceKeys(
    key: AccountKey,
    webhookSecret: string,
  ): Promise<{ readonly webhookSecret: string; readonly revokedHashes: readonly string[] }>;
  /** Hashes of unrevoked keys without a check: see UncheckedKeys. */
  uncheckedHashes(): Promise<readonly string[]>;
  /** The owner of an unrevoked key. */
  findByKeyHash(keyHash: string): Promise<AccountPrincipal | null>;
}
