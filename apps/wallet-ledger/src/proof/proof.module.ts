import { systemClock } from '@orbit/kernel';
import { instances, type Feature, type Logger } from '@orbit/runtime';
import type { AuthorizationIds } from '@orbit/spend';
import type { Pool } from 'pg';
import type { LedgerEvents } from '../books/application/ports.js';
import type { TouchingHotBalances } from '../hot-balances/application/touched-wallets.js';
import { PostgresReconcileStore } from '../reconciliation/adapters/postgres-reconcile-store.js';
import type { ReconcileStore } from '../reconciliation/application/reconcile-ports.js';
import { PostgresProofReader } from './adapters/postgres-proof-reader.js';
import { PostgresSealStore } from './adapters/postgres-seal-store.js';
import { ProofController } from './adapters/proof.controller.js';
import { BalanceAt } from './application/balance-at.js';
import { ExplainCharge } from './application/explain-charge.js';
import { SealEntries } from './application/seal-entries.js';
import type { SealWatch } from './application/seal-ports.js';

/** Sealing takes at most this share of the time, also while it catches up. */
const SEAL_SHARE_MAX = 0.1;

export interface ProofParts {
  readonly logger: Logger;
  readonly pool: Pool;
  readonly ids: AuthorizationIds;
  readonly events: LedgerEvents;
  /** The hot balances that every change of a wallet goes through. */
  readonly hotBalances: TouchingHotBalances;
  readonly sealEveryMs: number;
}

/** Proofs of the books afterwards: seals, explanations, balances of the past. Posting needs none of it. */
export function proofFeature(parts: ProofParts): Feature {
  const { logger, pool, ids, events, hotBalances, sealEveryMs } = parts;
  const sealing = new SealEntries(
    new PostgresSealStore(pool),
    hotBalances.forSealing,
    events,
    sealWatch(logger, new PostgresReconcileStore(pool)),
    systemClock,
    sealEveryMs * SEAL_SHARE_MAX,
  );
  const proofs = new PostgresProofReader(pool);
  return {
    controllers: [ProofController],
    providers: instances(
      new ExplainCharge(proofs, (hold) => ids.idOf(hold)),
      new BalanceAt(proofs),
    ),
    jobs: [{ name: 'seal entries', intervalMs: sealEveryMs, run: () => sealing.run() }],
  };
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
