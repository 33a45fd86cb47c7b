import { systemClock } from '@orbit/kernel';
import { instances, type Feature, type Logger } from '@orbit/runtime';
import type { HotBalances } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { WalletReader } from '../books/application/ports.js';
import type { PostBatch } from '../books/application/post-batch.js';
import type { TouchingHotBalances } from '../hot-balances/application/touched-wallets.js';
import type { WalletLedgerConfig } from '../wallet-ledger.config.js';
import { reportHealth } from './adapters/health-readings.js';
import { LedgerHealthController } from './adapters/ledger-health.controller.js';
import { PostgresHealthReader } from './adapters/postgres-health-reader.js';
import { PostgresReconcileStore } from './adapters/postgres-reconcile-store.js';
import { PostgresStallStore } from './adapters/postgres-stall-store.js';
import { RedisHotAudit } from './adapters/redis-hot-audit.js';
import { FreezeWallet } from './application/reconcile-freeze.js';
import { ReadLedgerHealth } from './application/reconcile-health.js';
import { HotChecks } from './application/reconcile-hot.js';
import type { ReconcileWatch } from './application/reconcile-ports.js';
import { RecheckWallets } from './application/reconcile-recheck.js';
import { ReconcileWallets } from './application/reconcile-wallets.js';
import { ReportStalls } from './application/report-stalls.js';

/** A tenth of how long a report counts (postgres-stall-store.ts). */
const STALLS_INTERVAL_MS = 1_000;

export interface ReconciliationParts {
  readonly config: WalletLedgerConfig;
  readonly logger: Logger;
  readonly pool: Pool;
  readonly redis: Redis;
  readonly spend: HotBalances;
  readonly reader: WalletReader;
  readonly postBatch: PostBatch;
  /** The hot balances that every change of a wallet goes through. */
  readonly hotBalances: TouchingHotBalances;
}

/** With the collector that parts report their stalls to. */
export interface ReconciliationFeature extends Feature {
  readonly stalls: ReportStalls;
}

/** Live checks of the books and of Redis against them; a wallet that does not add up is frozen. */
export function reconciliationFeature(parts: ReconciliationParts): ReconciliationFeature {
  const { config, logger, pool, redis, spend, reader, postBatch, hotBalances } = parts;
  const books = new PostgresReconcileStore(pool);
  const watch = reconcileWatch(logger);
  const audit = new RedisHotAudit(redis, spend);
  const hotChecks = new HotChecks(audit, hotBalances, watch, systemClock);
  const freezing = new FreezeWallet(books, hotChecks, postBatch, watch, systemClock);
  const reconciling = new ReconcileWallets(
    books,
    hotChecks,
    freezing,
    hotBalances.forReconciliation,
    watch,
    systemClock,
  );
  const checkEveryMs = config.LEDGER_RECONCILE_INTERVAL_MS;
  const health = new PostgresHealthReader(pool);
  reportHealth(health, systemClock);
  const stalls = new ReportStalls(new PostgresStallStore(pool));
  return {
    controllers: [LedgerHealthController],
    providers: instances(
      new ReadLedgerHealth(health, systemClock, [config.LEDGER_SEAL_INTERVAL_MS, checkEveryMs]),
      new RecheckWallets(freezing, books, reader, systemClock),
    ),
    jobs: [
      { name: 'report stalls', intervalMs: STALLS_INTERVAL_MS, run: () => stalls.run() },
      { name: 'reconcile wallets', intervalMs: checkEveryMs, run: () => reconciling.run() },
    ],
    stalls,
  };
}

function reconcileWatch(logger: Logger): ReconcileWatch {
  return {
    breached: ({ organizationId, walletId }, breaches) => {
      const fields = { organization_id: organizationId, wallet_id: walletId, breaches };
      logger.error(fields, 'the books of a wallet do not add up; it is frozen');
    },
    repaired: ({ organizationId, currency }, breach) => {
      const fields = { organization_id: organizationId, currency, ...breach };
      logger.warn(fields, 'a hot balance differed and was set again from the ledger');
    },
    alarm: (detail) => logger.error({ detail }, 'the accounts do not sum to zero'),
  };
}
