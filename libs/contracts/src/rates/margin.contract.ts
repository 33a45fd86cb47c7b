/** Nest TCP pattern of the ledger: MarginQuery → MarginPage. */
export const MARGIN_RPC = { read: 'margin.read' } as const;

export const MARGIN_BY = ['channel', 'price', 'organization'] as const;
export type MarginBy = (typeof MARGIN_BY)[number];

export interface MarginQuery {
  readonly by: MarginBy;
  /** ISO 8601; booked from then on … */
  readonly from: string;
  /** … and before then. */
  readonly to: string;
  readonly organization_id?: string;
  readonly account_id?: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/** Exact decimal strings, in one currency or unit. */
export interface MarginRow {
  /** Channel, price or organization; null: charges that name none. */
  readonly key: string | null;
  readonly currency: string;
  readonly charges: number;
  /** Booked to `revenue`, less what was reversed, with what `rounding` carried of it. */
  readonly revenue: string;
  /** Of the charges that name one. */
  readonly cost: string;
  /** revenue − cost */
  readonly margin: string;
}

export interface MarginPage {
  readonly rows: readonly MarginRow[];
  readonly next: string | null;
}
