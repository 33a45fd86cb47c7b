import type { BlockReason, Refusal } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import { micros, MICROS_MAX, type Currency, type Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import { toChargeEvent, toStoredEvent } from './charge-event.js';
import { identityOf } from './charge-identity.js';
import { readUnsettled } from './hot-balances.js';
import {
  authorizationIdOf,
  holdsKeyOf,
  parseAuthorizationId,
  recordKeyOf,
  walletKeyOf,
} from './keys.js';
import { runScript, SCRIPTS, type Script, type ScriptCall } from './scripts.js';
import { SPEND_LIMITS, type SpendLimits } from './spend-limits.js';
import type {
  AuthorizeResult,
  CaptureRefusal,
  CaptureResult,
  ChargeIntent,
  ChargePublisher,
  ChargeResult,
  PublishOptions,
  Refused,
  ReleaseRefusal,
  ReleaseResult,
  WalletLoader,
} from './types.js';

export interface SpendClientOptions {
  /** Fails fast while away (`createSpendRedis`). */
  readonly redis: Redis;
  readonly producer: ChargePublisher;
  readonly loader: WalletLoader;
  readonly clock: Clock;
  readonly limits?: Partial<SpendLimits>;
  /** Told why an answer was `unavailable`; for the log. */
  readonly onUnavailable?: (error: unknown) => void;
}

/** What authorize.lua answers. */
type AuthorizeReply =
  | readonly ['ok', available: number, expires: number]
  | readonly ['replay', available: number, expires: number, state: string, event: string]
  | readonly ['ended', state: 'L' | 'E']
  | readonly ['unknown_wallet']
  | readonly [Refusal, available: number, paused?: string];

/**
 * Authorizes, captures and releases spend of prepaid wallets, one Lua round trip each; captures are
 * then published to the ledger. Whatever is away is answered as `unavailable`, never thrown, and the
 * same call with the same ids may be repeated until it is answered.
 */
export class SpendClient {
  private readonly limits: SpendLimits;
  /** One load per wallet at a time, however many callers found it missing. */
  private readonly loads = new Map<string, Promise<boolean>>();

  constructor(private readonly options: SpendClientOptions) {
    this.limits = { ...SPEND_LIMITS, ...options.limits };
  }

  /** Holds the amount until it is captured, released or `ttlMs` is over. */
  async authorize(request: ChargeIntent & { readonly ttlMs?: number }): Promise<AuthorizeResult> {
    const { chargeId, amountMicros } = request;
    const ttlMs = request.ttlMs ?? this.limits.holdTtlMs;
    invariant(ttlMs > 0 && ttlMs <= this.limits.holdTtlMsMax, 'a hold has a lifetime in range');
    const hold = this.toHold(request, ttlMs);
    const reply = await this.hold(request, hold.call);
    if (reply[0] !== 'ok' && reply[0] !== 'replay') return refused(reply);
    return {
      status: 'authorized',
      authorizationId: hold.authorizationId,
      chargeId,
      amountMicros,
      availableAfterMicros: micros(BigInt(reply[1] as number)),
      expiresAtMs: reply[2] as number,
      replayed: reply[0] === 'replay',
    };
  }

  /** Authorizes and captures at once, then publishes. A repeat publishes again until the ledger has settled it. */
  async charge(request: ChargeIntent, options: PublishOptions = {}): Promise<ChargeResult> {
    const { chargeId, amountMicros } = request;
    const hold = this.toHold(request, null);
    const reply = await this.hold(request, hold.call);
    if (reply[0] !== 'ok' && reply[0] !== 'replay') return refused(reply);
    const [, available, , state, stored] = reply as readonly [
      string,
      number,
      number,
      string?,
      string?,
    ];
    const isPublished =
      (state !== undefined && state !== 'C') ||
      (await this.publish(stored ?? hold.event, amountMicros, options));
    if (!isPublished) return refused(['unavailable', available]);
    return {
      status: 'charged',
      authorizationId: hold.authorizationId,
      chargeId,
      amountMicros,
      availableAfterMicros: micros(BigInt(available)),
      replayed: reply[0] === 'replay',
    };
  }

  /** Charges the hold, whole by default; the rest is free at once. Then publishes to the ledger. */
  async capture(
    organizationId: string,
    authorizationId: string,
    amountMicros?: Micros,
    options: PublishOptions = {},
  ): Promise<CaptureResult> {
    invariant(amountMicros === undefined || amountMicros > 0n, 'a captured amount is positive');
    const named = parseAuthorizationId(organizationId, authorizationId);
    if (!named) return { status: 'not_found' };
    const { currency, chargeId } = named;
    const amount = amountMicros?.toString() ?? '';
    const reply = await this.run(SCRIPTS.capture, {
      keys: this.keysOf(organizationId, currency, chargeId),
      args: [amount, currency, chargeId, this.limits.recordTtlMs],
    });
    if (reply === null) return { status: 'unavailable' };
    if (reply[0] !== 'ok' && reply[0] !== 'replay') return { status: reply[0] as CaptureRefusal };
    const [, captured, held, available, state, stored] = reply as readonly [
      string,
      number,
      number,
      number,
      string,
      string,
    ];
    // Once settled, the ledger has it: nothing is left to publish.
    if (state === 'C' && !(await this.publish(stored, BigInt(captured), options)))
      return { status: 'unavailable' };
    return {
      status: 'captured',
      authorizationId,
      chargeId,
      currency,
      amountMicros: micros(BigInt(captured)),
      returnedMicros: micros(BigInt(held) - BigInt(captured)),
      availableAfterMicros: micros(BigInt(available)),
      replayed: reply[0] === 'replay',
    };
  }

  /** Frees the hold. */
  async release(organizationId: string, authorizationId: string): Promise<ReleaseResult> {
    const named = parseAuthorizationId(organizationId, authorizationId);
    if (!named) return { status: 'not_found' };
    const { currency, chargeId } = named;
    const reply = await this.run(SCRIPTS.release, {
      keys: this.keysOf(organizationId, currency, chargeId),
      args: [currency, chargeId, this.limits.recordTtlMs],
    });
    if (reply === null) return { status: 'unavailable' };
    if (reply[0] !== 'ok' && reply[0] !== 'replay') return { status: reply[0] as ReleaseRefusal };
    return {
      status: 'released',
      authorizationId,
      chargeId,
      currency,
      amountMicros: micros(BigInt(reply[1] as number)),
      availableAfterMicros: micros(BigInt(reply[2] as number)),
      replayed: reply[0] === 'replay',
    };
  }

  /**
   * Publishes captures again that are at least this old and not settled: their caller never came
   * back after a failed publish. Returns how many. Redis and Kafka errors are thrown.
   */
  async republishUnsettled(
    organizationId: string,
    currency: Currency,
    olderThanMs: number,
    limit = 500,
  ): Promise<number> {
    const { redis, producer } = this.options;
    const charges = await readUnsettled(redis, organizationId, currency, olderThanMs, limit);
    const keys = charges.map(({ chargeId }) => recordKeyOf(organizationId, chargeId));
    const records = keys.length === 0 ? [] : await redis.mget(keys);
    const events = charges.flatMap(({ amountMicros }, index) => {
      // The event is the last field; the ones before it hold no bar.
      const stored = /^C\|(?:[^|]*\|){7}(.*)$/s.exec(records[index] ?? '')?.[1];
      return stored === undefined ? [] : [toChargeEvent(stored, amountMicros, {})];
    });
    await Promise.all(events.map((event) => producer.publish(event)));
    return events.length;
  }

  private toHold(
    intent: ChargeIntent,
    ttlMs: number | null,
  ): { readonly authorizationId: string; readonly event: string; readonly call: ScriptCall } {
    const { organizationId, chargeId, currency, amountMicros } = intent;
    invariant(
      amountMicros > 0n && amountMicros <= MICROS_MAX,
      'a charge is more than zero and exact',
    );
    invariant(chargeId !== '', 'a charge has an id');
    const amount = amountMicros.toString();
    const authorizationId = authorizationIdOf(organizationId, currency, chargeId);
    const occurredAtMs = intent.occurredAtMs ?? this.options.clock.nowMs();
    const event = toStoredEvent(intent, authorizationId, occurredAtMs);
    const args = [
      amount,
      `${amount}|${chargeId}`,
      `${identityOf(intent)}|${amount}|${currency}`,
      event,
      ttlMs ?? 0,
      ttlMs === null ? '1' : '0',
      (ttlMs ?? 0) + this.limits.recordTtlMs,
      chargeId,
    ];
    const keys = this.keysOf(organizationId, currency, chargeId);
    return { authorizationId, event, call: { keys, args } };
  }

  /** One round trip; a second one and the loader only when Redis does not know the wallet. */
  private async hold(
    { organizationId, currency }: ChargeIntent,
    call: ScriptCall,
  ): Promise<AuthorizeReply> {
    const first = await this.run(SCRIPTS.authorize, call);
    if (first?.[0] !== 'unknown_wallet') return (first ?? ['unavailable', 0]) as AuthorizeReply;
    try {
      if (!(await this.load(organizationId, currency))) return ['unknown_wallet'];
    } catch (error) {
      this.options.onUnavailable?.(error);
      return ['unavailable', 0];
    }
    const second = await this.run(SCRIPTS.authorize, call);
    // Still unknown although the ledger has it: Redis lost it again, or its balance changes right now.
    const isLost = second === null || second[0] === 'unknown_wallet';
    return isLost ? ['unavailable', 0] : (second as AuthorizeReply);
  }

  private load(organizationId: string, currency: Currency): Promise<boolean> {
    const key = walletKeyOf(organizationId, currency);
    const running = this.loads.get(key);
    if (running) return running;
    const load = this.options.loader
      .load(organizationId, currency)
      .finally(() => this.loads.delete(key));
    this.loads.set(key, load);
    return load;
  }

  private async run(script: Script, call: ScriptCall): Promise<readonly unknown[] | null> {
    try {
      return (await runScript(this.options.redis, script, call)) as readonly unknown[];
    } catch (error) {
      this.options.onUnavailable?.(error);
      return null;
    }
  }

  private async publish(
    stored: string,
    amountMicros: bigint,
    options: PublishOptions,
  ): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new Error('charge.requested was not acknowledged in time'));
      timer = setTimeout(fail, this.limits.publishTimeoutMs);
    });
    try {
      const event = toChargeEvent(stored, amountMicros, options);
      await Promise.race([this.options.producer.publish(event), late]);
      return true;
    } catch (error) {
      this.options.onUnavailable?.(error);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  private keysOf(organizationId: string, currency: Currency, chargeId: string): string[] {
    return [
      recordKeyOf(organizationId, chargeId),
      walletKeyOf(organizationId, currency),
      holdsKeyOf(organizationId, currency),
    ];
  }
}

function refused(reply: AuthorizeReply): Refused {
  if (reply[0] === 'ended')
    return {
      status: 'refused',
      reason: 'charge_id_conflict',
      availableMicros: null,
      pausedReason: null,
      endedAs: reply[1] === 'L' ? 'released' : 'expired',
    };
  const [reason, available, paused] = reply as readonly [Refusal, number?, string?];
  return {
    status: 'refused',
    reason,
    availableMicros:
      available === undefined || reason === 'unavailable' ? null : micros(BigInt(available)),
    pausedReason: paused ? (paused as BlockReason) : null,
    endedAs: null,
  };
}
