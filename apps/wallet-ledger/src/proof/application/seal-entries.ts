import type { LedgerSealed } from '@orbit/events';
import { nextTurn, type Clock } from '@orbit/kernel';
import { merkleRoot } from '../domain/seal-merkle.js';
import {
  chainHashes,
  genesisHash,
  rootHash,
  type Hash,
  type SealableEntry,
} from '../domain/seal.js';
import { walletKey, type LedgerEvents, type WalletKey } from '../../books/application/ports.js';
import type {
  EntryRange,
  Seal,
  SealRoot,
  SealStore,
  SealTransaction,
  SealWatch,
  UnsealedWallet,
} from './seal-ports.js';
import type { TouchedWallets } from '../../books/application/shared-ports.js';

/** Entries of one transaction. */
const ENTRIES_PER_ROUND = 2_500;
/** Entries that are hashed before posting has its turn: two or three milliseconds. */
const ENTRIES_PER_TURN = 250;
const WALLETS_PER_ROUND = 1_000;
/** The wallets that a run checks when little happens: those that changed, and others in turn. */
const WALLETS_PER_RUN = 400;
/** Of many that changed a run takes a part: a wallet that changes all the time is sealed for several changes at once. */
const RUNS_PER_TURN = 4;
const CHANGED_PER_RUN_MIN = 250;
/** Wallets per run that are looked at in turn, for those that no hint names (a crash, another instance). */
const IN_TURN_PER_RUN_MIN = 100;
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

  /** Returns how many entries were sealed. */
  async run(): Promise<number> {
    const startedMs = this.clock.nowMs();
    await this.publish();
    const { size } = this.touched;
    let changed = Math.min(size, Math.max(CHANGED_PER_RUN_MIN, Math.ceil(size / RUNS_PER_TURN)));
    let window = Math.max(IN_TURN_PER_RUN_MIN, WALLETS_PER_RUN - changed);
    let unfinished: readonly WalletKey[] = [];
    let count = 0;
    do {
      const room = Math.max(0, WALLETS_PER_ROUND - unfinished.length);
      const fresh = this.touched.take(Math.min(changed, room));
      changed -= fresh.length;
      const round = await this.sealRound([...unfinished, ...fresh], window);
      count += round.entryCount;
      ({ unfinished } = round);
      window = 0;
    } while (
      (changed > 0 || unfinished.length > 0) &&
      this.clock.nowMs() - startedMs < this.runMsMax
    );
    this.touched.putBack(unfinished);
    if (count > 0) await this.publish();
    await this.watch.ran(changed === 0 && unfinished.length === 0, count);
    return count;
  }

  private async sealRound(
    keys: readonly WalletKey[],
    window: number,
  ): Promise<{ readonly entryCount: number; readonly unfinished: readonly WalletKey[] }> {
    try {
      const round = await this.store.exclusively((tx) => this.seal(tx, keys, window));
      if (window > 0) {
        this.afterWalletNo = (await this.store.endOfWindow(this.afterWalletNo, window)) ?? 0n;
      }
      return round;
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
    const seals = await this.sealsOf(unsealed, entries, rootNo);
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
  private async sealsOf(
    unsealed: readonly UnsealedWallet[],
    entries: readonly SealableEntry[],
    rootNo: bigint,
  ): Promise<Seal[]> {
    const byWallet = new Map<bigint, SealableEntry[]>();
    for (const entry of entries) {
      const list = byWallet.get(entry.walletNo);
      if (list) list.push(entry);
      else byWallet.set(entry.walletNo, [entry]);
    }
    const seals: Seal[] = [];
    const chain = chainInTurns();
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
        hashes: await chain(sealedHash ?? genesisHash(wallet), whole),
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

/** `chainHashes` for one wallet after the other, with a turn for everybody else after so many entries. */
function chainInTurns(): (before: Hash, entries: readonly SealableEntry[]) => Promise<Hash[]> {
  let sinceTurn = 0;
  return async (before, entries) => {
    const hashes: Hash[] = [];
    for (let from = 0; from < entries.length; from += ENTRIES_PER_TURN) {
      const part = entries.slice(from, from + ENTRIES_PER_TURN);
      sinceTurn += part.length;
      if (sinceTurn > ENTRIES_PER_TURN) {
        sinceTurn = part.length;
        await nextTurn();
      }
      hashes.push(...chainHashes(hashes.at(-1) ?? before, part));
    }
    return hashes;
  };
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
