import {
  OrbitError,
  unknownCursor,
  type ResolveTopUp,
  type TopUpListQuery,
  type TopUpPage,
  type TopUpView,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { TopUp } from '../domain/topup.js';
import type { Log, SettlementStore, TopUpStore } from './ports.js';
import { completedEvent, receivedMicros } from './topup-events.js';
import { topUpView } from './topup-views.js';

/** Lists top-ups for operators, and ends one whose money did not fit its request. */
export class ParkedTopUps {
  constructor(
    private readonly topups: TopUpStore,
    private readonly store: SettlementStore,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Newest first; of one organization or, for operators, of all. */
  async list(query: TopUpListQuery): Promise<TopUpPage> {
    const { limit } = query;
    if (query.after_id !== undefined && (await this.topups.read(query.after_id)) === null)
      throw unknownCursor();
    const found = await this.topups.list({ ...query, limit: limit + 1 });
    const topups = found.slice(0, limit).map((topup) => topUpView(topup));
    return { topups, has_more: found.length > limit };
  }

  /** Of this organization; null when there is none. */
  async read(organizationId: string, topupId: string): Promise<TopUpView | null> {
    const topup = await this.topups.read(topupId);
    return topup?.organizationId === organizationId ? topUpView(topup) : null;
  }

  /**
   * `credit_received` credits exactly what came, if it came in the currency that was asked for; `dismiss` credits nothing
   * (the money is to be paid back at Stripe). Once: the same decision again answers as the first time.
   */
  async resolve(request: ResolveTopUp): Promise<TopUpView> {
    const { action } = request;
    const reason = request.reason.trim();
    const nowMs = this.clock.nowMs();
    await this.store.inTransaction(async (tx) => {
      const topup = await tx.lockTopUp(request.topup_id);
      if (topup === null) throw new OrbitError('not_found', 'There is no such top-up.');
      const state = action === 'dismiss' ? 'dismissed' : 'succeeded';
      if (topup.resolution === action) return;
      if (topup.state !== 'parked') throw notParked(topup);
      const amountMicros = receivedMicros(topup);
      const { sessionId, paymentIntentId } = topup;
      if (action === 'credit_received') {
        if (amountMicros === null || paymentIntentId === null) throw notCreditable(topup);
        const unseen = { card: null, receiptEmail: null };
        const paidMinor = topup.receivedMinor ?? 0n;
        const paid = { sessionId, paymentIntentId, amountMicros, paidMinor, ...unseen };
        await tx.addToOutbox(completedEvent(topup, paid, nowMs));
      }
      await tx.resolveTopUp(topup.id, { state, action, reason }, nowMs);
      this.log.warn({ topup_id: topup.id, action, reason }, 'an operator resolved a parked top-up');
    });
    const resolved = await this.topups.read(request.topup_id);
    if (resolved === null) throw new OrbitError('internal', 'The top-up is gone.');
    return topUpView(resolved);
  }
}

const notParked = ({ state }: TopUp): OrbitError =>
  new OrbitError('topup_not_parked', `The top-up is ${state}: there is nothing to resolve.`);

function notCreditable({ receivedMinor, receivedCurrency, paymentCurrency }: TopUp): OrbitError {
  const came =
    receivedMinor === null ? 'no money' : `${receivedMinor} minor units of ${receivedCurrency}`;
  return new OrbitError(
    'topup_not_creditable',
    `${came} came and ${paymentCurrency} was asked for. Pay it back at Stripe, then dismiss.`,
  );
}
