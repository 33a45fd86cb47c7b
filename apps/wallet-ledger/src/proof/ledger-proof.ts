import type { Provider } from '@nestjs/common';
import { systemClock } from '@orbit/kernel';
import type { BackgroundJob, Logger } from '@orbit/runtime';
import type { AuthorizationIds, HotBalances } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { BalanceAt } from './application/balance-at.js';
import { ExplainCharge } from './application/explain-charge.js';
import type { PostBatch } from '../books/application/post-batch.js';
import type { LedgerEvents, WalletReader } from '../books/application/ports.js';
import { FreezeWallet } from '../reconciliation/application/reconcile-freeze.js';
import { ReadLedgerHealth } from '../reconciliation/application/reconcile-health.js';
import { HotChecks } from '../reconciliation/application/reconcile-hot.js';
import type {
  ReconcileStore,
  ReconcileWatch,
} from '../reconciliation/application/reconcile-ports.js';
import { RecheckWallets } from '../reconciliation/application/reconcile-recheck.js';
import { ReconcileWallets } from '../reconciliation/application/reconcile-wallets.js';
import { SealEntries } from './application/seal-entries.js';
import type { SealWatch } from './application/seal-ports.js';
import type { TouchingHotBalances } from '../hot-balances/application/touched-wallets.js';
import { TellStalls } from '../reconciliation/application/tell-stalls.js';
import { reportHealth } from '../reconciliation/adapters/health-readings.js';
import { PostgresHealthReader } from '../reconciliation/adapters/postgres-health-reader.js';
import { PostgresProofReader } from './adapters/postgres-proof-reader.js';
import { PostgresReconcileStore } from '../reconciliation/adapters/postgres-reconcile-store.js';
import { PostgresSealStore } from './adapters/postgres-seal-store.js';
import { PostgresStallStore } from '../reconciliation/adapters/postgres-stall-store.js';
import { RedisHotAudit } from '../reconciliation/adapters/redis-hot-audit.js';
import type { WalletLedgerConfig } from '../wallet-ledger.config.js';

/** Sealing takes at most this share of the time, also while it catches up. */
const SEAL_SHARE_MAX = 0.1;
/** A tenth of how long it is believed (postgres-stall-store.ts). */
const STALLS_INTERVAL_MS = 1_000;

export interface LedgerProofParts {
  readonly config: WalletLedgerConfig;
  readonly logger: Logger;
  readonly pool: Pool;
  readonly redis: Redis;
  readonly ids: AuthorizationIds;
  readonly spend: HotBalances;
  readonly events: LedgerEvents;
  readonly reader: WalletReader;
  readonly postBatch: PostBatch;
  /** The hot balances that every change of a wallet goes through. */
  readonly hotBalances: TouchingHotBalances;
}

/** What proves the books: seals, live checks, explanations. Wired apart, because posting needs none of it. */
export class LedgerProof {
  readonly jobs: readonly BackgroundJob[];
  /** What ProofController answers with. */
  readonly providers: readonly Provider[];
  /** Told by whoever sees something stand still. */
  readonly stalls: TellStalls;

  constructor(parts: LedgerProofParts) {
    const { config, logger, pool, redis, spend, events, reader, postBatch } = parts;
    const { hotBalances, ids } = parts;
    const books = new PostgresReconcileStore(pool);
    const sealEveryMs = config.LEDGER_SEAL_INTERVAL_MS;
    const sealing = new SealEntries(
      new PostgresSealStore(pool),
      hotBalances.forSealing,
      events,
      sealWatch(logger, books),
      systemClock,
      sealEveryMs * SEAL_SHARE_MAX,
    );
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
    const proofs = new PostgresProofReader(pool);
    const intervals = [sealEveryMs, checkEveryMs];
    const healthReader = new PostgresHealthReader(pool);
    reportHealth(healthReader, systemClock);
    const health = new ReadLedgerHealth(healthReader, systemClock, intervals);
    const recheck = new RecheckWallets(freezing, books, reader, systemClock);
    this.providers = [
      { provide: ExplainCharge, useValue: new ExplainCharge(proofs, (hold) => ids.idOf(hold)) },
      { provide: BalanceAt, useValue: new BalanceAt(proofs) },
      { provide: ReadLedgerHealth, useValue: health },
      { provide: RecheckWallets, useValue: recheck },
    ];
    const stalls = new TellStalls(new PostgresStallStore(pool));
    this.stalls = stalls;
    this.jobs = [
      { name: 'report stalls', intervalMs: STALLS_INTERVAL_MS, run: () => stalls.run() },
      { name: 'seal entries', intervalMs: sealEveryMs, run: () => sealing.run() },
      { name: 'reconcile wallets', intervalMs: checkEveryMs, run: () => reconciling.run() },
    ];
  }
}

function sealWatch(logger: Logger, books: ReconcileStore): SealWatch {
  return {
    published: ({ rootNo, root, walletCount, entryCount }) => {
      const fields = { root_no: String(rootNo), root, wallets: walletCount, entries: entryCount };
      logger.info(fields, 'entries sealed');
    },
    gap: ({ walletId }, sequence) => {
      const fields = { wallet_id: walletId, sequence: String(sequence) };
      logger.error(fields, 'an entry is missing; nothing behind it is sealed');
    },
    ran: (isCaughtUp) => {
      const run = { check: 'entries_sealed' as const, holds: isCaughtUp, wallets: 0, detail: null };
      return books.saveRuns([run], systemClock.nowMs());
    },
  };
}

function reconcileWatch(logger: Logger): ReconcileWatch {
  return {
    breached: ({ organizationId, walletId }, breaches) => {
      const fields = { organization_id: organizationId, wallet_id: walletId, breaches };
      logger.error(fields, 'the books of a wallet do not add up; it is frozen');
    },
    mended: ({ organizationId, currency }, breach) => {
      const fields = { organization_id: organizationId, currency, ...breach };
      logger.warn(fields, 'a hot balance differed and was set again from the ledger');
    },
    alarm: (detail) => logger.error({ detail }, 'the accounts do not sum to zero'),
  };
}
