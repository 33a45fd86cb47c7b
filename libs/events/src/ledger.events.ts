import { currency, instant, nullable, object, organizationId, sequence, text } from './schema.js';

/** Fact: a check of the live books failed; that wallet alone is frozen with reason `reconciliation`. */
export interface ReconciliationBreached {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  /** The sentence that should be true. */
  readonly fact: string;
  readonly expected: string;
  readonly actual: string;
  readonly sequence: string;
  readonly occurred_at: string;
}

export const reconciliationBreachedSchema = object({
  organization_id: organizationId,
  wallet_id: text,
  currency,
  fact: text,
  expected: text,
  actual: text,
  sequence,
  occurred_at: instant,
});

/** Fact: the entries of one interval are sealed under this Merkle root. Hashes are lower-case hex. */
export interface LedgerSealed {
  readonly root_no: string;
  readonly root: string;
  readonly previous_root: string | null;
  readonly wallet_count: number;
  readonly entry_count: number;
  readonly sealed_at: string;
}

const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const count = { type: 'integer', minimum: 0 } as const;

export const ledgerSealedSchema = object({
  root_no: sequence,
  root: hash,
  previous_root: nullable(hash),
  wallet_count: count,
  entry_count: count,
  sealed_at: instant,
});
