import type { AllowanceSplit } from '@orbit/allowances';
import { OrbitError, type ChargeOutcomeView } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { ZERO_MICROS, type Micros } from '@orbit/money';
import type {
  Authorized,
  Captured,
  CaptureRefusal,
  Charged,
  ChargeIntent,
  Released,
  ReleaseRefusal,
  Refused,
} from '@orbit/spend';
import type { AuthorizationRequest, ChargeRequest } from './charge-request.js';
import { readPostedBefore, type PostedBefore } from './posted-before.js';
import { asPaid, paidBy } from './spend-allowance.js';
import type {
  Wallets,
  PaidByPlan,
  PostingReplies,
  PostingReply,
  Principal,
  Spender,
} from '../../edge/ports.js';
import { requireCurrency } from '../../edge/requests/wallet-unit.js';

/** How often the ledger is asked about a charge that was sent before, in milliseconds. */
const REPLAY_POLL_MS = 250;
/** Where Kafka has used up the caller's patience, the ledger still gets this long to post, in milliseconds. */
const POSTING_WAIT_MS_MIN = 1_000;

export interface PostedCharge {
  readonly outcome: ChargeOutcomeView;
  readonly isReplayed: boolean;
}

/** Spends from the wallet of the caller's organization; refusals become errors of the catalogue here. */
export class SpendWallet {
  constructor(
    private readonly spender: Spender,
    private readonly wallets: Wallets,
    private readonly replies: PostingReplies,
    private readonly postingWaitMs: number,
    private readonly clock: Clock,
    private readonly idOf: (intent: ChargeIntent, terms: AllowanceSplit | null) => string,
  ) {}

  async authorize(
    principal: Principal,
    request: AuthorizationRequest,
  ): Promise<Authorized & PaidByPlan> {
    const intent = toIntent(principal, request);
    const result = await this.spender.authorize({ ...intent, ttlMs: request.ttlSeconds * 1000 });
    return result.status === 'refused' ? this.requireAuthorized(intent, result) : result;
  }

  async capture(principal: Principal, id: string, amountMicros?: Micros): Promise<Captured> {
    const result = await this.spender.capture(principal.organizationId, id, amountMicros);
    if (result.status !== 'captured') throw holdError(result.status);
    return result;
  }

  async release(principal: Principal, id: string): Promise<Released> {
    const result = await this.spender.release(principal.organizationId, id);
    if (result.status !== 'released') throw holdError(result.status);
    return result;
  }

  async charge(
    principal: Principal,
    request: ChargeRequest,
  ): Promise<(Charged & PaidByPlan) | PostedCharge> {
    const intent = toIntent(principal, request);
    const result = await this.spender.charge(intent);
    return result.status === 'refused' ? this.requirePosted(intent, result) : result;
  }

  /** Charges and answers what the ledger made of it. Errors: as `charge`; timeout when it is late. */
  async chargeAndWait(principal: Principal, request: ChargeRequest): Promise<PostedCharge> {
    const intent = toIntent(principal, request);
    const askedAtMs = this.clock.nowMs();
    const reply = this.replies.open();
    try {
      const result = await this.spender.charge(intent, { replyTo: reply.replyTo });
      if (result.status === 'refused') return await this.requirePosted(intent, result);
      const { replayed } = result;
      // A slow Kafka and a slow ledger share one wait: a caller gives up after some ten seconds.
      const leftMs = this.postingWaitMs - (this.clock.nowMs() - askedAtMs);
      const waitMs = Math.max(leftMs, POSTING_WAIT_MS_MIN);
      const outcome = await this.awaitOutcome(intent, reply, replayed, waitMs);
      if (outcome) return { outcome: accepted(outcome), isReplayed: replayed };
    } finally {
      reply.close();
    }
    throw new OrbitError(
      'timeout',
      'The charge is accepted but not posted yet. Repeat the request.',
    );
  }

  /**
   * A charge that is posted already is answered again, though the wallet could not pay for it once more: it came over
   * Kafka, or Redis has dropped its id. Errors: the refusal, also while the ledger is unavailable.
   */
  private async requirePosted(intent: ChargeIntent, refused: Refused): Promise<PostedCharge> {
    const { outcome } = await this.findPosted(intent, refused);
    return { outcome, isReplayed: true };
  }

  /** The first answer again, as Redis would give it if it still knew: nothing is held any more. Errors: as `requirePosted`. */
  private async requireAuthorized(
    intent: ChargeIntent,
    refused: Refused,
  ): Promise<Authorized & PaidByPlan> {
    const { terms } = await this.findPosted(intent, refused);
    const first = asPaid(intent, terms);
    return {
      status: 'authorized',
      authorizationId: this.idOf(first, terms),
      chargeId: intent.chargeId,
      amountMicros: first.amountMicros,
      availableAfterMicros: refused.availableMicros ?? ZERO_MICROS,
      expiresAtMs: this.clock.nowMs(),
      replayed: true,
      ...paidBy(terms),
    };
  }

