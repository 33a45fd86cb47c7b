import { OrbitError, type CreateRefund, type RefundView } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { formatAmount, micros } from '@orbit/money';
import { inMinorUnits, inWalletUnit, type ClawbacksSnapshot } from '../domain/clawbacks.js';
import type { Refund } from '../domain/refund.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { keyConflict } from '../../topups/application/idempotency-key.js';
import type { ClawbacksProvider, ClawbackStore, RefundLedger } from './ports.js';
import { ProviderFailure, type Log, type TopUpStore } from '../../topups/application/ports.js';
import { newRefund, paymentIdsOf, readRefundOrder, type RefundOrder } from './refund-order.js';
import { refundView } from './refund-views.js';
import type { ApplyClawbacks } from './apply-clawbacks.js';

/** While a request is under way nobody else looks at its refund. */
const FIRST_CHECK_MS = 20_000;

/** A row of this kind is not Stripe's: it took back what had been set aside, and its caller is refused. */
const NOTHING_REFUNDABLE = 'nothing_refundable';

/**
 * Pays money of a top-up back, once per (organization, idempotency key). Our row is written first; its id is the
 * ledger's reference and part of Stripe's key. Each step can be repeated, so a crash anywhere is continued by the
 * recovery job or by a repeat: nothing is paid twice, nothing set aside is forgotten.
 */
export class RequestRefund {
  constructor(
    private readonly topups: TopUpStore,
    private readonly store: ClawbackStore,
    private readonly ledger: RefundLedger,
    private readonly provider: ClawbacksProvider,
    private readonly applyClawbacks: ApplyClawbacks,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Errors: invalid_field, not_found, conflict, idempotency_key_conflict, refund_exceeds_unspent,
   * payment_provider_error, unavailable.
   */
  async run(request: CreateRefund): Promise<RefundView> {
    const order = readRefundOrder(request);
    const topup = await this.topupOf(order);
    const nowMs = this.clock.nowMs();
    const wanted = newRefund(topup, order, nowMs);
    const stored = await this.store.begin(wanted, nowMs + FIRST_CHECK_MS);
    if (stored.bodyHash !== wanted.bodyHash) {
      throw keyConflict('This idempotency key was used for another refund.');
    }
    const isRepeat = stored.id !== wanted.id;
    try {
      const refund = await this.advance(stored, topup);
      if (refund.failureReason === NOTHING_REFUNDABLE) throw refusal(refund);
      return refundView(refund, isRepeat);
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      this.log.warn({ refund_id: stored.id, err: error }, 'stripe has not taken a refund yet');
      throw new OrbitError(
        'payment_provider_error',
        'The payment provider has not taken the refund yet; it is tried again. Repeat with the same idempotency key.',
        { retryAfterSeconds: 1, cause: error },
      );
    }
  }

  /** Takes a refund as far as it can be taken now. Safe to repeat. */
  async advance(refund: Refund, topup: TopUp, isLookedUp = false): Promise<Refund> {
    switch (refund.state) {
      case 'requested':
        return this.advance(await this.reserve(refund, topup), topup, isLookedUp);
      case 'reserved':
        return this.pay(refund, topup, isLookedUp);
      case 'refused':
        throw refusal(refund);
      default:
        return refund;
    }
  }

  /** Applies everything that Stripe has of the payment; answers null when this refund is not among it. */
  async lookUp(refund: Refund): Promise<Refund | null> {
    const seen = await this.provider.readClawbacks(refund.paymentIntentId);
    if (seen === null) return null;
    await this.applyClawbacks.run(null, refund.topupId, seen);
    const after = await this.stored(refund.id);
    return after.stripeRefundId === null ? null : after;
  }

  private async topupOf({ organizationId, topupId, paymentId }: RefundOrder): Promise<TopUp> {
    const topup =
      topupId === null
        ? await this.topups.readByPayment(paymentIdsOf(paymentId ?? ''))
        : await this.topups.read(topupId);
    if (topup?.organizationId === organizationId) return topup;
    throw new OrbitError('not_found', 'There is no such payment in your organization.', {
      param: topupId === null ? 'payment_id' : 'topup_id',
    });
  }

  private async reserve(refund: Refund, topup: TopUp): Promise<Refund> {
    const { id, askedMinor } = refund;
    const asked = askedMinor === null ? null : inWalletUnit(topup, askedMinor);
    const reserved = await this.ledger.reserve(topup, id, asked);
    const nowMs = this.clock.nowMs();
    if (reserved.status === 'refused') {
      const minor = inMinorUnits(topup, reserved.refundable);
      const refundable = { minor, micros: reserved.refundable };
      await this.store.markRefused(id, reserved.reason, refundable, nowMs);
      return this.stored(id);
    }
    // Everything may be a fraction of a cent more than can be paid out; that fraction stays in the wallet.
    const minor = askedMinor ?? inMinorUnits(topup, reserved.micros);
    if (minor === 0n) return this.releaseDust(refund, topup);
    const amount = {
      minor,
      micros: askedMinor === null ? inWalletUnit(topup, minor) : reserved.micros,
    };
    await this.store.markReserved(id, amount, nowMs);
    return this.stored(id);
  }

  /** Less than a cent is left: nothing can be paid out. */
  private async releaseDust(refund: Refund, topup: TopUp): Promise<Refund> {
    const nothing = { minor: 1n, micros: inWalletUnit(topup, 1n) };
    await this.store.markReserved(refund.id, nothing, this.clock.nowMs());
    await this.applyClawbacks.fail(refund, NOTHING_REFUNDABLE);
    return this.stored(refund.id);
  }

  private async pay(refund: Refund, topup: TopUp, isLookedUp: boolean): Promise<Refund> {
    try {
      const shown = await this.provider.createRefund(refund, keyOf(refund));
      await this.applyClawbacks.run(null, topup.id, onlyThis(refund, shown));
      return await this.stored(refund.id);
    } catch (error) {
      if (!(error instanceof ProviderFailure) || !error.options.isFinalForKey) throw error;
      // Stripe would repeat this answer. What it has counts more than what it said.
      if (!isLookedUp) {
        const found = await this.lookUp(refund);
        if (found !== null) return found;
      }
      if (error.options.isRefusal === true) {
        await this.applyClawbacks.fail(refund, error.options.code ?? 'refused');
        return this.stored(refund.id);
      }
      await this.store.countAttempt(refund.id, refund.attempt + 1);
      throw error;
    }
  }

  private async stored(refundId: string): Promise<Refund> {
    const refund = await this.store.read(refundId);
    if (refund === null) throw new OrbitError('internal', 'The refund is gone.');
    return refund;
  }
}

const keyOf = ({ id, attempt }: Refund): string => `orbit-refund-${id}-${attempt}`;

const onlyThis = (
  refund: Refund,
  shown: ClawbacksSnapshot['refunds'][number],
): ClawbacksSnapshot => ({
  paymentIntentId: refund.paymentIntentId,
  topupId: refund.topupId,
  refunds: [shown],
  disputes: [],
});

function refusal({ refundableMinor, refundableMicros, unit }: Refund): OrbitError {
  const max = formatAmount(refundableMicros ?? micros(0n), unit);
  return new OrbitError(
    'refund_exceeds_unspent',
    `Of this payment ${max} ${unit} can be refunded at most.`,
    {
      param: 'amount',
      details: { max_refundable: max, max_refundable_minor: Number(refundableMinor ?? 0n) },
    },
  );
}
