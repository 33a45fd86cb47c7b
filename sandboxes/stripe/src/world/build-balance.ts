import type { BalanceTransaction } from './objects.js';

const DEBIT_FEE_MAX = 500;

/**
 * Stripe's standard prices. Cards: 2.9 % (rounded half up) + 30 minor units, never more than the charge.
 * Bank debits: 0.8 %, at most 5.00.
 */
export function chargeFee(type: 'charge' | 'payment', amount: number): number {
  if (type === 'payment') return Math.min(DEBIT_FEE_MAX, Math.floor((amount * 8 + 500) / 1_000));
  return Math.min(amount, Math.floor((amount * 29 + 500) / 1_000) + 30);
}

export function buildBalanceTransaction(given: {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly source: string | null;
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
