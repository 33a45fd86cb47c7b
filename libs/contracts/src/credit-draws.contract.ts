/** Nest TCP patterns about credit that documents draw; wallet-ledger answers. */
export const CREDIT_DRAWS_RPC = {
  /**
   * DrawCredits → CreditsDrawn. Takes credit for the lines of a document, as far as credit goes, and books it for good.
   * Once per document and wallet: a repeat is given the first answer, whatever it asks and whatever the wallet holds by
   * then. Errors: invalid_field, unsupported_currency, unavailable.
   */
  draw: 'credits.draw',
  /** DrawCredits → CreditsDrawn. What a draw would say now; nothing is booked. Errors: as of draw. */
  preview: 'credits.preview',
  /** HeldCredits → CreditsHeld. In which wallets a draw may find anything. Errors: invalid_field, unavailable. */
  held: 'credits.held',
  /**
   * ReturnCredit → CreditReturned. Gives back to the blocks that a document's line drew from, the last of them first, at
   * most what was drawn and is not back yet. Once per return_id. Errors: as of draw, not_found.
   */
  giveBack: 'credits.give_back',
} as const;

export interface HeldCredits {
  readonly organization_id: string;
  /** At most HELD_CURRENCIES_MAX. */
  readonly currencies: readonly string[];
}

export interface CreditsHeld {
  readonly currencies: readonly string[];
}

export const HELD_CURRENCIES_MAX = 100;

export interface ReturnCredit {
  readonly organization_id: string;
  readonly currency: string;
  readonly return_id: string;
  readonly document_id: string;
  readonly line_id: string;
  /** Above zero, with at most six decimals. */
  readonly amount: string;
}

export interface CreditReturned {
  readonly return_id: string;
  /** Returned amount, also in an earlier request with this return_id. */
  readonly returned: string;
}

export interface DrawCredits {
  /** The payer. */
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
