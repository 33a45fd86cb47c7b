import { buildBalanceTransaction, chargeFee } from '../world/build-balance.js';
import type { BalanceTransaction, BalanceTransactionType } from '../world/objects.js';
import type { Work } from '../world/work.js';

const REPORTING_CATEGORY: Readonly<Record<BalanceTransactionType, string>> = {
  charge: 'charge',
  payment: 'charge',
  refund: 'refund',
  payment_refund: 'refund',
  refund_failure: 'refund_failure',
  payment_failure_refund: 'charge_failure',
  adjustment: 'other_adjustment',
  stripe_fee: 'fee',
  payout: 'payout',
};

export interface Movement {
  readonly type: BalanceTransactionType;
  /** Signed minor units: what the balance gains before the fee. */
  readonly amount: number;
  readonly currency: string;
  /** Null: Stripe's own doing, such as a monthly fee. */
  readonly source: string | null;
  readonly description: string | null;
  /** Null: Stripe's price for money that comes in, nothing for all else. */
  readonly fee?: number;
  readonly reportingCategory?: string;
}

/** Moves the merchant's balance; every movement is one balance transaction. */
export async function bookMovement(work: Work, movement: Movement): Promise<BalanceTransaction> {
  const { type, amount } = movement;
  const isIncome = type === 'charge' || type === 'payment';
  const moved = buildBalanceTransaction({
    ...movement,
    id: work.id('balance_transaction'),
    created: work.now,
    fee: movement.fee ?? (isIncome ? chargeFee(type, amount) : 0),
    reportingCategory: movement.reportingCategory ?? REPORTING_CATEGORY[type],
  });
  await work.tx.insert('balance_transaction', moved, null);
  return moved;
}
