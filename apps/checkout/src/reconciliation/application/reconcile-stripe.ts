import {
  OrbitError,
  type ReconcileStripe,
  type StripeDifference,
  type StripeReport,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { formatAmount, micros, ZERO_MICROS } from '@orbit/money';
import {
  clearingOf,
  comparePayment,
  creditlessMinor,
  referencesOf,
  topUpReference,
  WHAT_TO_DO,
  type Difference,
  type PaymentTruth,
} from '../domain/reconcile.js';
import { inWalletUnit } from '../../refunds/domain/clawbacks.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { PAID_STATES } from '../../topups/domain/topup-state.js';
import type { LedgerBooks, StoredClawbacks, StripeBooks } from './reconcile-ports.js';
import { ProviderFailure, type TopUpStore } from '../../topups/application/ports.js';
import type { ReplayEvents } from './replay-events.js';

export interface ReconcileLimits {
  /** How far the scheduled comparison looks back. */
  readonly windowMs: number;
  /** Movements newer than this may still be on their way, and are left for the next run. */
  readonly graceMs: number;
}

/** A replay's events are booked a moment later: a difference is compared again this often, at this interval. */
const BOOKING_LOOK_MS = 1_500;
const BOOKING_LOOKS_MAX = 8;
const STUCK_MS = 3_600_000;
const STUCK_MAX = 100;

type Books = ReturnType<typeof emptyBooks>;

/**
 * Compares Stripe's balance transactions, payments, refunds and disputes with the ledger. Movements and entries of the
 * window say which payments to look at; each of these is compared as a whole, so no edge of the window cuts one in two.
 */
export class ReconcileWithStripe {
  constructor(
    private readonly stripe: StripeBooks,
    private readonly ledger: LedgerBooks,
    private readonly topups: TopUpStore,
    private readonly clawbacks: StoredClawbacks,
    private readonly replay: ReplayEvents,
    private readonly clock: Clock,
    private readonly sleep: (ms: number) => Promise<void>,
    private readonly limits: ReconcileLimits,
  ) {}

  /** Errors: invalid_field, payment_provider_error, unavailable. */
  async run({ since, fix }: ReconcileStripe = {}): Promise<StripeReport> {
    const sinceMs =
      since === undefined ? this.clock.nowMs() - this.limits.windowMs : Date.parse(since);
    if (Number.isNaN(sinceMs) || sinceMs > this.clock.nowMs()) {
      throw new OrbitError('invalid_field', 'since is an instant in the past.', { param: 'since' });
    }
    try {
      const replayed_events = fix === true ? await this.replay.run(sinceMs) : 0;
      const report = await this.compareBooked(sinceMs, replayed_events > 0);
      return { ...report, replayed_events };
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      throw new OrbitError('payment_provider_error', 'Stripe cannot be asked now. Try again.', {
        retryAfterSeconds: 1,
        cause: error,
      });
    }
  }

  /** While something is being booked, reports only a difference that stays. */
  private async compareBooked(
    sinceMs: number,
    isBooking: boolean,
  ): Promise<Omit<StripeReport, 'replayed_events'>> {
    if (!isBooking) return this.compare(sinceMs);
    for (let look = 1; ; look++) {
      await this.sleep(BOOKING_LOOK_MS);
      const report = await this.compare(sinceMs);
      if (report.differences.length === 0 || look === BOOKING_LOOKS_MAX) return report;
    }
  }

  private async compare(sinceMs: number): Promise<Omit<StripeReport, 'replayed_events'>> {
    const untilMs = this.clock.nowMs() - this.limits.graceMs;
    const books = emptyBooks();
    const late = await this.collectMovements(books, sinceMs, untilMs);
    await this.collectEntries(books, sinceMs, untilMs);
    const differences: StripeDifference[] = [...books.differences];
    for (const [id, topup] of books.topups) {
      if (topup.paymentIntentId !== null && late.has(topup.paymentIntentId)) continue;
      const truth =
        topup.paymentIntentId === null ? null : await this.truthOf(books, topup.paymentIntentId);
      const known = books.known.get(id) ?? [];
      const references = [
        ...(truth === null ? [topUpReference(id)] : referencesOf(topup, truth.clawbacks)),
        ...known,
      ];
      const totals = await this.ledger.totals(
        references.map((reference) => ({
          organization_id: topup.organizationId,
          currency: topup.currency,
          reference,
        })),
      );
      for (const one of comparePayment(topup, truth, totals, known))
        differences.push(shown(topup, one));
      books.count(truth);
      books.addClearing(topup.currency, clearingOf(topup, truth, totals));
    }
    differences.push(...(await this.stuck()));
    return {
      since: new Date(sinceMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      compared: books.compared,
      not_ours: books.notOurs.size,
      clearing: [...books.clearing].map(([currency, { atStripe, inLedger }]) => ({
        currency,
        at_stripe: formatAmount(micros(atStripe), currency),
        in_ledger: formatAmount(micros(inLedger), currency),
      })),
      differences,
    };
  }

  /** Returns the payments that moved too lately to be compared. */
  private async collectMovements(
    books: Books,
    sinceMs: number,
    untilMs: number,
  ): Promise<ReadonlySet<string>> {
    const late = new Set<string>();
    const intents = new Set<string>();
    for (const movement of await this.stripe.movements(sinceMs)) {
      const intent = movement.source.paymentIntentId;
      if (intent === null) continue;
      if (movement.createdAtMs > untilMs) late.add(intent);
      intents.add(intent);
      books.compared.balance_transactions += 1;
    }
    for (const intent of intents) {
      const topup = await this.topups.readByPayment({ paymentIntentId: intent });
      if (topup !== null) books.topups.set(topup.id, topup);
      else if (!late.has(intent)) await this.collectUnknown(books, intent);
    }
    return late;
  }

  /** A payment that no top-up is known to have been paid by: not ours, missed, or a second one. */
  private async collectUnknown(books: Books, paymentIntentId: string): Promise<void> {
    const truth = await this.truthOf(books, paymentIntentId);
    const topup = truth?.topupId == null ? null : await this.topups.read(truth.topupId);
    if (truth === null || topup === null) {
      books.notOurs.add(paymentIntentId);
      return;
    }
    const isPaid =
      (PAID_STATES as readonly string[]).includes(topup.state) || topup.state === 'parked';
    const left = truth.receivedMinor - creditlessMinor(truth);
    if (left <= 0n) return;
    books.differences.push(
      shown(
        { ...topup, paymentIntentId },
        {
          kind: isPaid ? 'paid_again' : 'payment_not_credited',
          subject: paymentIntentId,
          atStripe: inWalletUnit(topup, left),
          inLedger: 0n,
        },
      ),
    );
  }

  private async collectEntries(books: Books, sinceMs: number, untilMs: number): Promise<void> {
    for (const entry of await this.ledger.references(sinceMs)) {
      books.compared.ledger_entries += 1;
      if (entry.bookedAtMs > untilMs) continue;
      const topup = await this.topupOf(entry.reference);
      if (topup === null) {
        books.differences.push(unknownEntry(entry));
        continue;
      }
      books.topups.set(topup.id, topup);
      const known = books.known.get(topup.id) ?? [];
      if (!known.includes(entry.reference)) books.known.set(topup.id, [...known, entry.reference]);
    }
  }

  private async topupOf(reference: string): Promise<TopUp | null> {
    const at = reference.indexOf(':');
    const [kind, id] = [reference.slice(0, at), reference.slice(at + 1)];
    if (kind === 'topup') return this.topups.read(id);
    const clawback =
      kind === 'refund' ? await this.clawbacks.read(id) : await this.clawbacks.readDispute(id);
    return clawback === null ? null : this.topups.read(clawback.topupId);
  }

  private async truthOf(
    books: Books,
    intent: string,
  ): Promise<Books['truths'] extends Map<string, infer T> ? T : never> {
    const known = books.truths.get(intent);
    if (known !== undefined) return known;
    const truth = await this.stripe.payment(intent);
    books.truths.set(intent, truth);
    return truth;
  }

  private async stuck(): Promise<readonly StripeDifference[]> {
    const refunds = await this.clawbacks.stuckRefunds(this.clock.nowMs() - STUCK_MS, STUCK_MAX);
    return refunds.map((refund) => ({
      kind: 'refund_stuck' as const,
      organization_id: refund.organizationId,
      topup_id: refund.topupId,
      subject: refund.id,
      payment_intent_id: refund.paymentIntentId,
      currency: refund.currency,
      at_stripe: formatAmount(ZERO_MICROS, refund.currency),
      in_ledger: formatAmount(ZERO_MICROS, refund.currency),
      what_to_do: WHAT_TO_DO.refund_stuck,
    }));
  }
}

type Truth = (PaymentTruth & { readonly topupId: string | null }) | null;

type Clearing = Exclude<ReturnType<typeof clearingOf>, null>;

/** Empty books: one comparison collects into them. */
function emptyBooks() {
  const compared = {
    balance_transactions: 0,
    payments: 0,
    refunds: 0,
    disputes: 0,
    ledger_entries: 0,
  };
  return {
    compared,
    topups: new Map<string, TopUp>(),
    /** References with entries in the window, by top-up. */
    known: new Map<string, readonly string[]>(),
    truths: new Map<string, Truth>(),
    notOurs: new Set<string>(),
    differences: [] as StripeDifference[],
    /** Of the payments that were compared, by unit. */
    clearing: new Map<string, Clearing>(),
    addClearing(currency: string, more: Clearing | null): void {
      if (more === null) return;
      const sum = this.clearing.get(currency) ?? { atStripe: 0n, inLedger: 0n };
      this.clearing.set(currency, {
        atStripe: sum.atStripe + more.atStripe,
        inLedger: sum.inLedger + more.inLedger,
      });
    },
    count(truth: Truth): void {
      compared.payments += 1;
      compared.refunds += truth?.clawbacks.refunds.length ?? 0;
      compared.disputes += truth?.clawbacks.disputes.length ?? 0;
    },
  };
}

const shown = (
  topup: TopUp,
  { kind, subject, atStripe, inLedger }: Difference,
): StripeDifference => ({
  kind,
  organization_id: topup.organizationId,
  topup_id: topup.id,
  subject,
  payment_intent_id: topup.paymentIntentId,
  currency: topup.currency,
  at_stripe: formatAmount(micros(atStripe), topup.currency),
  in_ledger: formatAmount(micros(inLedger), topup.currency),
  what_to_do: WHAT_TO_DO[kind],
});

/** The ledger names a payment that checkout has never heard of. */
const unknownEntry = (entry: {
  readonly organization_id: string;
  readonly currency: string;
  readonly reference: string;
}): StripeDifference => ({
  kind: 'credit_without_payment',
  organization_id: entry.organization_id,
  topup_id: null,
  subject: entry.reference,
  payment_intent_id: null,
  currency: entry.currency,
  at_stripe: formatAmount(ZERO_MICROS, entry.currency),
  in_ledger: 'unknown',
  what_to_do: WHAT_TO_DO.credit_without_payment,
});
