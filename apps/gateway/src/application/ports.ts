import type {
  BlockReason,
  ChargeOutcomeView,
  CreateTopUp,
  ChannelUsage,
  InvoicePage,
  InvoicePdf,
  TopUpCreated,
  TransactionListQuery,
  TransactionPage,
  WalletRef,
  WalletView,
} from '@orbit/contracts';
import type { DeliveryReported } from '@orbit/events';
import type { Currency, Micros } from '@orbit/money';
import type { KeyMode } from '../domain/api-key.js';

/** On whose behalf a request runs: everything it reads or moves belongs to this organization. */
export interface Principal {
  readonly organizationId: string;
  readonly currency: Currency;
  readonly keyId: string;
  readonly mode: KeyMode;
}

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly currency: Currency;
  readonly createdAt: Date;
}

/** A key as it is stored: its hash, never itself. */
export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly mode: KeyMode;
  readonly keyHash: string;
  readonly lastFour: string;
  readonly createdAt: Date;
}

/** Errors: OrbitError `unavailable` when Postgres is away. */
export interface OrganizationStore {
  /** Both or neither. */
  save(organization: Organization, firstKey: ApiKey): Promise<void>;
  read(organizationId: string): Promise<Organization | null>;
  /** Newest first, after the given id. */
  list(limit: number, afterId: string | null): Promise<readonly Organization[]>;
  saveKey(key: ApiKey): Promise<void>;
  /** The owner of an unrevoked key. */
  findByKeyHash(keyHash: string): Promise<Principal | null>;
  /** The revoked key's hash, also when it was revoked before; null when there is no such key. */
  revokeKey(keyId: string, revokedAt: Date): Promise<string | null>;
}

export interface RateLimitState {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until one more request is allowed. */
  readonly retryAfterMs: number;
  /** Milliseconds until the whole burst is free again. */
  readonly resetMs: number;
}

/** `unknown`: refused lately by Postgres; `absent`: Redis does not say. */
export type CachedKey = Principal | 'unknown' | 'absent';

/** Errors: OrbitError `unavailable` when Redis is away. */
export interface KeyGate {
  /** Reads the cached owner of a key and counts the request against its rate. One round trip. */
  admit(keyHash: string): Promise<{ readonly cached: CachedKey; readonly rate: RateLimitState }>;
  /** Remembers for a short time; does nothing where a revocation was written meanwhile. */
  remember(keyHash: string, principal: Principal | null): Promise<void>;
  /** Bars the key at once, for longer than any fill that began before lasts. */
  bar(keyHash: string): Promise<void>;
}

export interface KeyHasher {
  hash(key: string): string;
  /** A fresh random key. */
  create(mode: KeyMode): string;
}

/** The wallet-ledger. Errors: OrbitError `unavailable`, `timeout`, or what the ledger throws. */
export interface Ledger {
  openWallet(wallet: WalletRef): Promise<WalletView>;
  readWallet(wallet: WalletRef): Promise<WalletView | null>;
  pauseWallet(wallet: WalletRef, paused: boolean): Promise<WalletView>;
  readCharge(organizationId: string, chargeId: string): Promise<ChargeOutcomeView | null>;
  listTransactions(query: TransactionListQuery): Promise<TransactionPage>;
}

/** The cached balance in Redis, as the ledger last wrote it, with what open holds take from it. */
export interface HotBalance {
  readonly postedMicros: Micros;
  readonly heldMicros: Micros;
  readonly version: bigint;
  readonly pausedReason: BlockReason | null;
}

export interface HotBalanceReader {
  read(wallet: WalletRef): Promise<HotBalance | null>;
}

export interface Checkout {
  createTopUp(topUp: CreateTopUp): Promise<TopUpCreated>;
  acceptStripeWebhook(rawBody: Uint8Array, signature: string): Promise<void>;
}

export interface Metering {
  readUsageByChannel(wallet: WalletRef, days: number): Promise<readonly ChannelUsage[]>;
}

export interface Invoicing {
  listInvoices(organizationId: string, limit: number, afterId?: string): Promise<InvoicePage>;
  readPdf(organizationId: string, invoiceId: string): Promise<InvoicePdf | null>;
}

export interface DeliveryReports {
  /** Resolves when Kafka has every report (acks=all). */
  publish(reports: readonly DeliveryReported[]): Promise<void>;
}

/** The answers of the ledger to charges that somebody waits for. */
export interface PostingReplies {
  /** Listens before the charge is sent. `replyTo` goes along with it; always `close` in the end. */
  open(): PostingReply;
}

export interface PostingReply {
  readonly replyTo: string;
  /** Null when nothing came within the time. */
  wait(timeoutMs: number): Promise<ChargeOutcomeView | null>;
  close(): void;
}
