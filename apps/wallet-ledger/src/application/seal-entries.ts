import type { LedgerSealed } from '@orbit/events';
import type { Clock } from '@orbit/kernel';
import { merkleRoot } from '../domain/seal-merkle.js';
import { chainHashes, genesisHash, rootHash, type SealableEntry } from '../domain/seal.js';
import { walletKey, type LedgerEvents, type WalletKey } from './ports.js';
import type {
  EntryRange,
  Seal,
  SealRoot,
  SealStore,
  SealTransaction,
  SealWatch,
  TouchedWallets,
  UnsealedWallet,
} from './seal-ports.js';

/** Entries of one transaction: about 20 ms of this process, in which it posts nothing else. */
const ENTRIES_PER_ROUND = 2_500;
const WALLETS_PER_ROUND = 1_000;
/** Wallets per run that are looked at in turn, for those that no hint names (a crash, another instance). */
const WALLETS_IN_TURN = 400;
const ROOTS_PER_PUBLICATION = 100;

/**
 * Seals entries some moments after they were booked. One round is one transaction: the new entries of
 * some wallets are hashed onto their chains, the seals of the round get one Merkle root, and the root is
 * chained to the one before. A crash before the commit leaves nothing; one after it leaves a root that
 * the next run publishes. A run makes one root per interval, and more only while it catches up.
 */
export class SealEntries {
  private afterWalletNo = 0n;

  constructor(
    private readonly store: SealStore,
    private readonly touched: TouchedWallets,
    private readonly events: LedgerEvents,
    private readonly watch: SealWatch,
    private readonly clock: Clock,
    /** A run that has more to do stops after this, so that sealing takes only its share of the machine. */
    private readonly runMsMax: number,
  ) {}

  /** Answers how many entries were sealed. */
  async run(): Promise<number> {
    const startedMs = this.clock.nowMs();
    await this.publish();
    let count = 0;
    let window = WALLETS_IN_TURN;
    let hasMore = true;
    while (hasMore && (window > 0 || this.clock.nowMs() - startedMs < this.runMsMax)) {
      const round = await this.sealRound(window);
      count += round.entryCount;
      ({ hasMore } = round);
      window = 0;
    }
    if (count > 0) await this.publish();
    await this.watch.ran(!hasMore, count);
    return count;
  }

  private async sealRound(
    window: number,
  ): Promise<{ readonly entryCount: number; readonly hasMore: boolean }> {
    const keys = this.touched.take(WALLETS_PER_ROUND);
    try {
      const round = await this.store.exclusively((tx) => this.seal(tx, keys, window));
      this.touched.putBack(round.unfinished);
      if (window > 0) {
        this.afterWalletNo = (await this.store.endOfWindow(this.afterWalletNo, window)) ?? 0n;
      }
      const hasMore = round.unfinished.length > 0 || keys.length === WALLETS_PER_ROUND;
      return { entryCount: round.entryCount, hasMore };
    } catch (error) {
      this.touched.putBack(keys);
      throw error;
    }
  }

  private async seal(
    tx: SealTransaction,
    keys: readonly WalletKey[],
    window: number,
  ): Promise<{ readonly entryCount: number; readonly unfinished: readonly WalletKey[] }> {
    const unsealed = await tx.findUnsealed(keys, this.afterWalletNo, window);
    const { ranges, unfinished } = share(unsealed);
    if (ranges.length === 0) return { entryCount: 0, unfinished };
    const previous = await tx.lastRoot();
    const rootNo = (previous?.rootNo ?? 0n) + 1n;
    const entries = await tx.readEntries(ranges);
    const seals = this.sealsOf(unsealed, entries, rootNo);
    if (seals.length === 0) return { entryCount: 0, unfinished: [] };
    const leaves = seals.map(({ hashes }) => merkleRoot(hashes));
    const content = {
      rootNo,
      previousRoot: previous?.root ?? null,
      merkleRoot: merkleRoot(leaves),
      walletCount: seals.length,
      entryCount: seals.reduce((sum, { hashes }) => sum + hashes.length, 0),
      sealedAtMs: this.clock.nowMs(),
    };
    await tx.save({ ...content, leaves, root: rootHash(content) }, seals);
    return { entryCount: content.entryCount, unfinished };
  }

  /** One seal per wallet, in the order of the wallets. */
  private sealsOf(
    unsealed: readonly UnsealedWallet[],
    entries: readonly SealableEntry[],
    rootNo: bigint,
  ): Seal[] {
    const byWallet = new Map<bigint, SealableEntry[]>();
    for (const entry of entries) {
      const list = byWallet.get(entry.walletNo);
      if (list) list.push(entry);
      else byWallet.set(entry.walletNo, [entry]);
    }
    const seals: Seal[] = [];
    for (const { wallet, sealedSequence, sealedHash } of unsealed) {
      const found = byWallet.get(wallet.walletNo);
      if (!found) continue;
      const gapAt = found.findIndex(
        ({ sequence }, index) => sequence !== sealedSequence + BigInt(index) + 1n,
      );
      if (gapAt >= 0) this.watch.gap(wallet, sealedSequence + BigInt(gapAt) + 1n);
      const whole = gapAt < 0 ? found : found.slice(0, gapAt);
      if (whole.length === 0) continue;
      seals.push({
        walletNo: wallet.walletNo,
        firstSequence: sealedSequence + 1n,
        lastSequence: sealedSequence + BigInt(whole.length),
        rootNo,
        leafIndex: seals.length,
        hashes: chainHashes(sealedHash ?? genesisHash(wallet), whole),
      });
    }
    return seals;
  }

  /** At least once: what was published is marked afterwards. */
  private async publish(): Promise<void> {
    for (;;) {
      const roots = await this.store.listUnpublished(ROOTS_PER_PUBLICATION);
      const last = roots.at(-1);
      if (!last) return;
      await this.events.publish(roots.map(toEvent), this.clock.nowMs());
      await this.store.markPublished(last.rootNo);
      for (const root of roots) this.watch.published(root);
      if (roots.length < ROOTS_PER_PUBLICATION) return;
    }
  }
}

/** Shares the entries of one round among the wallets; the ones that get less than they have come again. */
function share(unsealed: readonly UnsealedWallet[]): {
  readonly ranges: readonly EntryRange[];
  readonly unfinished: readonly WalletKey[];
} {
  const ranges: EntryRange[] = [];
  const unfinished = new Map<string, WalletKey>();
  let left = BigInt(ENTRIES_PER_ROUND);
  for (const { wallet, sequence, sealedSequence } of unsealed) {
    const wanted = sequence - sealedSequence;
    const given = wanted < left ? wanted : left;
    left -= given;
    if (given > 0n) {
      ranges.push({
        walletNo: wallet.walletNo,
        firstSequence: sealedSequence + 1n,
        lastSequence: sealedSequence + given,
      });
    }
    if (given < wanted) {
      const key = {
        organizationId: wallet.organizationId,
        currency: wallet.currency,
      } as WalletKey;
      unfinished.set(walletKey(key), key);
    }
  }
  return { ranges, unfinished: [...unfinished.values()] };
}

function toEvent(root: SealRoot): Parameters<LedgerEvents['publish']>[0][number] {
  const value: LedgerSealed = {
    root_no: String(root.rootNo),
    root: root.root,
    previous_root: root.previousRoot,
    wallet_count: root.walletCount,
    entry_count: root.entryCount,
    sealed_at: new Date(root.sealedAtMs).toISOString(),
  };
  return { topic: 'ledger.sealed', id: `sealed:${root.rootNo}`, key: 'ledger', value };
}
