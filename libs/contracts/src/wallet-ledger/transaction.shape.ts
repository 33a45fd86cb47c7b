import {
  list,
  number,
  flag,
  nullable,
  object,
  oneOf,
  record,
  text,
  type Static,
} from '../schema/shape.js';
import { shownAmount, shownInstant, shownWalletRef } from '../schema/fields.js';

export const TRANSACTION_TYPES = [
  'topup',
  'spend',
  'refund',
  'reversal',
  'adjustment',
  'grant',
  'expiry',
  'dispute',
  'fee',
  'extension',
  'amendment',
  'void',
  'reopen',
  'transfer',
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

/** One ledger entry as the wallet sees it: negative takes from it. */
export const TransactionView = object(
  {
    id: text({ example: 'ct_2vXq7p9yzAbCdEe' }),
    type: oneOf(TRANSACTION_TYPES, { example: 'spend' }),
    /** cents(balance after) − cents(balance before): a client's sum always equals the balance it sees. */
    amount_minor: number({
      example: -42,
      description: 'Change of the balance in cents. All of them add up to `balance_cents`.',
    }),
    amount: shownAmount('-0.4175', { description: 'Exact amount, a decimal string.' }),
    balance_after: shownAmount('149.5825', {
      description: 'Exact; of the books, where credit counts that begins only later.',
    }),
    reference: text({ example: 'charge:sms_msg_01J9KP3R5W8YEQ4DXG6N7H2VKZ' }),
    channel: nullable(text({ example: 'sms' })),
    metadata: record(undefined, { example: { channel: 'sms', country: '1' } }),
    sequence: text({ example: '42', description: 'Position in the wallet, without gaps.' }),
    created_at: shownInstant('2026-05-16T11:21:18.901Z'),
    expires_at: nullable(text({ example: null })),
    refunded_at: nullable(text({ example: null })),
  },
  { title: 'TransactionModel' },
);
export type TransactionView = Static<typeof TransactionView>;

/** Entries of an operation with a reference, and the wallet after it. */
export const BookedView = object(
  {
    ...shownWalletRef,
    reference: text({ example: 'inc-2041' }),
    transactions: list(TransactionView),
    balance_after: shownAmount('95.00'),
    replayed: flag({
      description: 'True for a repeat: this is the first answer, nothing was booked now.',
    }),
  },
  { title: 'BookedModel' },
);
export type BookedView = Static<typeof BookedView>;
