import { systemClock } from '@orbit/kernel';
import { instances, type Feature, type Logger } from '@orbit/runtime';
import type { HotBalances } from '@orbit/spend';
import type { Pool } from 'pg';
import type { PostgresAccountWallets } from '../books/adapters/postgres-account-wallets.js';
import type { ChangeWallet } from '../books/application/change-wallet.js';
import type { WalletReader } from '../books/application/ports.js';
import { BlocksController } from './adapters/blocks.controller.js';
import { GrantSchedulesController } from './adapters/grant-schedules.controller.js';
import { PostgresBlockReader } from './adapters/postgres-block-reader.js';
import { PostgresScheduleStore } from './adapters/postgres-schedule-store.js';
import { ChangeBlock } from './application/change-block.js';
import { GrantSchedules } from './application/grant-schedules.js';
import { ReadBlocks } from './application/read-blocks.js';

const WALLETS_PER_SWEEP = 500;
/** How late a period is granted at most, while the ledger is up. */
const SCHEDULE_INTERVAL_MS = 2_000;

export interface BlockParts {
  readonly pool: Pool;
  readonly spend: HotBalances;
  readonly reader: WalletReader;
  readonly changeWallet: ChangeWallet;
  /** Wallets of accounts whose clock stands. */
  readonly wallets: PostgresAccountWallets;
  readonly expireEveryMs: number;
  readonly logger: Logger;
}

/** With what the clocks of accounts and tests need. */
export interface BlocksFeature extends Feature {
  readonly changeBlock: ChangeBlock;
  readonly grantSchedules: GrantSchedules;
}

/** Credit blocks: granted, also by schedule, changed, voided and expired. */
export function blocksFeature(parts: BlockParts): BlocksFeature {
  const { pool, spend, reader, changeWallet, logger } = parts;
  const blocks = new PostgresBlockReader(pool);
  const changeBlock = new ChangeBlock(changeWallet, blocks, systemClock, {
    availableOf: async ({ organizationId, currency }) =>
      (await spend.read(organizationId, currency))?.availableMicros ?? null,
  });
  const grantSchedules = new GrantSchedules(
    changeWallet,
    new PostgresScheduleStore(pool),
    systemClock,
    parts.wallets,
    (scheduleId, error) => logger.warn({ err: error, scheduleId }, 'a period was not granted'),
  );
  return {
    controllers: [BlocksController, GrantSchedulesController],
    providers: instances(changeBlock, new ReadBlocks(reader, blocks, systemClock), grantSchedules),
    jobs: [
      {
        name: 'book expired credit',
        intervalMs: parts.expireEveryMs,
        run: () => changeWallet.sweepExpired(WALLETS_PER_SWEEP),
      },
      {
        name: 'grant periods of schedules',
        intervalMs: SCHEDULE_INTERVAL_MS,
        run: () => grantSchedules.runDue(),
      },
    ],
    changeBlock,
    grantSchedules,
  };
}
