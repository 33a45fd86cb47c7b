import type { Clock } from '@orbit/kernel';
import type { Currency, Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import type {
  AuthorizeResult,
  CaptureResult,
  ChargeIntent,
  ChargePublisher,
  ChargeResult,
  PublishOptions,
  ReleaseResult,
  WalletLoader,
} from './types.js';

export interface SpendLimits {
  /** How long a hold stands when the caller does not say. */
  readonly holdTtlMs: number;
  readonly holdTtlMsMax: number;
  /** How long a charge id is remembered in Redis after its hold ended; the ledger remembers for ever. */
  readonly recordTtlMs: number;
  /** After this the publish counts as failed, though Kafka may still take it; a repeat is safe. */
  readonly publishTimeoutMs: number;
}

export const SPEND_LIMITS: SpendLimits = {
  holdTtlMs: 15 * 60_000,
  holdTtlMsMax: 7 * 86_400_000,
  recordTtlMs: 86_400_000,
  publishTimeoutMs: 5_000,
};

export interface SpendClientOptions {
  readonly redis: Redis;
  readonly producer: ChargePublisher;
  readonly loader: WalletLoader;
  readonly clock: Clock;
  readonly limits?: Partial<SpendLimits>;
}

/** Authorizes, captures and releases spend of a wallet: one Lua round trip each. */
export class SpendClient {
  constructor(private readonly options: SpendClientOptions) {}

  authorize(_request: ChargeIntent & { readonly ttlMs?: number }): Promise<AuthorizeResult> {
    return Promise.reject(this.missing());
  }

  capture(
    _organizationId: string,
    _authorizationId: string,
    _amountMicros?: Micros,
    _options?: PublishOptions,
  ): Promise<CaptureResult> {
    return Promise.reject(this.missing());
  }

  release(_organizationId: string, _authorizationId: string): Promise<ReleaseResult> {
    return Promise.reject(this.missing());
  }

  charge(_request: ChargeIntent, _options?: PublishOptions): Promise<ChargeResult> {
    return Promise.reject(this.missing());
  }

  /** Publishes captures again that the ledger has not settled; returns how many. */
  republishUnsettled(
    _organizationId: string,
    _currency: Currency,
    _olderThanMs: number,
    _limit?: number,
  ): Promise<number> {
    return Promise.reject(this.missing());
  }

  private missing(): Error {
    return new Error(`not written yet (${this.options.redis.status})`);
  }
}
