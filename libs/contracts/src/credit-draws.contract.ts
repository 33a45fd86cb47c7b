/** Nest TCP patterns about credit that documents draw; wallet-ledger answers. */
export const CREDIT_DRAWS_RPC = {
  /**
   * DrawCredits → CreditsDrawn. Takes credit for the lines of a document, as far as credit goes, and books it for good.
   * Once per document: a repeat is given the first answer, whatever it asks and whatever the wallet holds by then.
   * Errors: invalid_field, unsupported_currency, unavailable.
   */
  draw: 'credits.draw',
} as const;

export interface DrawCredits {
  /** Who pays. */
  readonly organization_id: string;
  /** Which wallet: the currency or unit that the lines are priced in. */
  readonly currency: string;
  /** Of the invoice. */
  readonly document_id: string;
  /** In the order in which they draw, at most DRAW_PARTS_MAX; a line may come in parts, one for each day. */
  readonly parts: readonly CreditDrawPart[];
}

export interface CreditDrawPart {
  readonly line_id: string;
  readonly price_id: string | null;
  /** Above zero, with at most six decimals. */
  readonly amount: string;
  /** The start of the local day of the usage: credit pays that had begun and had not expired by then. */
  readonly used_at: string;
}

export const DRAW_PARTS_MAX = 2_000;

export interface CreditsDrawn {
  readonly document_id: string;
  readonly currency: string;
  /** Of all lines. */
  readonly applied: string;
  /** Lines that credit paid something of. */
  readonly lines: readonly {
    readonly line_id: string;
    readonly applied: string;
    readonly slices: readonly { readonly block_id: string; readonly amount: string }[];
  }[];
}
