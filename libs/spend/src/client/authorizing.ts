import type { Clock } from '@orbit/kernel';
import type { Redis } from 'ioredis';
import { refused, toAnswer, type Held } from './authorize-answer.js';
import { AuthorizeQueue, type AuthorizeCall, type AuthorizeReply } from './authorize-queue.js';
import type { ChargeName } from './charge-record.js';
import { recordKeyOf, walletKeyOf } from '../redis/keys.js';
import type { OpenAuthorization, OpenAuthorizations } from '../outage/open-authorizations.js';
import type { OutageDesk } from '../outage/outage-desk.js';
import type { ChargeIntent, LoadedWallet, Refused } from '../types.js';
import type { WalletLoads } from './wallet-loads.js';

export type TimedIntent = ChargeIntent & { readonly occurredAtMs: number };

/** `isLocal`: this process answers for it, not Redis. */
export type Authorization = Held & { readonly isLocal?: true };

export interface AuthorizingParts {
  readonly redis: Redis;
  readonly clock: Clock;
  readonly loads: WalletLoads;
  readonly authorizations: OpenAuthorizations;
  readonly outage: OutageDesk;
  readonly recordTtlMs: number;
  readonly onUnavailable: (error: unknown) => void;
}

/** Where the answer to an authorization comes from: Redis, the ledger that knows the wallet, or the outage policy. */
export class Authorizing {
  private readonly queue: AuthorizeQueue;

  constructor(private readonly parts: AuthorizingParts) {
    this.queue = new AuthorizeQueue(parts.redis);
  }

  /**
   * One round trip; a second one and the loader only when Redis does not know the wallet; the outage
   * policy when it cannot be brought. `ttlMs` 0: captured at once.
   */
  async hold(
    intent: TimedIntent,
    details: string,
    ttlMs: number,
  ): Promise<Authorization | Refused> {
    const { organizationId, currency } = intent;
    const walletKey = walletKeyOf(organizationId, currency);
    // What Redis never knew is answered here, whether it is back or not.
    if (this.parts.authorizations.hasLocal) {
      const known = this.findKnown(intent);
      if (known?.isLocal) return this.replayKnown(known, intent, details, ttlMs);
    }
    const call = this.toCall(intent, details, ttlMs);
    let terms: LoadedWallet | null;
    try {
      const first = await this.ask(walletKey, call);
      if (first !== null && !isNotLoaded(first)) return toAnswer(first, ttlMs);
      terms = await (first === null
        ? this.parts.loads.readTerms(organizationId, currency)
        : this.parts.loads.load(organizationId, currency));
      if (!terms) return refused(['unknown_wallet']);
      if (first !== null && !terms.isRecovering) {
        const second = await this.ask(walletKey, call);
        if (second !== null && !isNotLoaded(second)) return toAnswer(second, ttlMs);
      }
    } catch (error) {
      this.parts.onUnavailable(error);
      return refused(['unavailable']);
    }
    const known = this.findKnown(intent);
    if (known) return this.replayKnown(known, intent, details, ttlMs);
    const nowMs = this.parts.clock.nowMs();
    const held = this.parts.outage.authorize(intent, details, ttlMs, terms, nowMs);
    return 'status' in held ? held : { ...held, isLocal: true };
  }

  private findKnown(name: ChargeName): OpenAuthorization | null {
    return this.parts.authorizations.find(name);
  }

  private replayKnown(
    known: OpenAuthorization,
    intent: ChargeIntent,
    details: string,
    ttlMs: number,
  ): Authorization | Refused {
    const nowMs = this.parts.clock.nowMs();
    const held = this.parts.outage.replay(known, intent, details, ttlMs, nowMs);
    return 'status' in held ? held : { ...held, isLocal: true };
  }

  /** Null when Redis is unavailable. */
  private async ask(walletKey: string, call: AuthorizeCall): Promise<AuthorizeReply | null> {
    try {
      const reply = await this.queue.run(walletKey, call);
      if (this.parts.outage.budgets.isInUse)
        this.parts.outage.budgets.end(walletKey, this.parts.clock.nowMs());
      return reply;
    } catch (error) {
      this.parts.onUnavailable(error);
      return null;
    }
  }

  private toCall(intent: TimedIntent, details: string, ttlMs: number): AuthorizeCall {
    const { organizationId, chargeId, currency, amountMicros, occurredAtMs } = intent;
    const amount = amountMicros.toString();
    return {
      recordKey: recordKeyOf(organizationId, chargeId),
      charge: {
        recordHead: `${ttlMs === 0 ? 'C' : 'H'}|${amount}|||`,
        recordTail: `|${ttlMs}|${occurredAtMs}|${currency}|${details}`,
        member: `${amount}|${chargeId}`,
        amount,
        holdTtlMs: ttlMs.toString(),
        recordTtlMs: (ttlMs + this.parts.recordTtlMs).toString(),
      },
    };
  }
}

const isNotLoaded = (reply: AuthorizeReply): boolean =>
  Array.isArray(reply) && reply[0] === 'not_loaded';
