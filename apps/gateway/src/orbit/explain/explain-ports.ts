import type { ChargeState } from '@orbit/spend';

/** Charges on their way to the books. Errors: OrbitError `unavailable` when Redis is unavailable. */
export interface ChargeStates {
  read(organizationId: string, chargeId: string): Promise<ChargeState | null>;
}
