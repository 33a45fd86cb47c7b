import {
  PROOF_RPC,
  type BalancesAtPage,
  type BalancesAtQuery,
  type ChargeExplanation,
  type LedgerHealth,
  type RecheckedWallets,
} from '@orbit/contracts';
import { readChargeState, type AuthorizationIds, type ChargeState } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { ChargeStates, LedgerProofs } from '../explain/explain-ports.js';
import { bounded } from '../../edge/rpc/availability.js';
import type { Rpc } from '../../edge/rpc/rpc-services.js';

export class RpcLedgerProofs implements LedgerProofs {
  constructor(private readonly rpc: Rpc) {}

  explainCharge(organizationId: string, chargeId: string): Promise<ChargeExplanation | null> {
    const payload = { organization_id: organizationId, charge_id: chargeId };
    return this.rpc.call(PROOF_RPC.explainCharge, payload);
  }

  balancesAt(query: BalancesAtQuery): Promise<BalancesAtPage> {
    return this.rpc.call(PROOF_RPC.balancesAt, query);
  }

  health(): Promise<LedgerHealth> {
    return this.rpc.call(PROOF_RPC.health, {});
  }

  recheck(request: Parameters<LedgerProofs['recheck']>[0]): Promise<RecheckedWallets | null> {
    return this.rpc.call(PROOF_RPC.recheck, request);
  }
}

export class RedisChargeStates implements ChargeStates {
  constructor(
    private readonly redis: Redis,
    private readonly ids: AuthorizationIds,
  ) {}

  read(organizationId: string, chargeId: string): Promise<ChargeState | null> {
    return bounded('Redis', readChargeState(this.redis, organizationId, chargeId, this.ids));
  }
}
