import { within } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import type { HotBalances } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type {
  HotLoads,
  HotWalletState,
  LoadPermit,
  WalletKey,
} from '../../books/application/ports.js';
import type { RecoverEpoch } from '../application/recover-epoch.js';
import type { OldHolds, ConfirmOldHolds } from '../application/confirm-old-holds.js';

export interface RedisHotLoadsParts {
  readonly redis: Redis;
  readonly hotBalances: HotBalances;
  readonly recovery: Pick<RecoverEpoch, 'isTrusted'>;
  readonly confirmOldHolds: Pick<ConfirmOldHolds, 'run'>;
  readonly logger: Logger;
}

/** A Redis that hangs is unavailable, too: the caller gets that answer before it gives up asking, in milliseconds. */
const ANSWER_MS_MAX = 1_000;

/** Brings wallets to Redis, as long as its memory may be trusted. */
export class RedisHotLoads implements HotLoads {
  constructor(private readonly parts: RedisHotLoadsParts) {}

  async permit({ organizationId }: WalletKey): Promise<LoadPermit | null> {
    const { redis, hotBalances, recovery, logger } = this.parts;
    // The caller gets the outage policy at once, instead of after a timeout.
    if (redis.status !== 'ready') return null;
    try {
      const trusted = async (): Promise<LoadPermit | null> => {
        const permit = await hotBalances.permitLoad(organizationId);
        return (await recovery.isTrusted()) ? permit : null;
      };
      return await within(trusted(), ANSWER_MS_MAX);
    } catch (error) {
      logger.warn({ err: error }, 'wallets cannot be brought to Redis now');
      return null;
    }
  }

  async load(wallet: HotWalletState, permit: LoadPermit): Promise<boolean> {
    const { hotBalances, confirmOldHolds, logger } = this.parts;
    let found: Awaited<ReturnType<HotBalances['load']>>;
    try {
      found = await within(hotBalances.load(wallet, permit), ANSWER_MS_MAX);
    } catch (error) {
      // Should it be written all the same, it is what the ledger says, and the permit's guard stands.
      logger.warn({ err: error }, 'a wallet could not be brought to Redis');
      return false;
    }
    if (found === 'loaded_with_old_holds') {
      confirmOldHolds.run(wallet).catch((error: unknown) => {
        logger.warn({ err: error }, 'old holds stay until they expire or are published again');
      });
    }
    return found !== 'lost';
  }
}

/** More holds than this of one wallet are left to expire. */
const HOLDS_MAX = 5_000;

export class RedisOldHolds implements OldHolds {
  constructor(private readonly hotBalances: HotBalances) {}

  read({ organizationId, currency }: WalletKey): ReturnType<OldHolds['read']> {
    return this.hotBalances.readHolds(organizationId, currency, HOLDS_MAX);
  }
}
