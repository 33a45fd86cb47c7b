import type { Clock } from '@orbit/kernel';
import { checkHeld, checkHot, type Breach } from '../domain/reconcile.js';
import type { Wallet } from '../../books/domain/wallet.js';
import { walletKey, type HotBalancesPort, type WalletKey } from '../../books/application/ports.js';
import type { HotAudit, ReconcileWatch } from './reconcile-ports.js';
import { hotStateOf } from '../../books/application/settlements.js';

/** A hot balance that had to be repaired this often in a row is a breach. */
const MENDS_MAX = 3;

export interface HotResult {
  readonly breaches: ReadonlyMap<string, readonly Breach[]>;
  /** To be looked at again in the next run. */
  readonly again: readonly WalletKey[];
  /** False when Redis did not answer: nothing was checked. */
  readonly checked: boolean;
}

/**
 * Compares Redis with the ledger. Redis is a cache, so what differs there alone is set right first, from the
 * ledger; only what differs again at once, or keeps differing, is a breach.
 */
export class HotChecks {
  /** How often in a row each wallet had to be repaired. */
  private readonly repairs = new Map<string, number>();

  constructor(
    private readonly audit: HotAudit,
    private readonly hotBalances: HotBalancesPort,
    private readonly watch: ReconcileWatch,
    private readonly clock: Clock,
  ) {}

  async run(wallets: readonly Wallet[]): Promise<HotResult> {
    try {
      const first = await this.compare(wallets);
      const suspects = wallets.filter((wallet) => first.has(walletKey(wallet)));
      if (suspects.length === 0) {
        this.clearRepairs(wallets);
        return { breaches: new Map(), again: [], checked: true };
      }
      await this.repair(suspects, first);
      const second = await this.compare(suspects);
      return { ...this.judge(wallets, first, second), checked: true };
    } catch {
      // Redis is unavailable; posting says so loudly, and health says that nothing was checked since.
      return { breaches: new Map(), again: [], checked: false };
    }
  }

  /** The wallets with a difference; an empty list where Redis is only behind. */
  private async compare(wallets: readonly Wallet[]): Promise<Map<string, Breach[]>> {
    const found = new Map<string, Breach[]>();
    if (wallets.length === 0) return found;
    const [hot, held] = await Promise.all([
      this.audit.readHot(wallets),
      this.audit.readHeld(wallets, false),
    ]);
    const nowMs = this.clock.nowMs();
    for (const [index, wallet] of wallets.entries()) {
      const numbers = hot[index];
      const sums = held[index];
      const breaches: Breach[] = [];
      let isBehind = false;
      if (numbers) {
        const verdict = checkHot(hotStateOf(wallet, nowMs), numbers, nowMs);
        if (verdict.status === 'different') breaches.push(verdict.breach);
        isBehind = verdict.status === 'behind';
      }
      const uneven = sums ? checkHeld(sums.heldMicros, sums.sumMicros) : null;
      if (uneven) breaches.push(uneven);
      if (breaches.length > 0 || isBehind) found.set(walletKey(wallet), breaches);
    }
    return found;
  }

  private async repair(
    suspects: readonly Wallet[],
    found: ReadonlyMap<string, readonly Breach[]>,
  ): Promise<void> {
    const nowMs = this.clock.nowMs();
    await this.hotBalances.confirm(
      suspects.map((wallet) => ({
        wallet: hotStateOf(wallet, nowMs),
        charges: [],
        claimId: null,
      })),
    );
    const uneven = suspects.filter((wallet) =>
      found.get(walletKey(wallet))?.some(({ check }) => check === 'held_is_sum_of_holds'),
    );
    if (uneven.length > 0) await this.audit.readHeld(uneven, true);
    for (const wallet of suspects) {
      for (const breach of found.get(walletKey(wallet)) ?? []) this.watch.repaired(wallet, breach);
    }
  }

  private judge(
    wallets: readonly Wallet[],
    first: ReadonlyMap<string, readonly Breach[]>,
    second: ReadonlyMap<string, readonly Breach[]>,
  ): Omit<HotResult, 'checked'> {
    const breaches = new Map<string, readonly Breach[]>();
    const again: WalletKey[] = [];
    this.clearRepairs(
      wallets.filter((wallet) => (first.get(walletKey(wallet))?.length ?? 0) === 0),
    );
    for (const wallet of wallets) {
      const key = walletKey(wallet);
      const before = first.get(key);
      if (!before) continue;
      again.push({ organizationId: wallet.organizationId, currency: wallet.currency });
      if (before.length === 0) continue;
      const count = (this.repairs.get(key) ?? 0) + 1;
      this.repairs.set(key, count);
      const still = second.get(key) ?? [];
      if (still.length > 0) breaches.set(key, still);
      else if (count >= MENDS_MAX) breaches.set(key, before);
    }
    return { breaches, again };
  }

  private clearRepairs(wallets: readonly Wallet[]): void {
    if (this.repairs.size === 0) return;
    for (const wallet of wallets) this.repairs.delete(walletKey(wallet));
  }
}
