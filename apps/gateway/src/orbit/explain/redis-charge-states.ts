import { readChargeState, type AuthorizationIds, type ChargeState } from '@orbit/spend';
import type { Redis } from 'ioredis';
import { bounded } from '../../edge/rpc/availability.js';
import type { ChargeStates } from './explain-ports.js';

export class RedisChargeStates implements ChargeStates {
  constructor(
    private readonly redis: Redis,
    private readonly ids: AuthorizationIds,
  ) {}

  read(organizationId: string, chargeId: string): Promise<ChargeState | null> {
    return bounded('Redis', readChargeState(this.redis, organizationId, chargeId, this.ids));
  }
}
