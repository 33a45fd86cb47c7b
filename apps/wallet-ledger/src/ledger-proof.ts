import { systemClock } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import type { Pool } from 'pg';
import type { LedgerEvents } from './application/ports.js';
import { SealEntries } from './application/seal-entries.js';
import type { SealWatch } from './application/seal-ports.js';
import type { TouchingHotBalances } from './application/seal-touched.js';
import { IntervalJob } from './inbound/interval-job.js';
import { PostgresSealStore } from './outbound/postgres-seal-store.js';
import type { WalletLedgerConfig } from './wallet-ledger.config.js';

/** Sealing takes at most this share of the time, also while it catches up. */
const SEAL_SHARE_MAX = 0.2;

export interface LedgerProofParts {
  readonly config: WalletLedgerConfig;
  readonly logger: Logger;
  readonly pool: Pool;
  readonly events: LedgerEvents;
}

/** What proves the books: seals, live checks, explanations. Wired apart, because posting needs none of it. */
export class LedgerProof {
  readonly jobs: readonly IntervalJob[];

  constructor(
    { config, logger, pool, events }: LedgerProofParts,
    /** The hot balances that every change of a wallet goes through. */
    touching: TouchingHotBalances,
  ) {
    const sealEveryMs = config.LEDGER_SEAL_INTERVAL_MS;
    const sealing = new SealEntries(
      new PostgresSealStore(pool),
      touching.forSealing,
      events,
      sealWatch(logger),
      systemClock,
      sealEveryMs * SEAL_SHARE_MAX,
    );
    this.jobs = [new IntervalJob('seal entries', sealEveryMs, () => sealing.run(), logger)];
  }
}

function sealWatch(logger: Logger): SealWatch {
  return {
    published: ({ rootNo, root, walletCount, entryCount }) => {
      const fields = { root_no: String(rootNo), root, wallets: walletCount, entries: entryCount };
      logger.info(fields, 'entries sealed');
    },
    gap: ({ walletId }, sequence) => {
      const fields = { wallet_id: walletId, sequence: String(sequence) };
      logger.error(fields, 'an entry is missing; nothing behind it is sealed');
    },
  };
}
