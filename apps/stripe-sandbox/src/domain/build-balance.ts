import type { BalanceTransaction } from './objects.js';

/** Stripe's standard price for cards: 2.9 % (rounded half up) + 30 minor units, never more than the charge. */
export function chargeFee(amount: number): number {
  return Math.min(amount, Math.floor((amount * 29 + 500) / 1_000) + 30);
}

export function buildBalanceTransaction(given: {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly source: string;
  readonly type: BalanceTransaction['type'];
  readonly reportingCategory: string;
  readonly description: string | null;
}): BalanceTransaction {
  const { fee, currency } = given;
  const detail = {
    amount: fee,
    application: null,
    currency,
    description: 'Processing fees',
    type: 'stripe_fee',
  };
  return {
    id: given.id,
    object: 'balance_transaction',
    amount: given.amount,
    available_on: given.created,
    balance_type: 'payments',
    created: given.created,
    currency,
    description: given.description,
    exchange_rate: null,
    fee,
    fee_details: fee === 0 ? [] : [detail],
    net: given.amount - fee,
    reporting_category: given.reportingCategory,
    source: given.source,
    status: 'available',
    type: given.type,
  };
}
