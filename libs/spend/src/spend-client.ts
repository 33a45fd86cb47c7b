import type { BlockReason, Refusal } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import { micros, MICROS_MAX, type Currency, type Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import { AuthorizeQueue, type AuthorizeCall, type AuthorizeReply } from './authorize-queue.js';
import { detailsOf, parseCaptured, toChargeEvent, type ChargeName } from './charge-record.js';
import { readUnsettled } from './hot-balances.js';
import {
  authorizationIdOf,
  holdsKeyOf,
  parseAuthorizationId,
  recordKeyOf,
  walletKeyOf,
} from './keys.js';
import { runScript, SCRIPTS, type Script, type ScriptCall } from './scripts.js';
import { ServerEpoch } from './server-epoch.js';
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

/**
 * Authorizes, captures and releases spend of prepaid wallets, one Lua round trip each; captures are
 * then published to the ledger. Whatever is away is answered as `unavailable`, never thrown, and the
 * same call with the same ids may be repeated until it is answered.
 */
export class SpendClient {
  private readonly limits: SpendLimits;
  /** One load per wallet at a time, however many callers found it missing. */
  private readonly loads = new Map<string, Promise<boolean>>();

  private readonly queue: AuthorizeQueue;
  private readonly epoch: ServerEpoch;

  constructor(private readonly options: SpendClientOptions) {
    this.limits = { ...SPEND_LIMITS, ...options.limits };
    this.queue = new AuthorizeQueue(options.redis);
    this.epoch = ServerEpoch.of(options.redis);
  }

  /** Holds the amount until it is captured, released or `ttlMs` is over. */
  async authorize(request: ChargeIntent & { readonly ttlMs?: number }): Promise<AuthorizeResult> {
    const { organizationId, chargeId, currency, amountMicros } = request;
    const ttlMs = request.ttlMs ?? this.limits.holdTtlMs;
    invariant(ttlMs > 0 && ttlMs <= this.limits.holdTtlMsMax, 'a hold has a lifetime in range');
    const asked = this.hold(request, this.toCall(request, detailsOf(request), ttlMs));
    // Made while Redis works.
    const authorizationId = authorizationIdOf(organizationId, currency, chargeId);
    const answer = toAnswer(await asked, ttlMs);
    if ('status' in answer) return answer;
    return {
      status: 'authorized',
      authorizationId,
      chargeId,
      amountMicros,
      availableAfterMicros: micros(BigInt(answer.available)),
      expiresAtMs: answer.expiresAtMs,
      replayed: answer.replay !== null,
    };
  }

  /** Authorizes and captures at once, then publishes. A repeat publishes again until the ledger has settled it. */
  async charge(request: ChargeIntent, options: PublishOptions = {}): Promise<ChargeResult> {
    const { organizationId, chargeId, currency, amountMicros } = request;
    const details = detailsOf(request);
    const occurredAtMs = request.occurredAtMs ?? this.options.clock.nowMs();
    const reply = await this.hold(request, this.toCall({ ...request, occurredAtMs }, details, 0));
    const answer = toAnswer(reply, 0);
    if ('status' in answer) return answer;
    const { available, replay } = answer;
    if (replay === null || replay.state === 'C') {
      // The first call's instant, so that its repeat is the same message.
      const atMs = replay?.occurredAtMs ?? occurredAtMs;
      if (!(await this.publish(request, amountMicros, atMs, details, options)))
        return refused(['unavailable', available]);
    }
    return {
      status: 'charged',
      authorizationId: authorizationIdOf(organizationId, currency, chargeId),
      chargeId,
      amountMicros,
      availableAfterMicros: micros(BigInt(available)),
      replayed: replay !== null,
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
      args: [amount, currency, chargeId, this.limits.recordTtlMs, this.epoch.current ?? ''],
    });
    if (reply === null) return { status: 'unavailable' };
    if (reply[0] !== 'ok' && reply[0] !== 'replay') return { status: reply[0] as CaptureRefusal };
    const [, captured, held, available, state, occurredAtMs, details] = reply as CaptureReply;
    // Once settled, the ledger has it: nothing is left to publish.
    if (state === 'C') {
      const name = { organizationId, chargeId, currency };
      if (!(await this.publish(name, BigInt(captured), occurredAtMs, details, options)))
        return { status: 'unavailable' };
    }
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
    const events = charges.flatMap(({ chargeId, amountMicros }, index) => {
      const captured = parseCaptured(records[index] ?? '');
      if (!captured) return [];
      const name = { organizationId, chargeId, currency };
      return [toChargeEvent(name, amountMicros, captured.occurredAtMs, captured.details, {})];
    });
    await Promise.all(events.map((event) => producer.publish(event)));
    return events.length;
  }

  /** `ttlMs` 0: captured at once. */
  private toCall(intent: ChargeIntent, details: string, ttlMs: number): AuthorizeCall {
    const { organizationId, chargeId, currency, amountMicros } = intent;
    invariant(
      amountMicros > 0n && amountMicros <= MICROS_MAX,
      'a charge is more than zero and exact',
    );
    invariant(chargeId !== '', 'a charge has an id');
    const amount = amountMicros.toString();
    const occurredAtMs = intent.occurredAtMs ?? this.options.clock.nowMs();
    return {
      recordKey: recordKeyOf(organizationId, chargeId),
      args: [
        `${ttlMs === 0 ? 'C' : 'H'}|${amount}|||`,
        `|${ttlMs}|${occurredAtMs}|${currency}|${details}`,
        `${amount}|${chargeId}`,
        amount,
        ttlMs.toString(),
        (ttlMs + this.limits.recordTtlMs).toString(),
      ],
    };
  }

  /** One round trip; a second one and the loader only when Redis does not know the wallet. */
  private async hold(
    { organizationId, currency }: ChargeName,
    call: AuthorizeCall,
  ): Promise<AuthorizeReply> {
    const walletKey = walletKeyOf(organizationId, currency);
    try {
      const first = await this.queue.run(walletKey, call);
      if (!isNotLoaded(first)) return first;
      if (!(await this.load(organizationId, currency))) return ['unknown_wallet', 0];
      const second = await this.queue.run(walletKey, call);
      // Still not there although the ledger has it: lost again, or its balance changes right now.
      return isNotLoaded(second) ? ['unavailable', 0] : second;
    } catch (error) {
      this.options.onUnavailable?.(error);
      return ['unavailable', 0];
    }
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
    name: ChargeName,
    amountMicros: bigint,
    occurredAtMs: number,
    details: string,
    options: PublishOptions,
  ): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new Error('charge.requested was not acknowledged in time'));
      timer = setTimeout(fail, this.limits.publishTimeoutMs);
    });
    try {
      const event = toChargeEvent(name, amountMicros, occurredAtMs, details, options);
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
      walletKeyOf(organizationId, currency),
      holdsKeyOf(organizationId, currency),
      recordKeyOf(organizationId, chargeId),
    ];
  }
}