  /** One question. What is not posted, is posted as something else, or cannot be asked for, stays refused. */
  private async findPosted(
    intent: ChargeIntent,
    refused: Refused,
  ): Promise<PostedBefore & { readonly outcome: ChargeOutcomeView }> {
    const { reason } = refused;
    if (reason !== 'insufficient_funds' && reason !== 'paused') throw refusalError(refused);
    const outcome = await this.read(intent).catch(nullWhileAway);
    if (outcome?.status !== 'posted') throw refusalError(refused);
    const before = readPostedBefore(intent, outcome);
    if (before === null) throw refusalError(refused);
    return { ...before, outcome };
  }

  /**
   * A charge that was sent before may have been answered before: then only the ledger knows. A new
   * one is announced; the ledger is asked once at the end, in case the announcement was lost. What the
   * questions themselves take counts, so that a ledger that answers slowly does not make the wait longer.
   */
  private async awaitOutcome(
    intent: ChargeIntent,
    reply: PostingReply,
    replayed: boolean,
    waitMs: number,
  ): Promise<ChargeOutcomeView | null> {
    const stepMs = replayed ? REPLAY_POLL_MS : waitMs;
    const untilMs = this.clock.nowMs() + waitMs;
    if (replayed) {
      const known = await this.read(intent);
      if (known) return known;
    }
    for (let pausedMs = 0; pausedMs < waitMs; pausedMs += stepMs) {
      const announced = await reply.wait(stepMs);
      const outcome = announced ?? (await this.read(intent));
      if (outcome) return outcome;
      if (this.clock.nowMs() >= untilMs) return null;
    }
    return null;
  }

  private read({ organizationId, chargeId }: ChargeIntent): Promise<ChargeOutcomeView | null> {
    return this.wallets.readCharge({ organization_id: organizationId, charge_id: chargeId });
  }
}

function nullWhileAway(error: unknown): null {
  if (error instanceof OrbitError && ['unavailable', 'timeout'].includes(error.code)) return null;
  throw error;
}

function toIntent(principal: Principal, request: ChargeRequest): ChargeIntent {
  requireCurrency(principal, request.currency);
  const { chargeId, amountMicros, currency, channel, quantity, metadata } = request;
  const { organizationId } = principal;
  return { organizationId, chargeId, amountMicros, currency, channel, quantity, metadata };
}

/** An authorized charge always posts; only one whose id the ledger knew with other values does not. */
function accepted(outcome: ChargeOutcomeView): ChargeOutcomeView {
  switch (outcome.reason) {
    case 'charge_id_conflict':
      throw chargeIdConflict();
    case 'insufficient_funds':
      throw new OrbitError('insufficient_funds', 'The wallet does not cover this.');
    case 'paused':
      throw new OrbitError('outbound_paused', 'The wallet is paused.');
    case null:
      return outcome;
  }
}

function refusalError(refused: Refused): OrbitError {
  switch (refused.reason) {
    case 'unknown_wallet':
      return new OrbitError('unsupported_currency', 'There is no wallet in this currency.', {
        param: 'currency',
      });
    case 'charge_id_conflict':
      if (refused.endedAs === null) return chargeIdConflict();
      return holdError(refused.endedAs);
    case 'paused':
      return new OrbitError(
        'outbound_paused',
        `The wallet is paused: ${refused.pausedReason ?? 'unknown reason'}.`,
      );
    case 'insufficient_funds':
      return new OrbitError('insufficient_funds', 'The wallet does not cover this. Top it up.');
    case 'unavailable':
      return unavailable();
  }
}

function holdError(refusal: CaptureRefusal | ReleaseRefusal): OrbitError {
  switch (refusal) {
    case 'not_found':
      return new OrbitError('not_found', 'There is no such authorization.');
    case 'conflict':
      return new OrbitError('authorization_captured', 'It was captured with another amount.');
    case 'captured':
      return new OrbitError('authorization_captured', 'The authorization was captured.');
    case 'released':
      return new OrbitError('authorization_released', 'The authorization was released.');
    case 'expired':
      return new OrbitError('hold_expired', 'The authorization expired.');
    case 'exceeds_hold':
      return new OrbitError('capture_exceeds_hold', 'A capture is at most the authorized amount.', {
        param: 'amount',
      });
    case 'unavailable':
      return unavailable();
  }
}

function chargeIdConflict(): OrbitError {
  const message = 'This charge id was used with other values.';
  return new OrbitError('charge_id_conflict', message, { param: 'charge_id' });
}

function unavailable(): OrbitError {
  const message = 'Authorization is temporarily unavailable. Retry with the same charge id.';
  return new OrbitError('unavailable', message, { retryAfterSeconds: 1 });
}
