import { invariant } from '@orbit/kernel';
import { walletKey } from '../src/books/application/ports.js';
import { escrowedMicros, type Entry, type Wallet } from '../src/books/domain/wallet.js';
import type { MemoryStore } from './memory-store.fake.js';

interface NaiveLot {
  remaining: bigint;
  repaid: bigint;
}

/** One wallet as somebody who knows only its entries would keep it. */
class NaiveWallet {
  balance = 0n;
  sequence = 0n;
  readonly lots = new Map<bigint, NaiveLot>();

  get debt(): bigint {
    let remaining = 0n;
    for (const lot of this.lots.values()) remaining += lot.remaining;
    return remaining - this.balance;
  }

  add(entry: Entry): void {
    invariant(entry.sequence === this.sequence + 1n, 'entries are numbered without gaps');
    this.sequence = entry.sequence;
    const debt = this.debt;
    const isIn = entry.to === 'wallet' && entry.from !== 'wallet';
    const isOut = entry.from === 'wallet' && entry.to !== 'wallet';
    const delta = isIn ? entry.amountMicros : isOut ? -entry.amountMicros : 0n;
    this.balance += delta;
    invariant(entry.balanceAfterMicros === this.balance, 'balance_after follows from the entries');
    if (delta === 0n) return;
    if (entry.blockSequence === entry.sequence) {
      const repaid = debt < delta ? debt : delta;
      this.lots.set(entry.sequence, { remaining: delta - repaid, repaid });
    } else if (entry.blockSequence !== null) {
      const lot = this.lots.get(entry.blockSequence);
      invariant(lot, 'an entry names a lot that came in before');
      // A block that an operator makes larger is new credit: it repays the overdraft first.
      const repaid = entry.type !== 'amendment' || delta < 0n ? 0n : debt < delta ? debt : delta;
      lot.repaid += repaid;
      lot.remaining += delta - repaid;
      invariant(lot.remaining >= 0n, 'no lot is below zero');
    } else if (delta > debt) {
      this.giveBackRepayments(delta - (debt > 0n ? debt : 0n));
    }
  }

  /** A reversal of what the overdraft paid, after later credit had repaid it: that credit is free again. */
  private giveBackRepayments(amount: bigint): void {
    let left = amount;
    for (const [, lot] of [...this.lots].sort(([a], [b]) => (a < b ? 1 : -1))) {
      const part = lot.repaid < left ? lot.repaid : left;
      lot.repaid -= part;
      lot.remaining += part;
      left -= part;
    }
    invariant(left === 0n, 'what was repaid is given back to the lots that repaid it');
  }
}

/** The invariants of T30, checked for the wallets that a step touched, from their entries alone. */
export class BooksCheck {
  private readonly naive = new Map<string, NaiveWallet>();
  /** Per currency and account: Σ in − Σ out. */
  private readonly accounts = new Map<string, bigint>();
  private readonly versions = new Map<string, bigint>();
  checkCount = 0;

  /** `floorOf`: the lowest balance that is allowed to the wallet by now. */
  constructor(
    private readonly store: MemoryStore,
    private readonly floorOf: (name: string) => bigint,
  ) {}

  run(): void {
    const { checkCount } = this;
    for (const [name, wallet] of this.store.wallets) {
      if (this.versions.get(name) === wallet.version) continue;
      this.versions.set(name, wallet.version);
      this.checkWallet(name, wallet);
    }
    if (this.checkCount === checkCount) return;
    for (const [currency, sum] of this.sums()) {
      invariant(sum === 0n, `the accounts of ${currency} add up to zero`);
    }
  }

  private checkWallet(name: string, wallet: Wallet): void {
    this.checkCount += 1;
    let naive = this.naive.get(name);
    if (!naive) this.naive.set(name, (naive = new NaiveWallet()));
    const entries = this.store.entries.get(wallet.walletNo) ?? [];
    for (const entry of entries.slice(Number(naive.sequence))) {
      naive.add(entry);
      this.move(`${wallet.currency} ${entry.from}`, -entry.amountMicros);
      this.move(`${wallet.currency} ${entry.to}`, entry.amountMicros);
    }
    invariant(walletKey(wallet) === name, 'a wallet stands under its own name');
    invariant(wallet.balanceMicros === naive.balance, 'the balance is the sum of the entries');
    invariant(wallet.sequence === naive.sequence, 'the wallet counts its entries');
    invariant(naive.debt >= 0n, 'the lots cover the balance');
    invariant(
      wallet.balanceMicros >= this.floorOf(name),
      `the balance ${wallet.balanceMicros} of ${name} stays above its floor ${this.floorOf(name)}`,
    );
    this.checkBlocks(wallet, naive);
    this.checkEscrows(wallet);
  }

  private checkBlocks({ walletNo }: Wallet, naive: NaiveWallet): void {
    const blocks = this.store.blocks.get(walletNo);
    invariant(blocks?.size === naive.lots.size, 'every lot is a block');
    for (const [sequence, { remaining }] of naive.lots) {
      const block = blocks.get(sequence);
      invariant(
        block?.remainingMicros === remaining,
        `block ${sequence} holds what its entries left`,
      );
      invariant(remaining <= block.amountMicros, `block ${sequence} holds no more than came in`);
    }
  }

  private checkEscrows({ walletNo }: Wallet): void {
    const blocks = this.store.blocks.get(walletNo);
    const pinned = new Map<bigint, bigint>();
    for (const escrow of this.store.escrows.get(walletNo)?.values() ?? []) {
      const left = escrowedMicros(escrow);
      invariant(
        escrow.spentMicros + left <= escrow.grantedMicros,
        `escrow ${escrow.escrowId} gives no more than it was granted`,
      );
      invariant(escrow.state !== 'closed' || left === 0n, 'a closed escrow keeps nothing');
      for (const { blockSequence, amountMicros } of escrow.slices) {
        if (blockSequence === null) continue;
        pinned.set(blockSequence, (pinned.get(blockSequence) ?? 0n) + amountMicros);
      }
    }
    for (const [sequence, amount] of pinned) {
      const block = blocks?.get(sequence);
      invariant(
        block && amount <= block.remainingMicros,
        `what escrows pin of block ${sequence} is there`,
      );
    }
  }

  private move(account: string, amount: bigint): void {
    this.accounts.set(account, (this.accounts.get(account) ?? 0n) + amount);
  }

  private sums(): Map<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const [account, amount] of this.accounts) {
      const currency = account.slice(0, account.indexOf(' '));
      sums.set(currency, (sums.get(currency) ?? 0n) + amount);
    }
    return sums;
  }
}
