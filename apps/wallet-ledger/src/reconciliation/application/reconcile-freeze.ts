import { OrbitError, type BlockReason } from '@orbit/contracts';
import type { ReconciliationBreached } from '@orbit/events';
import { invariant, type Clock } from '@orbit/kernel';
import { freeze, unfreeze } from '../domain/reconcile-freeze.js';
import { CHECKS, checkBooks, NOTHING_CHECKED, type Breach } from '../domain/reconcile.js';
import type { Wallet } from '../../books/domain/wallet.js';
import type { ChangeCommand } from '../../books/application/commands.js';
import type { PostBatch } from '../../books/application/post-batch.js';
import { walletKey, type LedgerEvent, type WalletKey } from '../../books/application/ports.js';
import type { HotChecks } from './reconcile-hot.js';
import type { ReconcileStore, ReconcileWatch } from './reconcile-ports.js';

/** Freezes a wallet for a breach, and lifts that after a check from its first entry on. */
export class FreezeWallet {
  constructor(
    private readonly store: ReconcileStore,
    private readonly hotChecks: HotChecks,
    private readonly postBatch: PostBatch,
    private readonly watch: ReconcileWatch,
    private readonly clock: Clock,
  ) {}

  /** The breach is kept first: a crash before the freeze leaves one that the next look makes up for. */
  async freeze(wallet: Wallet, breaches: readonly Breach[]): Promise<void> {
    const priorReason = wallet.pausedReason === 'reconciliation' ? null : wallet.pausedReason;
    const { walletNo } = wallet;
    await this.store.saveBreaches([{ walletNo, breaches, priorReason }], this.clock.nowMs());
    this.watch.breached(wallet, breaches);
    await this.change(wallet, {
      apply: (draft) => {
        freeze(draft);
        return { status: 'changed', entries: [] };
      },
      events: (frozen) => [
        ...breaches.map((breach) => this.breachEvent(wallet, breach)),
        this.pauseEvent('wallet.paused', frozen),
      ],
    });
  }

  /**
   * Checks a wallet from its first entry on. With `clears`, one that is frozen is released when every check
   * holds. Returns what is wrong; null when there is no such wallet.
   */
  async recheck(
    key: WalletKey,
    clears: boolean,
  ): Promise<{ readonly wallet: Wallet; readonly breaches: readonly Breach[] } | null> {
    const look = await this.store.lookFromZero(key);
    if (!look) return null;
    const { wallet } = look;
    const verdict = checkBooks(wallet, NOTHING_CHECKED, look.sums);
    const hot = await this.hotChecks.run([wallet]);
    if (!hot.checked)
      throw new OrbitError('unavailable', 'Redis is unavailable; check again later.');
    const breaches = [...verdict.breaches, ...(hot.breaches.get(walletKey(wallet)) ?? [])];
    if (breaches.length > 0 || !clears || look.openBreaches === null) return { wallet, breaches };
    await this.release(wallet, await this.store.clearBreaches(wallet.walletNo));
    return { wallet, breaches: [] };
  }

  private async release(wallet: Wallet, priorReason: BlockReason | null): Promise<void> {
    await this.change(wallet, {
      apply: (draft) => {
        unfreeze(draft, priorReason);
        return { status: 'changed', entries: [] };
      },
      events: (released) => [this.pauseEvent('wallet.resumed', released)],
    });
  }

  private async change(
    wallet: Wallet,
    command: Pick<ChangeCommand, 'apply' | 'events'>,
  ): Promise<void> {
    const key = { organizationId: wallet.organizationId, currency: wallet.currency };
    const change: ChangeCommand = { kind: 'change', key, reference: null, reads: {}, ...command };
    const [result] = await this.postBatch.run([change], 'reconciliation');
    invariant(result?.status === 'booked', 'a pause is never refused');
  }

  private breachEvent(wallet: Wallet, { check, expected, actual }: Breach): LedgerEvent {
    const value: ReconciliationBreached = {
      organization_id: wallet.organizationId,
      wallet_id: wallet.walletId,
      currency: wallet.currency,
      fact: CHECKS[check],
      expected,
      actual,
      sequence: String(wallet.sequence),
      occurred_at: this.nowIso(),
    };
    const id = `breached:${check}:${wallet.walletNo}:${wallet.version}`;
    return { topic: 'reconciliation.breached', id, key: wallet.organizationId, value };
  }

  private pauseEvent(topic: 'wallet.paused' | 'wallet.resumed', wallet: Wallet): LedgerEvent {
    return {
      topic,
      id: `${topic}:reconciliation:${wallet.walletNo}:${wallet.version}`,
      key: wallet.organizationId,
      value: {
        organization_id: wallet.organizationId,
        wallet_id: wallet.walletId,
        currency: wallet.currency,
        reason: 'reconciliation',
        sequence: String(wallet.sequence),
        occurred_at: this.nowIso(),
      },
    };
  }

  private nowIso(): string {
    return new Date(this.clock.nowMs()).toISOString();
  }
}
