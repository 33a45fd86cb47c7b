import { invariant, type Clock } from '@orbit/kernel';
import {
  CHECKS,
  checkBooks,
  NOTHING_CHECKED,
  type Breach,
  type Check,
} from '../domain/reconcile.js';
import { walletKey, type WalletKey } from '../../books/application/ports.js';
import type { FreezeWallet } from './reconcile-freeze.js';
import type { HotChecks } from './reconcile-hot.js';
import type {
  Advance,
  CheckRun,
  ReconcileStore,
  ReconcileWatch,
  WalletLook,
} from './reconcile-ports.js';
import type { TouchedWallets } from '../../books/application/shared-ports.js';

// A little often: what a run takes, charges that come meanwhile wait for.
const TOUCHED_PER_RUN = 100;
/** Wallets per run that are looked at in turn, whether they changed or not. */
const IN_TURN_PER_RUN = 60;
const ENTRIES_PER_WALLET = 50_000;
const ENTRIES_PER_RUN = 200_000;

const keyOf = ({ wallet }: WalletLook): WalletKey => ({
  organizationId: wallet.organizationId,
  currency: wallet.currency,
});

/**
 * Looks at the live books all the time: the wallets that changed since the last run and some of the others
 * in turn. A run is a constant number of statements and adds every entry up once in its life. What fails
 * freezes that wallet alone.
 */
export class ReconcileWallets {
  private afterWalletNo = 0n;
  private walletsInTurn = 0;

  constructor(
    private readonly store: ReconcileStore,
    private readonly hotChecks: HotChecks,
    private readonly freezing: FreezeWallet,
    private readonly touched: TouchedWallets,
    private readonly watch: ReconcileWatch,
    private readonly clock: Clock,
  ) {}

  /** Returns how many wallets were frozen. */
  async run(): Promise<number> {
    const keys = this.touched.take(TOUCHED_PER_RUN);
    try {
      return await this.look(keys);
    } catch (error) {
      this.touched.putBack(keys);
      throw error;
    }
  }

  private async look(keys: readonly WalletKey[]): Promise<number> {
    const { looks, end } = await this.store.look({
      keys,
      afterWalletNo: this.afterWalletNo,
      limit: IN_TURN_PER_RUN,
      entriesPerWallet: ENTRIES_PER_WALLET,
      entries: ENTRIES_PER_RUN,
    });
    const found = new Map<string, Breach[]>();
    const advances: Advance[] = [];
    const again: WalletKey[] = [];
    for (const look of looks) {
      const verdict = checkBooks(look.wallet, look.checkpoint ?? NOTHING_CHECKED, look.sums);
      found.set(walletKey(look.wallet), [...verdict.breaches]);
      if (verdict.breaches.length === 0) {
        const advance = advanceOf(look, verdict.checkpoint);
        if (advance) advances.push(advance);
        if (look.sums.upTo < look.wallet.sequence) again.push(keyOf(look));
      }
    }
    const hot = await this.hotChecks.run(looks.map(({ wallet }) => wallet));
    for (const [key, breaches] of hot.breaches) found.get(key)?.push(...breaches);
    this.touched.putBack([...again, ...hot.again]);

    if (advances.length > 0) await this.store.advance(advances, this.clock.nowMs());
    const frozen = await this.freezeAll(looks, found);
    await this.report(looks, found, hot.checked, end === null);
    this.walletsInTurn = end === null ? 0 : this.walletsInTurn + looks.length;
    this.afterWalletNo = end ?? 0n;
    return frozen;
  }

  /** A breach that is known already is not published again; but a freeze that did not come to pass is made up for. */
  private async freezeAll(
    looks: readonly WalletLook[],
    found: ReadonlyMap<string, readonly Breach[]>,
  ): Promise<number> {
    let frozen = 0;
    for (const look of looks) {
      const breaches = found.get(walletKey(look.wallet)) ?? [];
      const isKnown = look.openBreaches !== null;
      const isFrozen = look.wallet.pausedReason === 'reconciliation';
      if (breaches.length > 0 && !isKnown) {
        await this.freezing.freeze(look.wallet, breaches);
        frozen++;
      } else if (isKnown && !isFrozen) {
        await this.freezing.freeze(look.wallet, look.openBreaches ?? []);
        frozen++;
      }
    }
    return frozen;
  }

  private async report(
    looks: readonly WalletLook[],
    found: ReadonlyMap<string, readonly Breach[]>,
    isHotChecked: boolean,
    isEndOfTurn: boolean,
  ): Promise<void> {
    const failed = new Set<Check>();
    for (const breaches of found.values()) for (const { check } of breaches) failed.add(check);
    const detail = await this.checkAccounts(isEndOfTurn);
    if (detail !== null) this.watch.alarm(detail);
    const isOfRedis = (check: Check): boolean =>
      check === 'hot_balance_is_ledger' || check === 'held_is_sum_of_holds';
    const runs = (Object.keys(CHECKS) as Check[])
      .filter((check) => isHotChecked || !isOfRedis(check))
      .map((check): CheckRun => {
        const isOfAccounts = check === 'accounts_sum_to_zero';
        const holds = isOfAccounts ? detail === null : !failed.has(check);
        return { check, holds, wallets: looks.length, detail: isOfAccounts ? detail : null };
      });
    const wallets = this.walletsInTurn + looks.length;
    const turn: CheckRun = { check: 'every_wallet_in_turn', holds: true, wallets, detail: null };
    await this.store.saveRuns(isEndOfTurn ? [...runs, turn] : runs, this.clock.nowMs());
  }

  /** The fault of the trial balance; null: none. */
  private async checkAccounts(isEndOfTurn: boolean): Promise<string | null> {
    const totals = await this.store.readTotals(isEndOfTurn);
    for (const { currency, sumMicros, walletsMicros, checkpointsMicros } of totals) {
      if (sumMicros !== 0n) return `accounts in ${currency} sum to ${sumMicros}`;
      if (checkpointsMicros !== null && checkpointsMicros !== walletsMicros) {
        return `wallets in ${currency} hold ${checkpointsMicros}, their account says ${walletsMicros}`;
      }
    }
    return null;
  }
}

/** Null when the checkpoint did not move. */
function advanceOf(look: WalletLook, after: Advance['after']): Advance | null {
  const { wallet, checkpoint: before, moves } = look;
  invariant(before === null || after.sequence >= before.sequence, 'a checkpoint goes forward');
  const isSame =
    before !== null &&
    before.sequence === after.sequence &&
    before.debtMicros === (after.debtMicros ?? before.debtMicros);
  if (isSame) return null;
  return { walletNo: wallet.walletNo, currency: wallet.currency, before, after, moves };
}
