import type { UsageIngested } from '@orbit/events';

/** An event of a request, read and found right. */
export interface ReadEvent {
  readonly idempotencyKey: string;
  /** As it was written: exactly one of the two names. */
  readonly customerId: string | null;
  readonly externalCustomerId: string | null;
  readonly eventName: string;
  readonly timestampMs: number;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  /** About as many characters as it takes. */
  readonly size: number;
}

/** One event's faults, as the contract shows them. */
export interface FailedEvent {
  readonly idempotency_key: string;
  readonly validation_errors: readonly string[];
}

/** Topic `usage.ingested`. Errors: OrbitError `unavailable`; then the request may be repeated. */
export interface UsageTopic {
  /** Resolves when all of them are safe. */
  publish(messages: readonly UsageIngested[]): Promise<void>;
}

/** Time of accounts. Errors: unavailable, timeout. */
export interface AccountTimes {
  nowMs(account: { readonly id: string; readonly mode: 'live' | 'test' }): Promise<number>;
}

/** Both names of a customer that is there. */
export interface CustomerNames {
  readonly id: string;
  readonly externalCustomerId: string | null;
}

/** Customers of an account by many names at once. Errors: unavailable. */
export interface CustomerResolver {
  resolve(
    accountId: string,
    ids: readonly string[],
    externalCustomerIds: readonly string[],
  ): Promise<readonly CustomerNames[]>;
}
