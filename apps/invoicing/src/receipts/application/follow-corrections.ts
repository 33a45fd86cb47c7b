import type { Clock } from '@orbit/kernel';
import { latestOfEach, minorOf, type Correction } from '../domain/correction.js';
import { applyCorrections, correctionsOf } from './apply-corrections.js';
import type { InvoiceStore } from './ports.js';

/** Notes what happened to payments after they were made, and brings their receipts up to it. */
export class FollowCorrections {
  constructor(
    private readonly store: InvoiceStore,
    private readonly clock: Clock,
    private readonly account: string,
  ) {}

  /**
   * Each fact may come again, in any order, also before its receipt is issued. All or none.
   * Answers those whose unit their receipt cannot convert: nothing was noted of these.
   */
  async run(facts: readonly Correction[]): Promise<readonly Correction[]> {
    if (facts.length === 0) return [];
    return this.store.inTransaction(async (tx) => {
      await tx.lockSeries(this.account);
      const invoices = await tx.readInvoicesOf([...new Set(facts.map(({ topupId }) => topupId))]);
      const unreadable = new Set(
        invoices.flatMap((invoice) =>
          correctionsOf(invoice, facts).filter((one) => minorOf(invoice, one) === null),
        ),
      );
      const readable = facts.filter((one) => !unreadable.has(one));
      await tx.saveCorrections(latestOfEach(readable));
      await applyCorrections(tx, this.account, invoices, this.clock.nowMs());
      return [...unreadable];
    });
  }
}
