import { OrbitError } from '@orbit/contracts';
import { isTimezone, newId, readRfc3339, type Clock } from '@orbit/kernel';
import { isIsoCurrency } from '@orbit/money';
import type { KeyGate, KeyHasher } from '../../edge/ports.js';
import type { KeyMode } from '../api-key.js';
import { accountKeyPrefix, type Account } from './account.js';
import type { AccountClocks, AccountPrincipal, AccountStore } from './account-ports.js';

export interface NewAccount {
  readonly name: string;
  readonly mode: KeyMode;
  readonly defaultCurrency: string;
  readonly timezone: string;
  /** RFC 3339; null: real time. */
  readonly testClockNow: string | null;
}

/** The only moment at which the key is readable. */
export interface IssuedAccountKey {
  readonly account: Account;
  readonly apiKey: string;
  readonly webhookSecret: string;
}

/** The operator's use cases for accounts and their keys. */
export class ManageAccounts {
  constructor(
    private readonly accounts: AccountStore,
    private readonly gate: KeyGate<AccountPrincipal>,
    private readonly hasher: KeyHasher,
    private readonly clock: Clock,
    private readonly clocks: Pick<AccountClocks, 'stand'>,
  ) {}

  /** Errors: unsupported_currency, invalid_field. */
  async create(wanted: NewAccount): Promise<IssuedAccountKey> {
    if (!isIsoCurrency(wanted.defaultCurrency)) {
      const message = `The currency ${wanted.defaultCurrency.slice(0, 12)} is unknown.`;
      throw new OrbitError('unsupported_currency', message, { param: 'default_currency' });
    }
    if (!isTimezone(wanted.timezone)) {
      const message = 'timezone is an IANA name, such as "Europe/Berlin".';
      throw new OrbitError('invalid_field', message, { param: 'timezone' });
    }
    const { testClockNow, ...terms } = wanted;
    const standsAtMs = testClockNow === null ? null : readStand(testClockNow, terms.mode);
    const nowMs = this.clock.nowMs();
    const account = { ...terms, id: newId('acct', nowMs), createdAt: new Date(nowMs) };
    // First the clock: nobody ever sees such an account on real time.
    if (standsAtMs !== null) await this.clocks.stand(account.id, standsAtMs);
    await this.accounts.save(account);
    return this.issue(account);
  }

  list(): Promise<readonly Account[]> {
    return this.accounts.list();
  }

  /** A new key; every other one ends at once. Errors: not_found; after unavailable it may be repeated. */
  async rotateKey(accountId: string): Promise<IssuedAccountKey> {
    return this.issue(await this.read(accountId));
  }

  /** Errors: not_found. */
  async read(accountId: string): Promise<Account> {
    const account = await this.accounts.read(accountId);
    if (!account) throw new OrbitError('not_found', 'There is no such account.');
    return account;
  }

  private async issue(account: Account): Promise<IssuedAccountKey> {
    const apiKey = this.hasher.create(accountKeyPrefix(account.mode));
    const nowMs = this.clock.nowMs();
    const key = {
      id: newId('ak', nowMs),
      accountId: account.id,
      keyHash: this.hasher.hash(apiKey),
      lastFour: apiKey.slice(-4),
      hasCheck: true,
      createdAt: new Date(nowMs),
    };
    const fresh = this.hasher.create('whsec_');
    const { webhookSecret, revokedHashes } = await this.accounts.replaceKeys(key, fresh);
    for (const hash of revokedHashes) await this.gate.bar(hash);
    return { account, apiKey, webhookSecret };
  }
}

function readStand(text: string, mode: KeyMode): number {
  const param = 'test_clock_now';
  if (mode !== 'test') {
    throw new OrbitError('invalid_field', 'Only a test account has a test clock.', { param });
  }
  const ms = readRfc3339(text);
  if (ms !== null) return ms;
  const message = 'test_clock_now is an RFC 3339 instant with a zone: "2026-01-01T00:00:00Z".';
  throw new OrbitError('invalid_field', message, { param });
}
