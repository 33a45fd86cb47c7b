import type { AllowancePart } from '@orbit/allowances';
import type { ChargeOutcomeView, Client, WALLETS } from '@orbit/contracts';
import type { DeliveryReported } from '@orbit/events';
import type { Currency, Micros } from '@orbit/money';
import type {
  AuthorizeResult,
  CaptureResult,
  ChargeIntent,
  ChargeResult,
  PublishOptions,
  ReleaseResult,
} from '@orbit/spend';
import type { KeyScope } from './keys/scopes.js';
import type { ProfileRequest } from '../organizations/customers/customer-ports.js';
import type { KeyMode, KeyStanding } from '../organizations/api-key.js';
import type { RateLimitState } from '../organizations/request-rate.js';

/** On whose behalf a request runs: everything it reads or moves belongs to this organization. */
export interface Principal {
  readonly organizationId: string;
  readonly currency: Currency;
  readonly keyId: string;
  readonly mode: KeyMode;
  /** That of the organization's account: a test account has test keys alone. */
  readonly accountMode: KeyMode;
  readonly scopes: readonly KeyScope[];
  readonly expiresAtMs: number | null;
}

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly currency: Currency;
  readonly accountId: string;
  readonly createdAt: Date;
}

/** A key as it is stored: its hash, never itself. */
export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly mode: KeyMode;
  readonly keyHash: string;
  readonly lastFour: string;
  /** Keys of older versions have none. */
  readonly hasCheck: boolean;
  readonly name: string | null;
  readonly scopes: readonly KeyScope[];
  readonly expiresAt: Date | null;
  /** Id of the operator key that made it; null for keys of older versions. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
}

/** Errors: OrbitError `unavailable` when Postgres is unavailable. */
export interface OrganizationStore {
  /** Saves all of it or nothing. `profile` is the request that invoicing still has to receive. */
  save(organization: Organization, firstKey: ApiKey, profile: ProfileRequest): Promise<void>;
  /** Null for what is not there, or is only being made. */
  read(organizationId: string): Promise<Organization | null>;
  /** Newest first, after the given id. */
  list(limit: number, afterId: string | null): Promise<readonly Organization[]>;
  saveKey(key: ApiKey): Promise<void>;
  /** The owner of an unrevoked key. */
  findByKeyHash(keyHash: string): Promise<Principal | null>;
  /** Hashes of unrevoked keys without a check: see UncheckedKeys. */
  uncheckedHashes(): Promise<readonly string[]>;
  /** The revoked key's hash, also when it was revoked before; null when there is no such key. */
  revokeKey(keyId: string, revokedAt: Date): Promise<string | null>;
}

/** `unknown`: refused lately by Postgres; `absent`: Redis does not say. */
export type CachedKey<Owner = Principal> = Owner | 'unknown' | 'absent';

export interface Admission<Owner = Principal> {
  readonly cached: CachedKey<Owner>;
  readonly rate: RateLimitState;
}

/** Errors: OrbitError `unavailable` when Redis is unavailable. */
export interface KeyGate<Owner = Principal> {
  /** Reads the cached owner of a key and counts the request against its rate. One round trip. */
  admit(keyHash: string): Promise<Admission<Owner>>;
  /** Remembers for a short time; does nothing where a revocation was written meanwhile. */
  remember(keyHash: string, owner: Owner | null): Promise<void>;
  /** Bars the key at once, for longer than any fill that began before lasts. */
  bar(keyHash: string): Promise<void>;
}

export interface KeyHasher {
  hash(key: string): string;
  /** The standing of a key, without asking anybody. */
  standing(key: string): KeyStanding;
  /** A fresh random key that begins with `prefix`. */
  create(prefix: string): string;
}

/** Wallets of the ledger. Errors: OrbitError `unavailable`, `timeout`, or what the ledger throws. */
export type Wallets = Client<typeof WALLETS>;

/** A wallet as Redis knows it at one moment. */
export interface HotReading {
  readonly postedMicros: Micros;
  readonly escrowedMicros: Micros;
  /** The sum of open holds on it. */
  readonly heldMicros: Micros;
  /** The wallet's version at the last write of the ledger. */
  readonly version: bigint;
  /** From then on credit has begun or expired that this does not know of; null: by itself nothing changes. */
  readonly validUntilMs: number | null;
}

/** Errors: OrbitError `unavailable` when Redis is unavailable. */
export interface HotReader {
  /** Null when Redis does not know the wallet: then there are no holds. */
  read(organizationId: string, currency: Currency): Promise<HotReading | null>;
}

/** Holds and takes money; `SpendClient` is one. Errors: OrbitError `unavailable`; refusals are values. */
export interface Spender {
  /** `isPlanPart`: under an id that callers may not use. */
  authorize(
    intent: ChargeIntent & { readonly ttlMs: number; readonly isPlanPart?: boolean },
  ): Promise<AuthorizedFrom>;
  capture(organizationId: string, authorizationId: string, amount?: Micros): Promise<CaptureResult>;
  release(organizationId: string, authorizationId: string): Promise<ReleaseResult>;
  charge(intent: ChargeIntent, options?: PublishOptions): Promise<ChargedFrom>;
}

/** The plan's part of it; `currency` is there when that is all of it: the unit of the allowance. */
export interface PaidByPlan {
  readonly currency?: Currency;
  readonly allowance?: AllowancePart;
}
export type ChargedFrom = ChargeResult & PaidByPlan;
export type AuthorizedFrom = AuthorizeResult & PaidByPlan;

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
