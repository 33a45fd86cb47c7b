import { isForgotten } from '../src/books/domain/block.js';
import { isTaking } from '../src/books/domain/entry-kinds.js';
import {
  isClawback,
  type Block,
  type Entry,
  type Escrow,
  type LeaseFunding,
  type Wallet,
} from '../src/books/domain/wallet.js';
import {
  outcomeKey,
  walletKey,
  WriteConflict,
  type KeptEvent,
  type KnownOutcome,
  type LedgerStore,
  type LedgerTransaction,
  type LedgerWrite,
  type OutcomeKey,
  type Rejection,
  type WalletKey,
} from '../src/books/application/ports.js';
import type { CrashPoint } from './crash.fake.js';

const key = (walletNo: bigint, name: bigint | string): string => `${walletNo} ${name}`;

/** What PostgreSQL promises the ledger, in memory: transactions, the version fence, unique references. */
export class MemoryStore implements LedgerStore {
  /** Without blocks and escrows, which have tables of their own. */
  readonly wallets = new Map<string, Wallet>();
  readonly blocks = new Map<bigint, Map<bigint, Block>>();
  readonly escrows = new Map<bigint, Map<string, Escrow>>();
  readonly entries = new Map<bigint, Entry[]>();
  readonly rejections = new Map<string, Rejection>();
  private readonly references = new Map<string, Entry[]>();
  /** What was taken back, by wallet and block. */
  private readonly taken = new Map<string, Entry[]>();
  private readonly grants = new Map<string, LeaseFunding>();
  /** By event id: what changes tell, until it is told. */
  readonly outbox = new Map<string, KeptEvent>();

  constructor(
    private readonly crash: CrashPoint,
    private readonly nowMs: () => number,
  ) {}

  open(wallet: Wallet): void {
    this.wallets.set(walletKey(wallet), wallet);
    this.blocks.set(wallet.walletNo, new Map());
    this.escrows.set(wallet.walletNo, new Map());
    this.entries.set(wallet.walletNo, []);
  }

  async inTransaction<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    this.crash.pass();
    let written: LedgerWrite | null = null;
    const result = await work({
      lockWallets: (keys) => this.read(() => this.lock(keys)),
      readOutcomes: (keys) => this.read(() => this.outcomes(keys)),
      readBlocks: (keys) =>
        this.read(() =>
          keys.flatMap(({ walletNo, sequence }) => {
            const block = this.blocks.get(walletNo)?.get(sequence);
            return block ? [{ walletNo, block }] : [];
          }),
        ),
      readEscrows: (keys) =>
        this.read(() =>
          keys.flatMap(({ walletNo, idOrReference }) =>
            [...(this.escrows.get(walletNo)?.values() ?? [])].filter(
              ({ escrowId, reference }) =>
                escrowId === idOrReference || reference === idOrReference,
            ),
          ),
        ),
      readPaymentEscrows: (keys) =>
        this.read(() =>
          keys.flatMap(({ walletNo, reference }) =>
            [...(this.escrows.get(walletNo)?.values() ?? [])].filter(
              (escrow) => isClawback(escrow) && escrow.holder === reference,
            ),
          ),
        ),
      readTaken: (keys) =>
        this.read(() =>
          keys.flatMap(({ walletNo, sequence }) => this.taken.get(key(walletNo, sequence)) ?? []),
        ),
      // Its charges name no price.
      readRemainders: () => Promise.resolve([]),
      readFundings: (keys) =>
        this.read(() =>
          keys.flatMap((wanted) => {
            const grant = this.grants.get(outcomeKey(wanted));
            return grant ? [grant] : [];
          }),
        ),
      save: (write) => {
        this.check(write);
        written = write;
        return Promise.resolve();
      },
    });
    // Before the commit nothing of it happened; after it, all of it did.
    this.crash.pass();
    if (written) this.apply(written);
    this.crash.pass();
    return result;
  }

  dropPublished(eventIds: readonly string[]): Promise<void> {
    this.crash.pass();
    for (const id of eventIds) this.outbox.delete(id);
    return Promise.resolve();
  }

  /** The wallet as it is stored, with what the ledger would load of it. */
  find(name: string): Wallet | undefined {
    const wallet = this.wallets.get(name);
    return wallet && this.load(wallet);
  }

  private read<T>(answer: () => T): Promise<T> {
    this.crash.pass();
    return Promise.resolve(answer());
  }

  private lock(keys: readonly WalletKey[]): Map<string, Wallet> {
    const found = new Map<string, Wallet>();
    for (const wanted of keys) {
      const wallet = this.wallets.get(walletKey(wanted));
      if (wallet) found.set(walletKey(wanted), this.load(wallet));
    }
    return found;
  }

  private load(wallet: Wallet): Wallet {
    const { walletNo, lateUsageGraceMs } = wallet;
    const blocks = [...(this.blocks.get(walletNo)?.values() ?? [])].filter(
      (block) => !isForgotten(block, lateUsageGraceMs, this.nowMs()),
    );
    const escrows = [...(this.escrows.get(walletNo)?.values() ?? [])].filter(
      ({ state }) => state !== 'closed',
    );
    return { ...wallet, blocks, escrows };
  }

  private outcomes(keys: readonly OutcomeKey[]): Map<string, KnownOutcome> {
    const found = new Map<string, KnownOutcome>();
    for (const wanted of keys) {
      const name = outcomeKey(wanted);
      const entries = this.references.get(name);
      if (entries) found.set(name, { status: 'booked', entries });
      const rejection = this.rejections.get(name);
      if (rejection) found.set(name, { status: 'rejected', rejection });
    }
    return found;
  }

  private check({ wallets, entries, rejections, grants }: LedgerWrite): void {
    for (const wallet of wallets) {
      const stored = this.wallets.get(walletKey(wallet));
      if (stored?.version !== wallet.version - 1n) throw new WriteConflict('fence');
    }
    for (const entry of entries) {
      const earlier = this.references.get(outcomeKey(entry)) ?? [];
      if (earlier.some(({ slice }) => slice === entry.slice)) throw new WriteConflict('duplicate');
    }
    for (const { walletNo, chargeId } of rejections) {
      if (this.rejections.has(key(walletNo, `charge:${chargeId}`))) {
        throw new WriteConflict('duplicate');
      }
    }
    if (grants.some((grant) => this.grants.has(outcomeKey(grant)))) {
      throw new WriteConflict('duplicate');
    }
  }

  private apply(write: LedgerWrite): void {
    const { wallets, blocks, escrows, entries, rejections, grants } = write;
    for (const event of write.outbox) this.outbox.set(event.id, event);
    for (const wallet of wallets) this.wallets.set(walletKey(wallet), wallet);
    for (const { walletNo, block } of blocks) {
      this.blocks.get(walletNo)?.set(block.sequence, block);
    }
    for (const escrow of escrows) {
      this.escrows.get(escrow.walletNo)?.set(escrow.escrowId, escrow);
    }
    for (const entry of entries) {
      this.entries.get(entry.walletNo)?.push(entry);
      const name = outcomeKey(entry);
      this.references.set(name, [...(this.references.get(name) ?? []), entry]);
      if (!isTaking(entry) || entry.blockSequence === null) continue;
      const block = key(entry.walletNo, entry.blockSequence);
      this.taken.set(block, [...(this.taken.get(block) ?? []), entry]);
    }
    for (const rejection of rejections) {
      this.rejections.set(key(rejection.walletNo, `charge:${rejection.chargeId}`), rejection);
    }
    for (const grant of grants) this.grants.set(outcomeKey(grant), grant);
  }
}
