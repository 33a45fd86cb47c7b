import { OrbitError, type BackfillView, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import type { UsageIngested } from '@orbit/events';
import type { KeyGate, KeyHasher } from '../edge/ports.js';
import type { Account } from '../organizations/accounts/account.js';
import type {
  AccountClocks,
  AccountKey,
  AccountPrincipal,
  AccountStore,
} from '../organizations/accounts/account-ports.js';
import type { Clients } from '../edge/rpc/clients.js';
import type { AccountTimes, UsageTopic } from './ingest/ingest-ports.js';
import type {
  Customer,
  CustomerDirectory,
  CustomerName,
  NewCustomer,
  OrbOwners,
} from '../organizations/customers/customer-ports.js';

interface Row extends Customer {
  accountId: string;
  externalCustomerId: string | null;
  state: string;
  pending: NewCustomer['profile'] | null;
}

/** Accounts, their customers and the owners of operations, in memory. */
export class FakeOrb {
  readonly accounts = new Map<string, Account>();
  readonly customers = new Map<string, Row>();
  /** Accounts whose clock was set when they were made. */
  readonly stands = new Map<string, number>();
  readonly calls: { operation: string; call: OrbCall }[] = [];
  isAllowed = true;
  /** What an owner answers. */
  owner: (operation: string, call: OrbCall) => Promise<OrbAnswer> = () =>
    Promise.resolve({ status: 200, body: '{}' });
  /** What was accepted for usage. */
  readonly published: UsageIngested[] = [];
  readonly knownKeys = new Set<string>();
  readonly backfills = new Map<string, BackfillView>();
  readonly deprecatedKeys = new Set<string>();
  isKafkaAway = false;
  nowMs = Date.parse('2026-05-16T12:00:00.000Z');
  private readonly keys = new Map<string, AccountKey>();

  constructor(private readonly hasher: KeyHasher) {
    this.add('acct_live', 'live');
  }

  /** Answers its key. */
  add(id: string, mode: 'live' | 'test'): string {
    const key = this.hasher.create(`orb_${mode}_`);
    const createdAt = new Date(0);
    const names = { name: id, mode, defaultCurrency: 'USD', timezone: 'UTC' };
    this.accounts.set(id, { id, ...names, createdAt });
    const keyHash = this.hasher.hash(key);
    this.keys.set(keyHash, {
      id: `ak_${id}`,
      accountId: id,
      keyHash,
      lastFour: '0000',
      hasCheck: true,
      createdAt,
    });
    return key;
  }

  ports(): {
    accounts: AccountStore;
    accountGate: KeyGate<AccountPrincipal>;
    accountClocks: AccountClocks;
    customers: CustomerDirectory;
    orbOwners: OrbOwners;
    accountTimes: AccountTimes;
    usageTopic: UsageTopic;
  } {
    return {
      accounts: this.accountStore(),
      accountGate: this.gate(),
      accountClocks: {
        fetch: (call) => this.ask('fetch-test-clock', call),
        advance: (call) => this.ask('advance-test-clock', call),
        stand: async (accountId, nowMs) => void this.stands.set(accountId, nowMs),
      },
      customers: this.directory(),
      accountTimes: { nowMs: async () => this.nowMs },
      usageTopic: {
        publish: async (messages) => {
          if (this.isKafkaAway) throw new OrbitError('unavailable', 'Kafka is unavailable');
          this.published.push(...messages);
        },
      },
      orbOwners: {
        call: (_owner, operation, call) => this.ask(operation, call),
      },
    };
  }

  /** What usage-metering answers about ingest. */
  usageIngest(): Clients['usageIngest'] {
    return {
      knownKeys: async ({ keys }) => keys.filter((key) => this.knownKeys.has(key)),
      backfill: async ({ backfill_id: id }) => this.backfills.get(id) ?? null,
      deprecatedKeys: async () => ({ keys: [...this.deprecatedKeys], next: '0', has_more: false }),
      nameCustomer: async () => ({ events: 0 }),
      accountTime: async () => ({ now: new Date(this.nowMs).toISOString() }),
    };
  }

  private ask(operation: string, call: OrbCall): Promise<OrbAnswer> {
    this.calls.push({ operation, call });
    return this.owner(operation, call);
  }

  private accountStore(): AccountStore {
    return {
      save: async (account) => void this.accounts.set(account.id, account),
      read: async (id) => this.accounts.get(id) ?? null,
      list: async () => [...this.accounts.values()].reverse(),
      replaceKeys: async (key, webhookSecret) => {
        const old = [...this.keys.values()].filter(({ accountId }) => accountId === key.accountId);
        for (const { keyHash } of old) this.keys.delete(keyHash);
        this.keys.set(key.keyHash, key);
        return { webhookSecret, revokedHashes: old.map(({ keyHash }) => keyHash) };
      },
      uncheckedHashes: async () =>
        [...this.keys.values()].filter(({ hasCheck }) => !hasCheck).map(({ keyHash }) => keyHash),
      findByKeyHash: async (hash) => {
        const key = this.keys.get(hash);
        const account = key && this.accounts.get(key.accountId);
        if (!account) return null;
        const { id, mode, defaultCurrency, timezone } = account;
        return { id, mode, defaultCurrency, timezone, keyId: key.id };
      },
    };
  }

  private gate(): KeyGate<AccountPrincipal> {
    const left = { limit: 4000, remaining: 3999, retryAfterMs: 1200, resetMs: 2000 };
    return {
      admit: async () => ({ cached: 'absent', rate: { isAllowed: this.isAllowed, ...left } }),
      remember: async () => undefined,
      bar: async () => undefined,
    };
  }

  private directory(): CustomerDirectory {
    const rows = this.customers;
    const active = (row: Row): boolean => row.state === 'active' || row.state === 'creating';
    const holderOf = (accountId: string, external: string | null): Row | undefined =>
      [...rows.values()].find(
        (row) =>
          external !== null &&
          active(row) &&
          row.accountId === accountId &&
          row.externalCustomerId === external,
      );
    const isNamed = (row: Row, name: CustomerName): boolean =>
      'id' in name ? row.id === name.id : row.externalCustomerId === name.externalCustomerId;
    const change = async (id: string, to: Partial<Row>): Promise<void> => {
      const row = rows.get(id);
      if (row) rows.set(id, { ...row, ...to });
    };
    return {
      claim: async ({ id, externalCustomerId, currency, profile }) => {
        const accountId = profile.account.id;
        if (rows.has(id)) return 'known';
        if (holderOf(accountId, externalCustomerId)) return 'taken';
        const row = { id, externalCustomerId, currency, accountId, pending: profile };
        rows.set(id, { ...row, state: 'creating' });
        return 'claimed';
      },
      find: async (accountId, name) =>
        [...rows.values()].find(
          (row) => row.accountId === accountId && row.state === 'active' && isNamed(row, name),
        ) ?? null,
      findPending: async (id) => rows.get(id) ?? null,
      finish: (id, isMade) => change(id, { pending: null, state: isMade ? 'active' : 'failed' }),
      name: async (id, external) => {
        const row = rows.get(id);
        if (!row) return 'named_otherwise';
        if (holderOf(row.accountId, external)) return 'taken';
        if (row.externalCustomerId !== null) return 'named_otherwise';
        await change(id, { externalCustomerId: external });
        return 'named';
      },
      unname: (id) => change(id, { externalCustomerId: null }),
      delete: (id) => change(id, { state: 'deleted' }),
      resolve: async (accountId, ids, externalIds) =>
        [...rows.values()].filter(
          (row) =>
            row.accountId === accountId &&
            row.state === 'active' &&
            (ids.includes(row.id) || externalIds.includes(row.externalCustomerId ?? '')),
        ),
      listUnsent: async () => [],
      markSent: async () => undefined,
      listPending: async () => [...rows.values()].filter(({ pending }) => pending !== null),
    };
  }
}
