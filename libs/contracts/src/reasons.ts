/** Why a wallet's outbound is paused. `balance_depleted`: the overdraft is spent too; it clears itself when money arrives. */
export const BLOCK_REASONS = ['balance_depleted', 'dispute', 'manual', 'reconciliation'] as const;
export type BlockReason = (typeof BLOCK_REASONS)[number];

/** Why the ledger rejected a charge. Highest precedence first. */
export const CHARGE_REJECTIONS = ['charge_id_conflict', 'paused', 'insufficient_funds'] as const;
export type ChargeRejection = (typeof CHARGE_REJECTIONS)[number];

/** Why an authorization was refused. Values, not errors (docs/design.md, 4). */
export const REFUSALS = [
  'unknown_wallet',
  'charge_id_conflict',
  'paused',
  'insufficient_funds',
  'unavailable',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Policies of authorization while Redis is unavailable. */
export const OUTAGE_POLICY_NAMES = ['closed', 'open_with_budget', 'open'] as const;
export type OutagePolicyName = (typeof OUTAGE_POLICY_NAMES)[number];
