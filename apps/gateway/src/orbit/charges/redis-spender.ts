import type { Currency, Micros } from '@orbit/money';
import type {
  AuthorizeResult,
  CaptureResult,
  ChargeIntent,
  ChargeResult,
  HotBalances,
  PublishOptions,
  ReleaseResult,
  SpendClient,
} from '@orbit/spend';
import type { HotReader, HotReading, Spender } from '../../edge/ports.js';
import { bounded } from '../../edge/rpc/availability.js';

/** Longest whole spend: loading the wallet, the script and Kafka's acknowledgement, in milliseconds. */
const SPEND_MS_MAX = 6_000;

/** The spend client with its faults thrown as one retryable error. */
export class RedisSpender implements Spender {
  constructor(private readonly client: SpendClient) {}

  authorize(
    intent: ChargeIntent & { readonly ttlMs: number; readonly isPlanPart?: boolean },
  ): Promise<AuthorizeResult> {
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
