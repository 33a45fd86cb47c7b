import type { Clock } from '@orbit/kernel';
import type { Micros } from '@orbit/money';
import { chargeReference } from '../../books/domain/identifiers.js';
import {
  outcomeKey,
  type HotBalancesPort,
  type LedgerStore,
  type PostedCharge,
  type WalletKey,
  type WalletReader,
} from '../../books/application/ports.js';
import type { RepublishUnsettled } from './republish-unsettled.js';
import { hotStateOf } from '../../books/application/settlements.js';

/** The holds of a wallet in Redis, open or captured. */
export interface OldHolds {
  read(
    key: WalletKey,
  ): Promise<readonly { readonly chargeId: string; readonly amountMicros: Micros }[]>;
}

/**
 * A Redis that came back with an older memory holds money for charges that are long in the books. Those are freed at
 * once; captures that are not in the books are published again; a hold that was released since cannot be
 * distinguished from an open one, and expires by itself.
 */
export class ConfirmOldHolds {
  constructor(
    private readonly store: LedgerStore,
    private readonly reader: WalletReader,
    private readonly holds: OldHolds,
    private readonly hotBalances: HotBalancesPort,
    private readonly republish: RepublishUnsettled,
    private readonly clock: Clock,
  ) {}

  async run(key: WalletKey): Promise<void> {
    const record = await this.reader.find(key);
    if (!record) return;
    const { wallet } = record;
    const holds = await this.holds.read(key);
    const keys = holds.map(({ chargeId }) => ({
      walletNo: wallet.walletNo,
      reference: chargeReference(chargeId),
    }));
    const outcomes = await this.store.inTransaction((tx) => tx.readOutcomes(keys));
    const charges = holds.flatMap(({ chargeId, amountMicros }, at): PostedCharge[] => {
      const outcomeName = keys[at];
      const known = outcomeName && outcomes.get(outcomeKey(outcomeName));
      if (!known) return [];
      return [
        { chargeId, amountMicros, outcome: known.status === 'booked' ? 'posted' : 'rejected' },
      ];
    });
    if (charges.length > 0) {
      const state = hotStateOf(wallet, this.clock.nowMs());
      await this.hotBalances.confirm([{ wallet: state, charges, claimId: null }]);
    }
    await this.republish(key, 0);
  }
}
