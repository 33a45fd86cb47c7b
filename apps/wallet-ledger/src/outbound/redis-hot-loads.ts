import type { Logger } from '@orbit/runtime';
import type { HotBalances } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { HotLoads, HotWalletState, LoadPermit, WalletKey } from '../application/ports.js';
import type { RecoverEpoch } from '../application/recover-epoch.js';
import type { OldHolds, SettleOldHolds } from '../application/settle-old-holds.js';

export interface RedisHotLoadsParts {
  readonly redis: Redis;
  readonly hotBalances: HotBalances;
  readonly recovery: Pick<RecoverEpoch, 'isTrusted'>;
  readonly settleOldHolds: Pick<SettleOldHolds, 'run'>;
  readonly logger: Logger;
}

/** Brings wallets to Redis, as long as its memory may be trusted. */
export class RedisHotLoads implements HotLoads {
  constructor(private readonly parts: RedisHotLoadsParts) {}

  async permit({ organizationId }: WalletKey): Promise<LoadPermit | null> {
    const { redis, hotBalances, recovery, logger } = this.parts;
    // Who asks is told the outage policy at once, instead of after a timeout.
    if (redis.status !== 'ready') return null;
    try {
      const permit = await hotBalances.permitLoad(organizationId);
      return (await recovery.isTrusted()) ? permit : null;
    } catch (error) {
      logger.warn({ err: error }, 'wallets cannot be brought to Redis now');
      return null;
    }
  }

  async load(wallet: HotWalletState, permit: LoadPermit): Promise<boolean> {
    const { hotBalances, settleOldHolds, logger } = this.parts;
    const found = await hotBalances.load(wallet, permit);
    if (found === 'loaded_with_old_holds') {
      settleOldHolds.run(wallet).catch((error: unknown) => {
        logger.warn({ err: error }, 'old holds stay until they lapse or are published again');
      });
    }
    return found !== 'lost';
  }
}

/** More holds than this of one wallet are left to lapse. */
const HOLDS_MAX = 5_000;

export class RedisOldHolds implements OldHolds {
  constructor(private readonly hotBalances: HotBalances) {}

  read({ organizationId, currency }: WalletKey): ReturnType<OldHolds['read']> {
    return this.hotBalances.readHolds(organizationId, currency, HOLDS_MAX);
  }
}
