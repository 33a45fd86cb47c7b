import { OrbAnswer, OrbCall } from '../orb.contract.js';
import { instant } from '../schema/fields.js';
import { namesOf, operation } from '../schema/operation.js';
import { nullable, object, oneOf, text, type Static } from '../schema/shape.js';

/** The block's id: a sale has it from the first moment on. */
const sale = {
  sale_id: text({ pattern: '^blk_[0-9A-Za-z]{10,40}$', says: 'is the id of a block' }),
} as const;

export const OpenCreditSale = object({
  ...sale,
  /** Of an increment, as the contract has it; what it says of invoices is not read. */
  call: OrbCall,
  source: oneOf(['manual', 'top_up', 'allocation']),
});
export type OpenCreditSale = Static<typeof OpenCreditSale>;

export const CreditSaleOpened = object({
  /** Null: it can be sold. */
  refusal: nullable(OrbAnswer),
  /** The increment as a row of the credit ledger that is pending, JSON text. */
  entry: nullable(text()),
  /** When the block begins; null: now. */
  effective_at: nullable(text()),
});
export type CreditSaleOpened = Static<typeof CreditSaleOpened>;

export const GrantCreditSale = object({
  ...sale,
  /** When the block ends, in place of what the sale said; null: as it said. */
  expires_at: nullable(instant()),
});
export type GrantCreditSale = Static<typeof GrantCreditSale>;

export const CreditSaleState = object({
  status: oneOf(['pending', 'active', 'void']),
  /** The increment as a row of the credit ledger, JSON text; null: it was not booked. */
  entry: nullable(text()),
  /** Sequence of that entry in the books; null: it was not booked. */
  sequence: nullable(text()),
});
export type CreditSaleState = Static<typeof CreditSaleState>;

/**
 * Blocks of credit that invoicing sells. A block that is to be paid first stands beside the books until it is granted.
 * All of them may be repeated.
 */
export const CREDIT_SALES = {
  /** The first terms of a sale stay. */
  open: operation('credit_sales.open', OpenCreditSale, CreditSaleOpened),
  /** The block is booked, once. */
  grant: operation('credit_sales.grant', GrantCreditSale, CreditSaleState, ['not_found']),
  /** Takes back the rest of the block; a block that was not granted never is. */
  cancel: operation('credit_sales.cancel', object(sale), CreditSaleState, ['not_found']),
} as const;

/** The names on the wire, for who asks without a client. */
export const CREDIT_SALES_RPC = namesOf(CREDIT_SALES);
