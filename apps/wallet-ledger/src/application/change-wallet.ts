import { OrbitError, type WalletView } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import type { Micros } from '@orbit/money';
import { WalletDraft } from '../domain/wallet-draft.js';
import type { Wallet } from '../domain/wallet.js';
import { hotStateOf } from './post-batch.js';
import {
  walletKey,
  type HotBalancesPort,
  type LedgerEvents,
  type LedgerStore,
  type WalletKey,
  type WalletReader,
} from './ports.js';
import { walletView } from './wallet-views.js';

/** Changes of one wallet that do not come over Kafka: opened, paused, resumed, swept. */
export class ChangeWallet {
  constructor(
    private readonly store: LedgerStore,
    private readonly reader: WalletReader,
    private readonly hotBalances: HotBalancesPort,
    private readonly events: LedgerEvents,
    private readonly clock: Clock,
  ) {}

  /** Opens the wallet once; a repeat answers with the one that is there. */
  async open(key: WalletKey, lowBalanceMicros: Micros | null): Promise<WalletView> {
    await this.reader.open(key, newId('wal', this.clock.nowMs()), lowBalanceMicros);
    const view = await this.load(key);
    if (!view) throw new OrbitError('internal', 'The wallet was opened but is not there.');
    return view;
  }

  /** Reads the wallet and sets its hot balance; null when there is no such wallet. */
  async load(key: WalletKey): Promise<WalletView | null> {
    const record = await this.reader.find(key);
    if (!record) return null;
    const nowMs = this.clock.nowMs();
    await this.hotBalances.settle([settlement(record.wallet, nowMs)]);
    return walletView(record, nowMs);
  }

  /** Pauses or resumes by hand. The fact is published even when nothing changed: a repeat after a crash tells it. */
  async setPaused(key: WalletKey, isPaused: boolean): Promise<WalletView> {
    const wallet = await this.change(key, (draft) => draft.setPaused(isPaused));
    const nowMs = this.clock.nowMs();
    await this.events.publish(
      [
        {
          topic: isPaused ? 'wallet.paused' : 'wallet.resumed',
          id: `${isPaused ? 'paused' : 'resumed'}:manual:${wallet.walletNo}:${wallet.version}`,
          key: key.organizationId,
          value: {
            organization_id: key.organizationId,
            wallet_id: wallet.walletId,
            currency: wallet.currency,
            reason: 'manual',
            sequence: String(wallet.sequence),
            occurred_at: new Date(nowMs).toISOString(),
          },
        },
      ],
      nowMs,
    );
    const view = await this.load(key);
    if (!view) throw new OrbitError('not_found', 'There is no such wallet.');
    return view;
  }

  /** Books expired credit as breakage; the balance that anybody saw does not change. */
  async sweepExpired(limit: number): Promise<number> {
    const nowMs = this.clock.nowMs();
    const keys = await this.reader.listExpired(nowMs, limit);
    for (const key of keys) await this.change(key, (draft) => draft.sweepExpired(nowMs));
    return keys.length;
  }

  private async change(key: WalletKey, apply: (draft: WalletDraft) => unknown): Promise<Wallet> {
    const wallet = await this.store.inTransaction(async (tx) => {
      const locked = (await tx.lockWallets([key])).get(walletKey(key));
      if (!locked) throw new OrbitError('not_found', 'There is no such wallet.');
      const draft = new WalletDraft(locked);
      apply(draft);
      if (draft.isChanged) {
        const blocks = draft.changedBlocks().map((block) => ({ walletNo: locked.walletNo, block }));
        await tx.save({ wallets: [draft.current], blocks, entries: draft.entries, rejections: [] });
      }
      return draft.current;
    });
    await this.hotBalances.settle([settlement(wallet, this.clock.nowMs())]);
    return wallet;
  }
}

const settlement = (wallet: Wallet, nowMs: number) => ({
  wallet: hotStateOf(wallet, nowMs),
  charges: [],
  claimId: null,
});
