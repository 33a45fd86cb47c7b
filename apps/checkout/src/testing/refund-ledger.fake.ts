import { OrbitError } from '@orbit/contracts';
import { micros, type Micros } from '@orbit/money';
import type { RefundLedger, SetAside } from '../refunds/application/ports.js';
import type { TopUp } from '../topups/domain/topup.js';

/** For tests: what is unspent of top-ups, and what is set aside of it, in memory. */
export class StandInRefundLedger implements RefundLedger {
  /** Reserved by refund; the same refund again gets the same answer. */
  readonly reserved = new Map<string, { topupId: string; micros: bigint }>();
  /** Spent of a top-up's own block. */
  readonly spent = new Map<string, bigint>();
  isAway = false;
  /** Runs after each reservation: a crash before its answer was stored. */
  afterReserve: () => void = () => undefined;

  async reserve(topup: TopUp, refundId: string, amount: Micros | null): Promise<SetAside> {
    await Promise.resolve();
    if (this.isAway) throw new OrbitError('unavailable', 'the ledger is away');
    const earlier = this.reserved.get(refundId);
    if (earlier !== undefined) return { status: 'reserved', micros: micros(earlier.micros) };
    const taken = [...this.reserved.values()].filter(({ topupId }) => topupId === topup.id);
    const left =
      topup.amountMicros -
      (this.spent.get(topup.id) ?? 0n) -
      taken.reduce((sum, one) => sum + one.micros, 0n);
    const asked = amount ?? left;
    if (asked <= 0n || asked > left) {
      const refundable = micros(left > 0n ? left : 0n);
      return { status: 'refused', reason: 'refund_exceeds_unspent', refundable };
    }
    this.reserved.set(refundId, { topupId: topup.id, micros: asked });
    this.afterReserve();
    return { status: 'reserved', micros: micros(asked) };
  }

  /** The refund came to nothing. */
  release(refundId: string): void {
    this.reserved.delete(refundId);
  }
}
