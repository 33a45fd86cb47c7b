import { currency, instant, object, organizationId, positiveAmount, text } from './schema.js';

/** Fact: a payer disputes the payment of a top-up; the payment provider took the amount and a fee. The ledger holds the amount and pauses the wallet. */
export interface DisputeOpened {
  readonly dispute_id: string;
  readonly topup_id: string;
  readonly organization_id: string;
  /** In the unit of the wallet, as the top-up was. */
  readonly amount: string;
  readonly currency: string;
  readonly payment_intent_id: string;
  readonly reason: string;
  /** Fee that the payment provider has kept so far; absent: nothing. */
  readonly fee?: string;
  readonly occurred_at: string;
}

const fee = { type: 'string', pattern: '^\\d{1,10}(\\.\\d{1,6})?$' } as const;

export const disputeOpenedSchema = object(
  {
    dispute_id: text,
    topup_id: text,
    organization_id: organizationId,
    amount: positiveAmount,
    currency,
    payment_intent_id: text,
    reason: text,
    fee,
    occurred_at: instant,
  },
  ['fee'],
);

/** Fact: the dispute was decided. `fee` is what the payment provider keeps, "0" when nothing. */
export interface DisputeClosed {
  readonly dispute_id: string;
  readonly topup_id: string;
  readonly organization_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly payment_intent_id: string;
  readonly outcome: 'won' | 'lost';
  readonly fee: string;
  readonly occurred_at: string;
}

export const disputeClosedSchema = object({
  dispute_id: text,
  topup_id: text,
  organization_id: organizationId,
  amount: positiveAmount,
  currency,
  payment_intent_id: text,
  outcome: { enum: ['won', 'lost'] },
  fee,
  occurred_at: instant,
});
