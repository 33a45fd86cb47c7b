import { CHANNEL_PATTERN } from '@orbit/events';
import { dateOrInstant, instant, shownInstant, walletRef } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';
import { TRANSACTION_TYPES, TransactionView } from './transaction.shape.js';

/** As the public asks for a page. Its cursor comes as one text, or in two halves. */
export const TransactionsQuery = object({
  limit: integer({ minimum: 1, maximum: 200, default: 30 }),
  cursor: optional(text({ description: 'The opaque `cursor` of the page before.' })),
  cursor_ts: optional(text({ description: '`next_cursor.cursor_ts` of the page before.' })),
  cursor_id: optional(text({ description: '`next_cursor.cursor_id` of the page before.' })),
  type: optional(oneOf(TRANSACTION_TYPES)),
  channel: optional(
    text({
      example: 'sms',
      pattern: CHANNEL_PATTERN,
      says: 'is 1 to 64 of a-z, 0-9, "_" and "-", a letter first',
    }),
  ),
  from: optional(
    dateOrInstant({ description: 'From this date or instant on.', example: '2026-05-01' }),
  ),
  to: optional(
    dateOrInstant({ description: 'Before this date or instant.', example: '2026-06-01' }),
  ),
});
export type TransactionsQuery = Static<typeof TransactionsQuery>;

export const TransactionListQuery = object({
  ...walletRef,
  limit: integer({ minimum: 1 }),
  /** Opaque id of the last transaction seen ("ct_…"); the page starts after it, newest first. */
  after_id: optional(text()),
  type: optional(oneOf(TRANSACTION_TYPES)),
  channel: optional(text()),
  /** Half-open [from, to). */
  from: optional(instant()),
  to: optional(instant()),
});
export type TransactionListQuery = Static<typeof TransactionListQuery>;

export const TransactionPage = object({ transactions: list(TransactionView), has_more: flag() });
export type TransactionPage = Static<typeof TransactionPage>;

/** Where a page ended: the instant and id of its last row. */
const NextCursor = object(
  {
    cursor_ts: shownInstant('2026-05-16T11:21:18.901Z'),
    cursor_id: text({ example: 'ct_2vXq7p9yzAbCdEe' }),
  },
  { title: 'NextCursorModel' },
);

/** As answers over HTTP show a page. */
export const ShownTransactionPage = object(
  {
    transactions: list(TransactionView),
    next_cursor: nullable(NextCursor),
    cursor: nullable(text(), { description: '`next_cursor` as one text.' }),
    has_more: flag({ example: true }),
  },
  { title: 'TransactionPageModel' },
);
export type ShownTransactionPage = Static<typeof ShownTransactionPage>;

/** Entries of a wallet, as its owner sees them. */
export const TRANSACTIONS = {
  /** Newest first; stable while entries are added. */
  list: operation('transactions.list', TransactionListQuery, TransactionPage),
} as const;
