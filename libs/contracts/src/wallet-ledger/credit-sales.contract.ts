import type { OrbAnswer, OrbCall } from '../orb.contract.js';

/**
 * Nest TCP patterns by which invoicing sells blocks of credit. A block that is to be paid first stands beside the books
 * until it is granted; its id is the sale's, from the first moment on. All of them may be repeated.
 */
export const CREDIT_SALES_RPC = {
  /** OpenCreditSale → CreditSaleOpened. The first terms of a sale stay. */
  open: 'credit_sales.open',
  /** GrantCreditSale → CreditSaleState: the block is booked, once. */
  grant: 'credit_sales.grant',
  /** {sale_id} → CreditSaleState: what is left of the block is taken back; a block that was not granted never is. */
  cancel: 'credit_sales.cancel',
} as const;

export interface OpenCreditSale {
  /** The block's id. */
  readonly sale_id: string;
  /** Of an increment, as the contract has it; what it says of invoices is not read. */
  readonly call: OrbCall;
  readonly source: 'manual' | 'top_up' | 'allocation';
}

export interface CreditSaleOpened {
  /** Null: it can be sold. */
  readonly refusal: OrbAnswer | null;
  /** The increment as a row of the credit ledger that is pending, JSON text. */
  readonly entry: string | null;
  /** When the block begins; null: now. */
  readonly effective_at: string | null;
}

export interface GrantCreditSale {
  readonly sale_id: string;
  /** When the block ends, in place of what the sale said; null: as it said. */
  readonly expires_at: string | null;
}

export interface CreditSaleState {
  readonly status: 'pending' | 'active' | 'void';
  /** The increment as a row of the credit ledger, JSON text; null: it was not booked. */
  readonly entry: string | null;
  /** Of that entry in the books; null: it was not booked. */
  readonly sequence: string | null;
}
