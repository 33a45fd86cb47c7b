import { isReservedChargeId, RESERVED_IN_CHARGE_IDS } from '@orbit/allowances';
import { inOrder, invariant, type Clock } from '@orbit/kernel';
import { micros, MICROS_MAX, ZERO_MICROS, type Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import { partIn, UNSIGNED_IDS, type AuthorizationIds } from './authorization-ids.js';
import { refused } from './authorize-answer.js';
import { Authorizing, type TimedIntent } from './authorizing.js';
import { ChargePublishing } from './charge-publishing.js';
import { detailsOf, type ChargeName } from './charge-record.js';
import type { HoldOutcome } from './hold-state.js';
import { chargeKeysOf } from '../redis/keys.js';
import { OpenAuthorizations, type OpenAuthorization } from '../outage/open-authorizations.js';
import { OutageDesk } from '../outage/outage-desk.js';
import { SCRIPT_TABLES } from '../redis/script-tables.js';
import { runScript, SCRIPTS, type Script, type ScriptCall } from '../redis/scripts.js';
import type { CardMemory } from '../prices/card-memory.js';
import { withCost } from '../prices/cost-in.js';
import {
  isPriced,
  PricedSpending,
  type Priced,
  type PricedIntent,
} from '../prices/priced-intents.js';
import { ServerEpoch } from '../redis/server-epoch.js';
import { SPEND_LIMITS, type SpendLimits } from '../spend-limits.js';
import type {
  AuthorizeResult,
  CaptureRefusal,
  CaptureResult,
  ChargeIntent,
  ChargePublisher,
  ChargeResult,
  PublishOptions,
  ReleaseRefusal,
  ReleaseResult,
  WalletLoader,
} from '../types.js';
import { WalletLoads } from './wallet-loads.js';

export interface SpendClientOptions {
  /** Fails fast while away, and never sends a command twice (`createSpendRedis`). */
  readonly redis: Redis;
  readonly producer: ChargePublisher;
  readonly loader: WalletLoader;
  readonly clock: Clock;
  /**
   * With the secret that the ledger has too, so that what this client authorizes posts whatever becomes of Redis.
   * Without it the ledger trusts its authorizations only while Redis knows them.
   */
  readonly ids?: AuthorizationIds;
  readonly limits?: Partial<SpendLimits>;
  /** The rate cards, for charges by price. */
  readonly cards?: CardMemory;
  /** Called with the reason of an `unavailable` answer; for the log. */
  readonly onUnavailable?: (error: unknown) => void;
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

/**
 * Authorizes, captures and releases spend of prepaid wallets, one Lua round trip each; captures are
 * then published to the ledger. Whatever is unavailable is answered as `unavailable`, never thrown, and the
 * same call with the same ids may be repeated until it is answered.
 *
 * While Redis is unavailable, or has lost its memory and the ledger has not caught up, the wallet's outage
 * policy answers; what this process has authorized before can still be captured.
 */
export class SpendClient {
  private readonly limits: SpendLimits;
  private readonly ids: AuthorizationIds;
  private readonly authorizing: Authorizing;
  private readonly epoch: ServerEpoch;
  private readonly loads: WalletLoads;
  private readonly publishing: ChargePublishing;
  private readonly authorizations: OpenAuthorizations;
  private readonly outage: OutageDesk;
  private readonly priced: PricedSpending;

  constructor(private readonly options: SpendClientOptions) {
    const { redis, loader, clock, producer } = options;
    this.ids = options.ids ?? UNSIGNED_IDS;
    this.limits = { ...SPEND_LIMITS, ...options.limits };
    this.epoch = ServerEpoch.of(redis);
    this.loads = new WalletLoads(loader, clock);
    const report = (error: unknown): void => options.onUnavailable?.(error);
    this.publishing = new ChargePublishing(
      producer,
      this.ids,
      this.limits.publishTimeoutMs,
      report,
    );
    this.authorizations = new OpenAuthorizations(this.limits.rememberedSizeMax);
    this.outage = new OutageDesk(this.authorizations, this.limits.processCount);
    const { loads, authorizations, outage } = this;
    const { recordTtlMs } = this.limits;
    const shared = { redis, clock, loads, authorizations, outage };
    this.authorizing = new Authorizing({ ...shared, recordTtlMs, onUnavailable: report });
    this.priced = new PricedSpending({ redis, cards: options.cards, onUnavailable: report });
  }

  /** Holds the amount until it is captured, released or `ttlMs` is over. Errors: of one by price or with a cost, invalid_field. */
  async authorize(
    request: (ChargeIntent | PricedIntent) & {
      readonly ttlMs?: number;
      /** The part of a charge that a plan pays: it alone has an id that callers may not use. */
      readonly isPlanPart?: boolean;
    },
  ): Promise<AuthorizeResult & Priced> {
    if (isPriced(request)) return this.priced.run(request, (intent) => this.authorize(intent));
    if (request.cost !== undefined) return this.authorize(withCost(request));
    const { chargeId, amountMicros } = request;
    const ttlMs = request.ttlMs ?? this.limits.holdTtlMs;
    invariant(ttlMs > 0 && ttlMs <= this.limits.holdTtlMsMax, 'a hold has a lifetime in range');
    const intent = this.timed(request, request.isPlanPart ?? false);
    const details = detailsOf(request);
    const asked = this.authorizing.hold(intent, details, ttlMs);
    // Made while Redis works.
    const authorizationId = this.idOf(intent);
    const held = await asked;
    if ('status' in held) return held;
    const { expiresAtMs, replay, isLocal } = held;
    if (replay === null && !isLocal)
      this.authorizations.rememberMade(
        intent,
        amountMicros,
        expiresAtMs,
        intent.occurredAtMs,
        details,
      );
    return {
      status: 'authorized',
      authorizationId,
      chargeId,
      amountMicros,
      availableAfterMicros: micros(BigInt(held.available)),
      expiresAtMs,
      replayed: replay !== null,
    };
  }

  /**
   * Authorizes and captures at once, then publishes. A repeat publishes again until the ledger has posted it. Errors:
   * of one by price or with a cost, OrbitError invalid_field.
   */
  async charge(
    request: ChargeIntent | PricedIntent,
    options: PublishOptions = {},
  ): Promise<ChargeResult & Priced> {
    if (isPriced(request)) return this.priced.run(request, (one) => this.charge(one, options));
    if (request.cost !== undefined) return this.charge(withCost(request), options);
    const { organizationId, chargeId, currency, amountMicros } = request;
    const intent = this.timed(request, false);
    const details = detailsOf(request);
    const held = await this.authorizing.hold(intent, details, 0);
    if ('status' in held) return held;
    const { available, replay } = held;
    if (replay === null || replay.state === 'C') {
      // The first call's instant, so that its repeat is the same message.
      const occurredAtMs = replay?.occurredAtMs ?? intent.occurredAtMs;
      const name = { organizationId, chargeId, currency };
      const charge = { ...name, amountMicros, heldMicros: amountMicros, occurredAtMs, details };
      if (!(await this.publishing.publish(charge, options))) return refused(['unavailable']);
    }
    return {
      status: 'charged',
      authorizationId: this.idOf(intent),
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
    const named = this.ids.read(organizationId, authorizationId);
    if (!named) return { status: 'not_found' };
    const { currency, chargeId } = named;
    const name = { organizationId, currency, chargeId };
    const known = this.authorizations.find(name);
    if (known?.isLocal) return this.captureKnown(known, authorizationId, amountMicros, options);
    const reply = await this.runCapture(name, amountMicros);
    if (reply === null) return { status: 'unavailable' };
    if (reply[0] === 'not_found' && known)
      return this.captureKnown(known, authorizationId, amountMicros, options);
    if (reply[0] !== 'ok' && reply[0] !== 'replay') return { status: reply[0] as CaptureRefusal };
    const [, captured, held, available, state, occurredAtMs, details] = reply as CaptureReply;
    const capturedMicros = micros(BigInt(captured));
    const heldMicros = BigInt(held);
    // Once posted, the ledger has it: nothing is left to publish.
    if (state === 'C') {
      if (known)
        this.authorizations.remember({
          ...known,
          hold: { ...known.hold, state: 'captured', capturedMicros },
        });
      const charge = { ...name, amountMicros: capturedMicros, heldMicros, occurredAtMs, details };
      if (!(await this.publishing.publish(charge, options))) return { status: 'unavailable' };
    }
    this.authorizations.drop(name);
    return {
      status: 'captured',
      authorizationId,
      chargeId: name.chargeId,
      currency: name.currency,
      amountMicros: capturedMicros,
      returnedMicros: micros(heldMicros - capturedMicros),
      availableAfterMicros: micros(BigInt(available)),
      replayed: reply[0] === 'replay',
    };
  }

  /** Frees the hold. */
  async release(organizationId: string, authorizationId: string): Promise<ReleaseResult> {
    const named = this.ids.read(organizationId, authorizationId);
    if (!named) return { status: 'not_found' };
    const { currency, chargeId } = named;
    const name = { organizationId, currency, chargeId };
    const known = this.authorizations.find(name);
    if (known?.isLocal) return this.releaseKnown(known, authorizationId);
    const reply = await this.run(SCRIPTS.release, {
      keys: chargeKeysOf(name),
      args: inOrder(SCRIPT_TABLES.release.args.head, {
        currency,
        chargeId,
        recordTtlMs: this.limits.recordTtlMs,
      }),
    });
    if (reply === null) return { status: 'unavailable' };
    if (reply[0] === 'not_found' && known) return this.releaseKnown(known, authorizationId);
    if (reply[0] !== 'ok' && reply[0] !== 'replay') return { status: reply[0] as ReleaseRefusal };
    this.authorizations.drop(name);
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

  /** Redis has forgotten it, or never knew it; this process has not. */
  private async captureKnown(
    known: OpenAuthorization,
    authorizationId: string,
    amountMicros: Micros | undefined,
    options: PublishOptions,
  ): Promise<CaptureResult> {
    const { name, occurredAtMs, details } = known;
    const outcome = this.outage.capture(known, this.options.clock.nowMs(), amountMicros);
    if (outcome.status === 'refused') return { status: outcome.reason as CaptureRefusal };
    const { capturedMicros, amountMicros: heldMicros } = outcome.hold;
    const { organizationId, chargeId, currency } = name;
    const charge = { organizationId, chargeId, currency, amountMicros: capturedMicros };
    const event = { ...charge, heldMicros, occurredAtMs, details };
    if (!(await this.publishing.publish(event, options))) return { status: 'unavailable' };
    return {
      status: 'captured',
      authorizationId,
      chargeId: name.chargeId,
      currency: name.currency,
      amountMicros: capturedMicros,
      returnedMicros: micros(heldMicros - capturedMicros),
      availableAfterMicros: ZERO_MICROS,
      replayed: outcome.status === 'same',
    };
  }

  private releaseKnown(known: OpenAuthorization, authorizationId: string): ReleaseResult {
    const { name, hold } = known;
    const outcome: HoldOutcome = this.outage.release(known, this.options.clock.nowMs());
    if (outcome.status === 'refused') return { status: outcome.reason as ReleaseRefusal };
    return {
      status: 'released',
      authorizationId,
      chargeId: name.chargeId,
      currency: name.currency,
      amountMicros: hold.amountMicros,
      availableAfterMicros: ZERO_MICROS,
      replayed: outcome.status === 'same',
    };
  }

  private idOf(intent: ChargeIntent): string {
    const { organizationId, currency, chargeId, amountMicros, metadata } = intent;
    const part = partIn(metadata);
    return this.ids.idOf({ organizationId, currency, chargeId, amountMicros, part });
  }

  private timed(request: ChargeIntent, isPlanPart: boolean): TimedIntent {
    const { amountMicros, chargeId } = request;
    invariant(
      amountMicros > 0n && amountMicros <= MICROS_MAX,
      'a charge is more than zero and exact',
    );
    invariant(chargeId !== '', 'a charge has an id');
    invariant(
      isPlanPart || !isReservedChargeId(chargeId),
      `a charge id has no ${RESERVED_IN_CHARGE_IDS} in it: that marks what a plan pays`,
    );
    const { organizationId, currency, channel, quantity, metadata } = request;
    const occurredAtMs = request.occurredAtMs ?? this.options.clock.nowMs();
    // Field by field: spreading the request took longer than making its JSON.
    return {
      organizationId,
      chargeId,
      amountMicros,
      currency,
      channel,
      quantity,
      metadata,
      occurredAtMs,
    };
  }

  /** A late capture asks for the wallet's policy, so that it needs the wallet loaded. */
  private async runCapture(
    name: ChargeName,
    amountMicros: Micros | undefined,
  ): Promise<readonly unknown[] | null> {
    const { organizationId, currency, chargeId } = name;
    const call = (): ScriptCall => ({
      keys: chargeKeysOf(name),
      args: inOrder(SCRIPT_TABLES.capture.args.head, {
        amount: amountMicros?.toString() ?? '',
        currency,
        chargeId,
        recordTtlMs: this.limits.recordTtlMs,
        epoch: this.epoch.current ?? '',
      }),
    });
    const first = await this.run(SCRIPTS.capture, call());
    if (first?.[0] !== 'not_loaded') return first;
    try {
      await this.loads.load(organizationId, currency);
    } catch (error) {
      this.options.onUnavailable?.(error);
      return null;
    }
    const second = await this.run(SCRIPTS.capture, call());
    return second?.[0] === 'not_loaded' ? null : second;
  }

  private async run(script: Script, call: ScriptCall): Promise<readonly unknown[] | null> {
    try {
      return (await runScript(this.options.redis, script, call)) as readonly unknown[];
    } catch (error) {
      this.options.onUnavailable?.(error);
      return null;
    }
  }
}
