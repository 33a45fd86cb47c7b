import { instant, ownerFilter, pageFields, shownInstant } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';

const FROM = '2026-05-01T00:00:00.000Z';
const TO = '2026-06-01T00:00:00.000Z';

export const MARGIN_BY = ['channel', 'price', 'organization'] as const;
export type MarginBy = (typeof MARGIN_BY)[number];

const period = {
  by: oneOf(MARGIN_BY, { example: 'channel' }),
  from: instant({ example: FROM, description: 'Booked from then on; an instant with its zone.' }),
  to: instant({ example: TO, description: 'And before then; at most 366 days later.' }),
} as const;

/** As the operator asks for a page. */
export const MarginPageQuery = object({
  ...period,
  organization_id: ownerFilter,
  account_id: ownerFilter,
  ...pageFields('^[\\w-]{1,512}$'),
});
export type MarginPageQuery = Static<typeof MarginPageQuery>;

export const MarginQuery = object({
  ...period,
  organization_id: optional(text()),
  account_id: optional(text()),
  limit: integer({ minimum: 1 }),
  /** `next` of the page before. */
  after: optional(text()),
});
export type MarginQuery = Static<typeof MarginQuery>;

/** Exact decimal strings, in one currency or unit. */
export const MarginRow = object(
  {
    key: nullable(text({ example: 'ai' }), {
      description: 'Channel, price or organization; null: charges that name none.',
    }),
    currency: text({ example: 'USD' }),
    charges: integer({ example: 1000 }),
    /** Booked to `revenue`, with what `rounding` carried of it. */
    revenue: text({ example: '8.755', description: 'Less reversals; exact.' }),
    cost: text({ example: '3.5', description: 'Of the charges that name a cost; exact.' }),
    margin: text({ example: '5.255', description: 'revenue − cost' }),
  },
  { title: 'MarginRowModel' },
);
export type MarginRow = Static<typeof MarginRow>;

export const MarginPage = object({ rows: list(MarginRow), next: nullable(text()) });
export type MarginPage = Static<typeof MarginPage>;

/** As answers over HTTP show a page. */
export const ShownMargin = object(
  {
    by: oneOf(MARGIN_BY, { example: 'channel' }),
    from: shownInstant(FROM),
    to: shownInstant(TO),
    rows: list(MarginRow),
    cursor: nullable(text(), { description: 'Of the next page; null: the last.' }),
  },
  { title: 'MarginModel' },
);
export type ShownMargin = Static<typeof ShownMargin>;

export const MARGIN = {
  read: operation('margin.read', MarginQuery, MarginPage),
} as const;
