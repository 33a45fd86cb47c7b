import type Stripe from 'stripe';
import type { ClawbacksSnapshot } from '../../refunds/domain/clawbacks.js';
import type { StoredEvent } from '../../topups/application/ports.js';
import type { StripeBooks } from '../application/reconcile-ports.js';
import type { Movement, PaymentTruth } from '../domain/reconcile.js';
import { asked, askedOrMissing } from '../../topups/adapters/stripe-calls.js';
import { allOf } from '../../topups/adapters/stripe-calls.js';
import { idOf } from '../../topups/adapters/stripe-snapshot.js';

const LIST_SIZE = 100;
/** Stripe takes at most so many types in one question. */
const TYPES_MAX = 20;
const MS = 1_000;

const secondsOf = (ms: number): number => Math.floor(ms / MS);

/** Everything that went back of a payment; null when Stripe knows no such payment. */
interface ClawbacksOfPayment {
  readClawbacks(paymentIntentId: string): Promise<ClawbacksSnapshot | null>;
}

export class StripeBooksReader implements StripeBooks {
  constructor(
    private readonly stripe: Stripe,
    private readonly clawbacks: ClawbacksOfPayment,
  ) {}

  async movements(sinceMs: number): Promise<readonly Movement[]> {
    const moved = await asked(() =>
      allOf(
        this.stripe.balanceTransactions.list({
          created: { gte: secondsOf(sinceMs) },
          limit: LIST_SIZE,
          expand: ['data.source'],
        }),
      ),
    );
    return moved.map(toMovement);
  }

  async payment(
    paymentIntentId: string,
  ): Promise<(PaymentTruth & { readonly topupId: string | null }) | null> {
    const intent = await askedOrMissing(() => this.stripe.paymentIntents.retrieve(paymentIntentId));
    const clawbacks = intent === null ? null : await this.clawbacks.readClawbacks(paymentIntentId);
    if (intent === null || clawbacks === null) return null;
    return { receivedMinor: BigInt(intent.amount_received), clawbacks, topupId: clawbacks.topupId };
  }

  async events(
    sinceMs: number,
    types: readonly string[],
    untilMs?: number,
  ): Promise<readonly StoredEvent[]> {
    const end = untilMs === undefined ? {} : { lte: secondsOf(untilMs) };
    const created = { gte: secondsOf(sinceMs), ...end };
    const all: Stripe.Event[] = [];
    for (let from = 0; from < types.length; from += TYPES_MAX) {
      const some = types.slice(from, from + TYPES_MAX);
      const listed = this.stripe.events.list({ types: some, created, limit: LIST_SIZE });
      all.push(...(await asked(() => allOf(listed))));
    }
    return all
      .reverse()
      .sort((a, b) => a.created - b.created)
      .map((event) => ({ id: event.id, type: event.type, payload: JSON.stringify(event) }));
  }
}

function toMovement(moved: Stripe.BalanceTransaction): Movement {
  return {
    id: moved.id,
    amountMinor: BigInt(moved.amount),
    feeMinor: BigInt(moved.fee),
    createdAtMs: moved.created * MS,
    source: sourceOf(moved.source),
  };
}

function sourceOf(source: Stripe.BalanceTransaction['source']): Movement['source'] {
  const none = { kind: 'other', id: '', refundId: null, paymentIntentId: null } as const;
  if (source === null || typeof source === 'string') return none;
  if (source.object === 'charge') {
    const paymentIntentId = idOf(source.payment_intent);
    return { kind: 'payment', id: source.id, refundId: null, paymentIntentId };
  }
  if (source.object === 'refund') {
    const refundId = source.metadata?.['orbit_refund_id'] ?? null;
    return {
      kind: 'refund',
      id: source.id,
      refundId,
      paymentIntentId: idOf(source.payment_intent),
    };
  }
  if (source.object === 'dispute') {
    const paymentIntentId = idOf(source.payment_intent);
    return { kind: 'dispute', id: source.id, refundId: null, paymentIntentId };
  }
  return none;
}
