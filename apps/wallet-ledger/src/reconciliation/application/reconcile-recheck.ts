import type { RecheckedWallets } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Currency } from '@orbit/money';
import type { WalletReader } from '../../books/application/ports.js';
import type { FreezeWallet } from './reconcile-freeze.js';
import { breachView } from './reconcile-health.js';
import type { ReconcileStore } from './reconcile-ports.js';

/** An operator's look at the wallets of an organization, and the only way out of a freeze. */
export class RecheckWallets {
  constructor(
    private readonly freezing: FreezeWallet,
    private readonly store: ReconcileStore,
    private readonly reader: WalletReader,
    private readonly clock: Clock,
  ) {}

  /** Null when there is no such wallet. Errors: unavailable while Redis is unavailable. */
  async run(
    organizationId: string,
    currency: Currency | null,
    clears: boolean,
  ): Promise<RecheckedWallets | null> {
    const wallets: RecheckedWallets['wallets'][number][] = [];
    for (const key of await this.store.listWallets(organizationId, currency)) {
      const checked = await this.freezing.recheck(key, clears);
      const record = await this.reader.find(key);
      if (!checked || !record) continue;
      const { pausedReason, walletId } = record.wallet;
      const nowMs = this.clock.nowMs();
      wallets.push({
        organization_id: organizationId,
        currency: key.currency,
        wallet_id: walletId,
        outbound_paused: pausedReason !== null,
        outbound_block_reason: pausedReason,
        breaches: checked.breaches.map((breach) => breachView(breach, nowMs)),
      });
    }
    return wallets.length === 0 ? null : { wallets };
  }
}
