import type { OrbAnswer, OrbCall } from '@orbit/contracts';

/**
 * How far a purchase is. `opening`: the ledger was not asked yet. `refused`: by the ledger, for good. `pending`: the block
 * waits for its payment. `granting`, `voiding`: the ledger is to book it, or to take back what is left of it.
 */
export type PurchaseStage =
  'opening' | 'refused' | 'pending' | 'granting' | 'granted' | 'voiding' | 'void';

/** Settings of the invoice of a purchase. */
export interface PurchaseSettings {
  readonly autoCollection: boolean;
  readonly netTerms: number;
  readonly memo: string | null;
  /** The block waits until the invoice is paid. */
  readonly requiresPayment: boolean;
  readonly isPaid: boolean;
  readonly itemId: string | null;
  /** Null: when the block begins. */
  readonly invoiceDateMs: number | null;
  readonly fixedDueMs: number | null;
}

/** Credit that is bought with an invoice. */
export interface Purchase {
  /** Also the block's. */
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly currency: string;
  readonly source: 'manual' | 'top_up' | 'allocation';
  /** Null: no top-up asked for this block. */
  readonly topUpId: string | null;
  readonly stage: PurchaseStage;
  /** The increment, without what it says of invoices. */
  readonly call: OrbCall;
  readonly requestHash: string;
  readonly settings: PurchaseSettings;
  readonly invoiceId: string | null;
  /** The row of the credit ledger, JSON text. */
  readonly entry: string | null;
  readonly refusal: OrbAnswer | null;
  readonly createdMs: number;
}

/** The stage that follows from the state of its invoice; the same stage: nothing. */
export function stageAfter(
  stage: PurchaseStage,
  invoice: 'draft' | 'issued' | 'paid' | 'synced' | 'void',
): PurchaseStage {
  if (stage === 'pending') {
    if (invoice === 'paid') return 'granting';
    return invoice === 'void' ? 'voiding' : stage;
  }
  return stage === 'granted' && invoice === 'void' ? 'voiding' : stage;
}

/** Whether the ledger still has to be asked for something. */
export const isUnfinished = ({ stage }: Pick<Purchase, 'stage'>): boolean =>
  stage === 'opening' || stage === 'granting' || stage === 'voiding';
