import type { AllowanceUnit } from '@orbit/allowances';

export interface DueGrant {
  readonly subscriptionId: string;
  readonly organizationId: string;
  readonly planId: string;
  readonly unit: AllowanceUnit;
  readonly quantity: number;
  readonly effectiveAtMs: number;
  readonly periodEndMs: number;
}

/** Storage of the allowances of paid periods. */
export interface GrantStore {
  /** Written and not granted yet, oldest first. */
  readDueGrants(limit: number): Promise<readonly DueGrant[]>;
  closeGrant(grant: DueGrant, nowMs: number): Promise<void>;
}

/** The ledger. Errors: OrbitError `unavailable`, `timeout`; a repeat grants once. */
export interface AllowanceLedger {
  grant(grant: DueGrant): Promise<void>;
}
