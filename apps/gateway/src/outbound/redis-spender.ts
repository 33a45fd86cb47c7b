import { allowanceChargeId, type AllowanceUnit } from '@orbit/contracts';
import type { Currency, Micros } from '@orbit/money';
import {
  authorizationIdOf,
  parseAuthorizationId,
  type AuthorizeResult,
  type CaptureResult,
  type ChargeIntent,
  type ChargeResult,
  type HotBalances,
  type PublishOptions,
  type ReleaseResult,
  type SpendClient,
} from '@orbit/spend';
import type { HotReader, HotReading, Spender } from '../application/ports.js';
import { bounded } from './availability.js';

/** Longest whole spend: loading the wallet, the script and Kafka's acknowledgement, in milliseconds. */
const SPEND_MS_MAX = 6_000;

/** The spend client with its faults told as one retryable error. */
export class RedisSpender implements Spender {
  constructor(private readonly client: SpendClient) {}

  authorize(intent: ChargeIntent & { readonly ttlMs: number }): Promise<AuthorizeResult> {
    return bounded('Spending', this.client.authorize(intent), SPEND_MS_MAX);
  }

  capture(
    organizationId: string,
    authorizationId: string,
    amountMicros?: Micros,
  ): Promise<CaptureResult> {
    const result = this.client.capture(organizationId, authorizationId, amountMicros);
    return bounded('Spending', result, SPEND_MS_MAX);
  }

  release(organizationId: string, authorizationId: string): Promise<ReleaseResult> {
    return bounded('Spending', this.client.release(organizationId, authorizationId), SPEND_MS_MAX);
  }

  charge(intent: ChargeIntent, options?: PublishOptions): Promise<ChargeResult> {
    return bounded('Spending', this.client.charge(intent, options), SPEND_MS_MAX);
  }
}

export class RedisHotReader implements HotReader {
  constructor(private readonly hotBalances: HotBalances) {}

  read(organizationId: string, currency: Currency): Promise<HotReading | null> {
    return bounded('Redis', this.hotBalances.read(organizationId, currency));
  }
}

/** The authorization of what a plan pays beside this one. */
export function planPartOf(
  organizationId: string,
  authorizationId: string,
  unit: AllowanceUnit,
): string | null {
  const named = parseAuthorizationId(organizationId, authorizationId);
  const chargeId = named && allowanceChargeId(named.chargeId);
  // A custom unit of ours; its name has the form of one.
  return chargeId && authorizationIdOf(organizationId, unit as unknown as Currency, chargeId);
}
