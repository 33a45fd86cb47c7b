import type {
  BalancesAtPage,
  ChargeExplanation,
  LedgerHealth,
  RecheckedWallets,
} from '@orbit/contracts';
import type { Clients } from './edge/rpc/clients.js';

/** A ledger that holds. */
export const HEALTHY: LedgerHealth = {
  status: 'ok',
  reasons: [],
  holds: true,
  stalls: [],
  checks: [
    {
      check: 'entries_add_up',
      fact: 'the entries add up',
      last_true_at: '2026-05-16T11:59:58.000Z',
      last_run_at: '2026-05-16T11:59:58.000Z',
      wallets: 3,
      holds: true,
    },
  ],
  breaches: [],
  breach_count: 0,
  sealing: { root_no: '7', root: 'ab', sealed_at: '2026-05-16T11:59:57.000Z', lag_ms: 2_000 },
  wallets: { in_last_turn: 3, last_turn_at: '2026-05-16T11:59:58.000Z' },
  checked_at: '2026-05-16T12:00:00.000Z',
};

/** What the ledger proves, as a test wants it. */
export class FakeProofs {
  /** By organization and charge. */
  readonly explanations = new Map<string, ChargeExplanation>();
  healthNow: LedgerHealth = HEALTHY;
  healthCalls = 0;
  /** Never answers for its health. */
  isSilent = false;
  page: BalancesAtPage = { at: '2026-05-16T00:00:00.000Z', balances: [], after: null };
  readonly queries: unknown[] = [];
  rechecked: RecheckedWallets | null = null;

  clients(): Pick<Clients, 'explain' | 'balancesAt' | 'ledgerHealth'> {
    return {
      explain: {
        charge: async ({ organization_id, charge_id }) =>
          this.explanations.get(`${organization_id} ${charge_id}`) ?? null,
      },
      balancesAt: {
        read: async (query) => {
          this.queries.push(query);
          return this.page;
        },
      },
      ledgerHealth: {
        read: () => {
          this.healthCalls++;
          if (this.isSilent) return new Promise(() => undefined);
          return Promise.resolve(this.healthNow);
        },
        recheck: async (request) => {
          this.queries.push(request);
          return this.rechecked;
        },
      },
    };
  }
}
