import { instant, positiveAmount, walletRef } from '../schema/fields.js';
import { namesOf, operation } from '../schema/operation.js';
import { list, nothing, nullable, object, optional, text, type Static } from '../schema/shape.js';

export const HELD_CURRENCIES_MAX = 100;
export const HOLDERS_MAX = 1_000;
export const DRAW_PARTS_MAX = 2_000;

const id = text({ pattern: '^[!-~]{1,200}$', says: 'is 1 to 200 visible ASCII characters' });

export const HeldCredits = object({
  holders: list(
    object({
      organization_id: id,
      currencies: list(text(), { maxItems: HELD_CURRENCIES_MAX }),
    }),
    { maxItems: HOLDERS_MAX },
  ),
});
export type HeldCredits = Static<typeof HeldCredits>;

/** In the order of the holders. */
export const CreditsHeld = object({ held: list(object({ currencies: list(text()) })) });
export type CreditsHeld = Static<typeof CreditsHeld>;

export const ReturnCredit = object({
  ...walletRef,
  return_id: id,
  document_id: id,
  line_id: id,
  amount: positiveAmount(),
});
export type ReturnCredit = Static<typeof ReturnCredit>;

export const CreditReturned = object({
  return_id: text(),
  /** Returned amount, also in an earlier request with this return_id. */
  returned: text(),
});
export type CreditReturned = Static<typeof CreditReturned>;

export const CreditDrawPart = object({
  line_id: id,
  price_id: nullable(id),
  amount: positiveAmount(),
  /** The start of the local day of the usage: credit pays that had begun and had not expired by then. */
  used_at: instant(),
});
export type CreditDrawPart = Static<typeof CreditDrawPart>;

const accrued = {
  subscription_id: id,
  /** Rises with each report of one subscription; an older one changes nothing. */
  version: text({ pattern: '^[0-9]{1,18}$', says: 'is a whole number' }),
} as const;

export const AccrueCredits = object({
  ...walletRef,
  ...accrued,
  /** All that the subscription used and that is on no invoice yet, in the order of days: it replaces what was reported. */
  parts: list(CreditDrawPart, { maxItems: DRAW_PARTS_MAX }),
});
export type AccrueCredits = Static<typeof AccrueCredits>;

export const CreditHolders = object({
  organization_ids: list(id, { maxItems: HOLDERS_MAX }),
});
export type CreditHolders = Static<typeof CreditHolders>;

export const DrawCredits = object({
  /** The payer, and the wallet in the currency or unit that the lines are priced in. */
  ...walletRef,
  /** Id of the invoice. */
  document_id: id,
  /** In the order in which they draw; a line may come in parts, one for each day. */
  parts: list(CreditDrawPart, { maxItems: DRAW_PARTS_MAX }),
  /** Lines of `accrue` that this document takes over: with the draw they are pending no more. */
  replaces: optional(object({ ...accrued, line_ids: list(id, { maxItems: DRAW_PARTS_MAX }) })),
});
export type DrawCredits = Static<typeof DrawCredits>;

export const CreditsDrawn = object({
  document_id: text(),
  currency: text(),
  /** The sum of all lines. */
  applied: text(),
  /** Lines that credit paid something of. */
  lines: list(
    object({
      line_id: text(),
      applied: text(),
      slices: list(object({ block_id: text(), amount: text() })),
    }),
  ),
});
export type CreditsDrawn = Static<typeof CreditsDrawn>;

/** Credit that documents draw. */
export const CREDIT_DRAWS = {
  /**
   * Takes credit for the lines of a document, as far as credit goes, and books it for good. Once per document and
   * wallet: a repeat is given the first answer, whatever it asks and whatever the wallet holds by then.
   */
  draw: operation('credits.draw', DrawCredits, CreditsDrawn, ['unsupported_currency']),
  /** The answer that a draw would get now; nothing is booked. */
  preview: operation('credits.preview', DrawCredits, CreditsDrawn, ['unsupported_currency']),
  /**
   * Sets aside what an invoice of today would draw for usage that is on none yet. Absolute: the newest report of a
   * subscription counts, whatever is repeated or comes late. It is never refused and never makes debt.
   */
  accrue: operation('credits.accrue', AccrueCredits, nothing, ['unsupported_currency']),
  /** Which of these organizations hold credit, of whatever currency or unit. */
  holders: operation('credits.holders', CreditHolders, CreditHolders),
  /** In which wallets of each holder a draw may find anything. */
  held: operation('credits.held', HeldCredits, CreditsHeld),
  /**
   * Gives back to the blocks that a document's line drew from, the last of them first, at most what was drawn and is
   * not back yet. Once per return_id.
   */
  giveBack: operation('credits.give_back', ReturnCredit, CreditReturned, [
    'unsupported_currency',
    'not_found',
  ]),
} as const;

/** The names on the wire, for who asks without a client. */
export const CREDIT_DRAWS_RPC = namesOf(CREDIT_DRAWS);
