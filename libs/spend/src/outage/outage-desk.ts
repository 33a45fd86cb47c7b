import { micros } from '@orbit/money';
import { refused, type Held } from '../client/authorize-answer.js';
import {
  captureHold,
  holdAt,
  openHold,
  releaseHold,
  type HoldOutcome,
} from '../client/hold-state.js';
import { walletKeyOf } from '../redis/keys.js';
import type { OpenAuthorization, OpenAuthorizations } from './open-authorizations.js';
import { OutageBudgets } from './outage-budgets.js';
import type { ChargeIntent, LoadedWallet, Refused } from '../types.js';

/** The states as the records in Redis write them. */
const LETTERS = { held: 'H', captured: 'C', released: 'L', expired: 'H' } as const;

/**
 * Answers for this process's own authorizations while Redis cannot: repeats what it knows, and makes new
 * ones as the wallet's outage policy allows. A hold follows the same state machine as in Redis.
 */
export class OutageDesk {
  readonly budgets: OutageBudgets;

  constructor(
    private readonly authorizations: OpenAuthorizations,
    processCount: number,
  ) {
    this.budgets = new OutageBudgets(processCount);
  }

  /** The first answer again, for a charge id that this process knows. `ttlMs` 0: captured at once. */
  replay(
    known: OpenAuthorization,
    intent: ChargeIntent,
    details: string,
    ttlMs: number,
    nowMs: number,
  ): Held | Refused {
    const isSame = known.hold.amountMicros === intent.amountMicros && known.details === details;
    if (!isSame) return refused(['charge_id_conflict']);
    let current = known;
    if (ttlMs === 0) {
      const outcome = this.capture(known, nowMs, intent.amountMicros);
      if (outcome.status === 'refused') {
        const { reason } = outcome;
        if (reason === 'released') return refused(['ended', 'L']);
        return reason === 'expired' ? refused(['ended', 'H']) : refused(['charge_id_conflict']);
      }
      current = { ...known, hold: outcome.hold };
    }
    const { hold, occurredAtMs } = current;
    const replay = { state: LETTERS[holdAt(hold, nowMs).state], occurredAtMs };
    return { available: 0n, expiresAtMs: hold.expiresAtMs, replay };
  }

  /** By the policy of the wallet, from this process's share of its budget. */
  authorize(
    intent: ChargeIntent & { readonly occurredAtMs: number },
    details: string,
    ttlMs: number,
    terms: LoadedWallet,
    nowMs: number,
  ): Held | Refused {
    const { organizationId, chargeId, currency, amountMicros, occurredAtMs } = intent;
    if (terms.outagePolicy === 'closed') return refused(['unavailable']);
    const { pausedReason } = terms;
    if (pausedReason !== null) {
      const reason = pausedReason === 'balance_depleted' ? 'insufficient_funds' : 'paused';
      return refused([reason, undefined, pausedReason]);
    }
    const left = this.budgets.take(
      walletKeyOf(organizationId, currency),
      terms,
      amountMicros,
      nowMs,
    );
    // It may well be covered; nobody can say before Redis is back.
    if (left === null) return refused(['unavailable']);
    const hold = openHold(amountMicros, nowMs + ttlMs);
    this.authorizations.remember({
      name: { organizationId, chargeId, currency },
      occurredAtMs,
      details,
      hold: ttlMs === 0 ? { ...hold, state: 'captured', capturedMicros: amountMicros } : hold,
      isLocal: true,
    });
    return { available: left, expiresAtMs: hold.expiresAtMs, replay: null };
  }

  /** Whole by default. */
  capture(
    known: OpenAuthorization,
    nowMs: number,
    amountMicros = known.hold.amountMicros,
  ): HoldOutcome {
    return this.apply(known, captureHold(known.hold, micros(amountMicros), nowMs, false));
  }

  release(known: OpenAuthorization, nowMs: number): HoldOutcome {
    return this.apply(known, releaseHold(known.hold, nowMs));
  }

  private apply(known: OpenAuthorization, outcome: HoldOutcome): HoldOutcome {
    if (outcome.status !== 'changed') return outcome;
    const { name, isLocal } = known;
    if (isLocal) {
      const walletKey = walletKeyOf(name.organizationId, name.currency);
      this.budgets.giveBack(walletKey, outcome.freedMicros);
    }
    this.authorizations.remember({ ...known, hold: outcome.hold });
    return outcome;
  }
}
