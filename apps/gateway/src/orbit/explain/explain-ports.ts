import type {
  BalancesAtPage,
  BalancesAtQuery,
  ChargeExplanation,
  LedgerHealth,
  RecheckedWallets,
} from '@orbit/contracts';
import type { ChargeState } from '@orbit/spend';

/** What the wallet-ledger proves. Errors: OrbitError `unavailable`, `timeout`, or what the ledger throws. */
export interface LedgerProofs {
  explainCharge(organizationId: string, chargeId: string): Promise<ChargeExplanation | null>;
  balancesAt(query: BalancesAtQuery): Promise<BalancesAtPage>;
  health(): Promise<LedgerHealth>;
  recheck(request: {
    readonly organization_id: string;
    readonly currency?: string;
    readonly clear: boolean;
  }): Promise<RecheckedWallets | null>;
}

/** Charges on their way to the books. Errors: OrbitError `unavailable` when Redis is away. */
export interface ChargeStates {
  read(organizationId: string, chargeId: string): Promise<ChargeState | null>;
}
