import type { Decimal } from '@orbit/pricing';

/** A sale of another room, with an invoice of one line. */
export interface OneOffOrder {
  /** Of the invoice. */
  readonly id: string;
  readonly accountId: string;
  /** Of a customer who has none yet. */
  readonly defaultCurrency: string;
  /** Null: the item that is named as the line; it is made where there is none. */
  readonly itemId: string | null;
  readonly name: string;
  readonly quantity: Decimal;
  /** Decimal text, in the customer's currency. */
  readonly unitAmount: string;
  readonly invoiceDateMs: number;
  readonly netTerms: number;
  /** In place of the terms. */
  readonly fixedDueMs: number | null;
  readonly memo: string | null;
  readonly autoCollection: boolean;
  /** Somebody said that it is. */
  readonly isPaid: boolean;
}
