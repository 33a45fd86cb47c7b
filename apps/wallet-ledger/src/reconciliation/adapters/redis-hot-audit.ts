import { readHoldSums, type HoldSums, type HotBalances } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { WalletKey } from '../../books/application/ports.js';
import type { HotAudit } from '../application/reconcile-ports.js';
import type { HotNumbers } from '../domain/reconcile.js';

/** Reads what Redis has, in a few scripts of many wallets. */
export class RedisHotAudit implements HotAudit {
  constructor(
    private readonly redis: Redis,
    private readonly hotBalances: HotBalances,
  ) {}

  readHot(keys: readonly WalletKey[]): Promise<readonly (HotNumbers | null)[]> {
    return this.hotBalances.readAll(keys);
  }

  readHeld(keys: readonly WalletKey[], repairs: boolean): Promise<readonly (HoldSums | null)[]> {
    return readHoldSums(this.redis, keys, { repairs });
  }
}
