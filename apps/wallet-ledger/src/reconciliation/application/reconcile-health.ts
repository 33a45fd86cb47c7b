import type { BreachView, CheckView, LedgerHealth } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { CHECKS, type Breach, type Check } from '../domain/reconcile.js';
import type { HealthReader, StoredHealth } from './reconcile-ports.js';
import { stallReason, stallView } from './stall-view.js';

/** A check that was not true for so many intervals is not fresh any more. */
const INTERVALS_MAX = 6;
const FRESH_MS_MIN = 30_000;
const SEALED = 'entries_sealed' as const;
const SEALED_FACT = 'every entry that was known of is sealed';
const TURN = 'every_wallet_in_turn';

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** Says when each check was last true. Cheap: four statements of a few rows. */
export class ReadLedgerHealth {
  private readonly freshMs: number;

  constructor(
    private readonly reader: HealthReader,
    private readonly clock: Clock,
    intervalsMs: readonly number[],
  ) {
    this.freshMs = Math.max(FRESH_MS_MIN, Math.max(...intervalsMs) * INTERVALS_MAX);
  }

  async run(): Promise<LedgerHealth> {
    const stored = await this.reader.readHealth();
    const nowMs = this.clock.nowMs();
    const names = [...(Object.keys(CHECKS) as Check[]), SEALED] as const;
    const checks = names.map((check) => this.checkView(check, stored, nowMs));
    const turn = stored.checks.find(({ name }) => name === TURN);
    const sealed = stored.checks.find(({ name }) => name === SEALED);
    const { lastRoot, breachedCount } = stored;
    const stalls = stored.stalls.map(({ sinceMs, ...stall }) => stallView(stall, iso(sinceMs)));
    const reasons = [
      ...stalls.map(stallReason),
      ...(breachedCount > 0 ? [`wallets whose books do not add up: ${breachedCount}`] : []),
      ...checks.filter(({ holds }) => !holds).map(({ check }) => `${check}: not true lately`),
    ];
    return {
      status: reasons.length === 0 ? 'ok' : 'degraded',
      reasons,
      holds: breachedCount === 0 && checks.every(({ holds }) => holds),
      stalls,
      checks,
      breaches: stored.breached.flatMap((wallet) =>
        wallet.breaches.map((breach) => ({
          organization_id: wallet.organizationId,
          wallet_id: wallet.walletId,
          currency: wallet.currency,
          ...breachView(breach, wallet.sinceMs),
        })),
      ),
      breach_count: breachedCount,
      sealing: {
        root_no: lastRoot === null ? null : String(lastRoot.rootNo),
        root: lastRoot?.root ?? null,
        sealed_at: isoOrNull(lastRoot?.sealedAtMs ?? null),
        lag_ms: sealed?.lastTrueAtMs == null ? null : Math.max(0, nowMs - sealed.lastTrueAtMs),
      },
      wallets: {
        in_last_turn: turn?.wallets ?? 0,
        last_turn_at: isoOrNull(turn?.lastTrueAtMs ?? null),
      },
      checked_at: iso(nowMs),
    };
  }

  private checkView(check: Check | typeof SEALED, stored: StoredHealth, nowMs: number): CheckView {
    const row = stored.checks.find(({ name }) => name === check);
    const lastTrueAtMs = row?.lastTrueAtMs ?? null;
    const isFresh = lastTrueAtMs !== null && nowMs - lastTrueAtMs <= this.freshMs;
    return {
      check,
      fact: check === SEALED ? SEALED_FACT : CHECKS[check],
      last_true_at: isoOrNull(lastTrueAtMs),
      last_run_at: isoOrNull(row?.lastRunAtMs ?? null),
      wallets: row?.wallets ?? 0,
      holds: isFresh && row?.detail == null,
    };
  }
}

/** A breach as it is shown, without the wallet. */
export function breachView(
  { check, expected, actual }: Breach,
  sinceMs: number,
): Omit<BreachView, 'organization_id' | 'wallet_id' | 'currency'> {
  return { check, fact: CHECKS[check], expected, actual, since: iso(sinceMs) };
}
