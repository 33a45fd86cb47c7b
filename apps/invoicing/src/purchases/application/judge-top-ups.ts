import { FirstFault, type AccountClock } from '@orbit/kernel';
import { derivedId } from '../../billing/domain/derived-id.js';
import { firstBelow, isBelow, type SeenStep, type TopUp } from '../domain/top-up.js';
import type { FollowPurchase } from './follow-purchase.js';
import type { Sales, TopUps, WatchedBalances } from './ports.js';

/** Wallets of one question to wallet-ledger. */
const WALLETS_MAX = 1_000;

type Unseen = Pick<SeenStep, 'sequence'> & { readonly isBelow: boolean };

/**
 * Buys a block for each top-up whose balance came down to its threshold: when it becomes active, and then by each use
 * that leaves so little, once the block before has been booked. The entry that called for a block names it, so that
 * nobody buys it twice. Errors: unavailable, timeout, the database's own.
 */
export class JudgeTopUps {
  constructor(
    private readonly topUps: TopUps,
    private readonly sales: Sales,
    private readonly balances: WatchedBalances,
    private readonly follow: Pick<FollowPurchase, 'run'>,
    private readonly clock: AccountClock,
  ) {}

  /** Of one account, or of all. Returns how many blocks were bought. */
  async run(accountId: string | null = null): Promise<number> {
    const watching = await this.topUps.listWatching(accountId);
    const faults = new FirstFault();
    let bought = 0;
    for (let from = 0; from < watching.length; from += WALLETS_MAX) {
      const part = watching.slice(from, from + WALLETS_MAX);
      const steps = await this.balances.stepsAfter(
        part.map((topUp) => ({ ...topUp, sequence: topUp.seenSequence ?? 0n })),
      );
      for (const [index, topUp] of part.entries()) {
        const isBought = await faults.keep(() => this.judge(topUp, steps[index] ?? []));
        if (isBought === true) bought += 1;
      }
    }
    faults.throwFirst();
    return bought;
  }

  private async judge(topUp: TopUp, steps: readonly SeenStep[]): Promise<boolean> {
    const nowMs = await this.clock.nowMs(topUp.accountId);
    if (topUp.activeFromMs > nowMs) return false;
    const look = topUp.seenSequence === null ? await this.look(topUp) : lookAt(topUp, steps);
    if (!look) return false;
    const id = derivedId('blk', topUp.id, String(look.sequence), 'top-up');
    const isMine = await this.sales.run(async (tx) => {
      if (!(await tx.topUps.advance(topUp, look.sequence))) return false;
      if (!look.isBelow) return false;
      const customer = await tx.customers.find(topUp.accountId, { id: topUp.customerId });
      if (!customer) return false;
      const { currency, timezone, externalCustomerId } = customer;
      return tx.purchases.insert({
        ...{ id, accountId: topUp.accountId, customerId: topUp.customerId, topUpId: topUp.id },
        source: 'top_up',
        ...{ currency: topUp.currency, requestHash: id, settings: topUp.settings },
        call: {
          // The account's own settings are not needed: whatever they say, the customer has a currency or gets one.
          account: { id: topUp.accountId, mode: 'live', default_currency: 'USD', timezone },
          customer: {
            ...{ id: customer.id, external_customer_id: externalCustomerId },
            profile: { timezone, currency },
          },
          ...{ path: {}, query: {}, idempotency: null },
          body: {
            ...{ entry_type: 'increment', amount: topUp.amount, currency: topUp.currency },
            per_unit_cost_basis: topUp.perUnitCostBasis,
          },
        },
        createdMs: nowMs,
      });
    });
    if (isMine) await this.follow.run(id);
    return isMine;
  }

  /** The balance as it is, when a top-up becomes active. */
  private async look(topUp: TopUp): Promise<Unseen> {
    const { sequence, balance } = await this.balances.now(topUp);
    return { sequence, isBelow: isBelow(topUp.threshold, balance) };
  }
}

function lookAt(topUp: TopUp, steps: readonly SeenStep[]): Unseen | null {
  const below = firstBelow(topUp, steps);
  if (below) return { sequence: below.sequence, isBelow: true };
  const last = steps.at(-1);
  return last ? { sequence: last.sequence, isBelow: false } : null;
}
