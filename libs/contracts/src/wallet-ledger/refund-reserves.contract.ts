import { positiveAmount, walletRef } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import { flag, nullable, object, text, type Static } from '../schema/shape.js';

const id = text({ pattern: '^[!-~]{1,200}$', says: 'is an id' });

export const ReserveRefund = object({
  ...walletRef,
  topup_id: id,
  /** Made by the caller; `refund.completed` and `refund.failed` name it again. */
  refund_id: id,
  /** Null: the whole amount that can be refunded. */
  amount: nullable(positiveAmount()),
});
export type ReserveRefund = Static<typeof ReserveRefund>;

export const RefundReserved = object({
  refund_id: text(),
  topup_id: text(),
  reserved: text(),
  /** Amount that could have been refunded before this. */
  max_refundable: text(),
  replayed: flag(),
});
export type RefundReserved = Static<typeof RefundReserved>;

/** Checkout asks before it refunds. */
export const REFUND_RESERVES = {
  /** Idempotent by refund_id. `details.max_refundable` of a refusal is the most that can be refunded. */
  reserve: operation('refund.reserve', ReserveRefund, RefundReserved, [
    'unsupported_currency',
    'not_found',
    'conflict',
    'insufficient_funds',
    'refund_exceeds_unspent',
    'idempotency_key_conflict',
  ]),
} as const;