type CaptureReply = readonly [
  how: 'ok' | 'replay',
  captured: number,
  held: number,
  available: number,
  state: string,
  occurredAtMs: number,
  details: string,
];

interface Held {
  readonly available: number;
  readonly expiresAtMs: number;
  /** What the charge id stands for already; null when this call made it. */
  readonly replay: { readonly state: string; readonly occurredAtMs: number } | null;
}

const isNotLoaded = (reply: AuthorizeReply): boolean =>
  Array.isArray(reply) && reply[0] === 'not_loaded';

function toAnswer(reply: AuthorizeReply, ttlMs: number): Held | Refused {
  if ('left' in reply)
    return { available: reply.left, expiresAtMs: reply.nowMs + ttlMs, replay: null };
  if (reply[0] !== 'replay') return refused(reply);
  const [, available, expiresAtMs, state, occurredAtMs] = reply as ReplayReply;
  return { available, expiresAtMs, replay: { state, occurredAtMs } };
}

type ReplayReply = readonly ['replay', number, number, string, number];

function refused(reply: readonly unknown[]): Refused {
  if (reply[0] === 'ended')
    return {
      status: 'refused',
      reason: 'charge_id_conflict',
      availableMicros: null,
      pausedReason: null,
      endedAs: reply[1] === 'L' ? 'released' : 'expired',
    };
  const [reason, available, paused] = reply as readonly [Refusal, number, string?];
  return {
    status: 'refused',
    reason,
    availableMicros:
      reason === 'unavailable' || reason === 'unknown_wallet' ? null : micros(BigInt(available)),
    pausedReason: paused ? (paused as BlockReason) : null,
    endedAs: null,
  };
}
