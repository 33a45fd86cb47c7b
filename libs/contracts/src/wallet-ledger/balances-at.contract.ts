import { instant, pageFields, ownerFilter, shownInstant, unitFilter } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import { integer, list, nullable, object, optional, text, type Static } from '../schema/shape.js';

const INSTANT = '2026-05-16T12:00:00.000Z';
/** Number of the last wallet seen. */
const WALLET_NO = '^\\d{1,18}$';

/** As the operator asks for a page. */
export const BalancesAtPageQuery = object({
  at: instant({ example: INSTANT, description: 'An instant with its zone.' }),
  organization_id: ownerFilter,
  currency: unitFilter({ example: 'USD' }),
  ...pageFields(WALLET_NO),
});
export type BalancesAtPageQuery = Static<typeof BalancesAtPageQuery>;

export const BalancesAtQuery = object({
  at: instant(),
  organization_id: optional(text()),
  currency: optional(text()),
  limit: integer({ minimum: 1 }),
  after: optional(text({ pattern: WALLET_NO, says: 'is the number of a wallet' })),
});
export type BalancesAtQuery = Static<typeof BalancesAtQuery>;

export const BalanceAt = object(
  {
    organization_id: text(),
    wallet_id: text(),
    currency: text({ example: 'USD' }),
    balance: text({ example: '99.9775' }),
    /** "0" before the first. */
    sequence: text({
      example: '42',
      description: 'Sequence number of the last entry booked by then.',
    }),
    last_entry_at: nullable(shownInstant(INSTANT)),
  },
  { title: 'BalanceAtModel' },
);
export type BalanceAt = Static<typeof BalanceAt>;

export const BalancesAtPage = object({
  at: text(),
  balances: list(BalanceAt),
  /** For the next page; null on the last. */
  after: nullable(text()),
});
export type BalancesAtPage = Static<typeof BalancesAtPage>;

/** As answers over HTTP show a page. */
export const ShownBalancesAt = object(
  { at: shownInstant(INSTANT), balances: list(BalanceAt), cursor: nullable(text()) },
  { title: 'BalancesAtModel' },
);
export type ShownBalancesAt = Static<typeof ShownBalancesAt>;

export const BALANCES_AT = {
  /** Balances of wallets at a past instant, by the number of the wallet. */
  read: operation('ledger.balances_at', BalancesAtQuery, BalancesAtPage),
} as const;
