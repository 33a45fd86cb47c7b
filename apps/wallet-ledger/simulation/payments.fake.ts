import { micros } from '@orbit/money';

export interface Refund {
  readonly id: string;
  readonly amount: bigint;
  state: 'pending' | 'succeeded' | 'failed';
}

export interface Dispute {
  readonly id: string;
  readonly amount: bigint;
  state: 'open' | 'won' | 'lost';
  fee: bigint;
}

/** A payment as Stripe knows it, and what went back of it. */
export interface Payment {
  readonly name: string;
  readonly topUpId: string;
  readonly amount: bigint;
  readonly refunds: Refund[];
  readonly disputes: Dispute[];
}

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

/** What Stripe would still pay back. */
export function leftOf({ amount, refunds, disputes }: Payment): bigint {
  const refunded = refunds.filter(({ state }) => state !== 'failed');
  const disputed = disputes.filter(({ state }) => state !== 'won');
  const gone = sum([...refunded, ...disputed].map((claim) => claim.amount));
  return amount - gone;
}

/** What checkout tells the ledger of a refund. */
export const refundFact = ({ topUpId }: Payment, { id, amount }: Refund) => ({
  refundId: id,
  topUpId,
  amountMicros: micros(amount),
  facts: {},
});

/** What checkout tells the ledger of a dispute. */
export function disputeFact({ topUpId }: Payment, { id, amount, fee }: Dispute) {
  const amounts = { amountMicros: micros(amount), feeMicros: micros(fee) };
  return { disputeId: id, topUpId, ...amounts, facts: {} };
}
