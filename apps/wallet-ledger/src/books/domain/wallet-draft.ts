import { invariant } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import { isForgotten } from './block.js';
import { alertLevelOf, crossByEntries } from './crossing.js';
import { compareDrawDown, pinnedByBlock, spendableMicros } from './draw-down.js';
import type { Account, Block, Entry, EntryType, Escrow, LeaseFunding, Wallet } from './wallet.js';

/** One movement of money that is to be booked. */
export interface Line {
  readonly type: EntryType;
  readonly from: Account;
  readonly to: Account;
  readonly amountMicros: Micros;
  /** The block it takes from or gives back to; 'own' is a block that this very entry brings in; null the overdraft. */
  readonly blockSequence: bigint | null | 'own';
  readonly reference: string;
  readonly slice: number;
  readonly channel: string | null;
  readonly quantity: number | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly authorizedBy?: string | null;
  readonly occurredAtMs: number;
}

/** The fields of a block that the store writes: mostly what is left of it, and nothing else. */
export interface ChangedBlock {
  readonly walletNo: bigint;
  readonly block: Block;
  readonly isRemainderOnly: boolean;
}

/**
 * One wallet while a batch is decided: commands apply in order, each sees the ones before it.
 * Collects what the store has to write. Pure: no clock, no ids, no I/O; the same inputs give the
 * same entries, so a replay after a crash decides the same. What to book is decided by the functions
 * beside this file; this class keeps the sums right.
 */
export class WalletDraft {
  readonly entries: Entry[] = [];
  readonly fundings: LeaseFunding[] = [];
  private fields: Wallet;
  private balanceMicros: bigint;
  private sequence: bigint;
  private isTouched = false;
  /** When the last entry was booked; a draft that books nothing keeps every block. */
  private bookedAtMs = -Infinity;
  private blockList: Block[];
  private escrowList: readonly Escrow[];
  private readonly touchedBlocks = new Set<bigint>();
  /** Those of them that are new or have other terms. */
  private readonly newTerms = new Set<bigint>();
  /** Copies that this draft made of blocks it takes from: it may write them in place. */
  private readonly ownBlocks = new Map<
    bigint,
    { -readonly [Field in keyof Block]: Block[Field] }
  >();
  private isPatched = false;
  private readonly touchedEscrows = new Map<string, Escrow>();

  /** `drained`: blocks with nothing left that the commands must see all the same. */
  constructor(
    private readonly before: Wallet,
    drained: readonly Block[] = [],
  ) {
    this.fields = before;
    this.balanceMicros = before.balanceMicros;
    this.sequence = before.sequence;
    this.escrowList = before.escrows;
    const known = new Set(before.blocks.map(({ sequence }) => sequence));
    const further = drained.filter(({ sequence }) => !known.has(sequence));
    this.blockList = [...before.blocks, ...further];
    this.blockList.sort(compareDrawDown);
  }

  /** The wallet as it is after what was decided so far. One batch is one write of the row, so its version moves once. */
  get current(): Wallet {
    if (!this.isTouched) return this.before;
    const { lateUsageGraceMs } = this.fields;
    return {
      ...this.fields,
      balanceMicros: micros(this.balanceMicros),
      sequence: this.sequence,
      version: this.before.version + 1n,
      blocks: this.blockList.filter((b) => !isForgotten(b, lateUsageGraceMs, this.bookedAtMs)),
      escrows: this.escrowList,
    };
  }

  get isChanged(): boolean {
    return this.isTouched;
  }

  get walletNo(): bigint {
    return this.before.walletNo;
  }

  /** Policies, levels and names; balance and blocks are asked for by their own getters. */
  get settings(): Wallet {
    return this.fields;
  }

  get balance(): Micros {
    return micros(this.balanceMicros);
  }

  /** In draw-down order. */
  get blocks(): readonly Block[] {
    return this.blockList;
  }

  /** Not closed ones. */
  get escrows(): readonly Escrow[] {
    return this.escrowList;
  }

  /** Blocks that changed or are new, as they are now. */
  changedBlocks(): ChangedBlock[] {
    if (this.touchedBlocks.size === 0) return [];
    const { walletNo } = this;
    const changed: ChangedBlock[] = [];
    for (const block of this.blockList) {
      if (!this.touchedBlocks.has(block.sequence)) continue;
      const isRemainderOnly = !this.newTerms.has(block.sequence);
      changed.push({ walletNo, block, isRemainderOnly });
    }
    return changed;
  }

  /** Whether policies changed, or anything else of the wallet that a charge does not change. */
  get hasNewPolicies(): boolean {
    return this.isPatched;
  }

  changedEscrows(): Escrow[] {
    return [...this.touchedEscrows.values()];
  }

  findBlock(sequence: bigint): Block | undefined {
    return this.blockList.find((block) => block.sequence === sequence);
  }

  /** The debt of the overdraft: Σ remaining − balance. */
  get debtMicros(): bigint {
    let remaining = 0n;
    for (const block of this.blockList) remaining += block.remainingMicros;
    const debt = remaining - this.balanceMicros;
    invariant(debt >= 0n, `blocks of ${this.fields.walletId} cover its balance`);
    return debt;
  }

  /** Per block, what escrows keep of it; `null` is what they keep of the overdraft. */
  get pinned(): ReadonlyMap<bigint | null, bigint> {
    return pinnedByBlock(this.escrowList);
  }

  /** The spendable amount at `atMs`, overdraft included, escrows not; holds in Redis not counted. May be negative. */
  spendableAt(atMs: number): Micros {
    const { overdraftMicros } = this.fields;
    if (this.escrowList.length === 0) {
      return micros(spendableMicros(this.blockList, atMs) - this.debtMicros + overdraftMicros);
    }
    const { pinned } = this;
    const free = spendableMicros(this.blockList, atMs, pinned) - (pinned.get(null) ?? 0n);
    return micros(free - this.debtMicros + overdraftMicros);
  }

  /**
   * Books lines in order. Money out of the wallet is taken from the line's block, money into it is given back to that
   * block; a line with block 'own' needs `addBlock` with the same sequence first. The last entry carries the
   * threshold events (low, depleted, recovered).
   */
  book(lines: readonly Line[], nowMs: number): Entry[] {
    const added: Entry[] = [];
    const beforeMicros = this.balance;
    for (const [index, line] of lines.entries()) {
      this.sequence += 1n;
      const blockSequence = line.blockSequence === 'own' ? this.sequence : line.blockSequence;
      const deltaMicros = deltaOf(line);
      this.balanceMicros += deltaMicros;
      if (line.blockSequence !== 'own' && blockSequence !== null && deltaMicros !== 0n) {
        this.moveRemainder(blockSequence, deltaMicros);
      }
      const notices = index === lines.length - 1 ? this.crossLines(lines, beforeMicros) : 0;
      const entry: Entry = {
        walletNo: this.before.walletNo,
        sequence: this.sequence,
        type: line.type,
        from: line.from,
        to: line.to,
        slice: line.slice,
        notices,
        amountMicros: line.amountMicros,
        balanceAfterMicros: micros(this.balanceMicros),
        blockSequence,
        quantity: line.quantity,
        occurredAtMs: line.occurredAtMs,
        bookedAtMs: nowMs,
        reference: line.reference,
        channel: line.channel,
        metadata: line.metadata,
        authorizedBy: line.authorizedBy ?? null,
      };
      this.entries.push(entry);
      added.push(entry);
    }
    this.isTouched = true;
    this.bookedAtMs = nowMs;
    return added;
  }

  /** The sequence number that the next entry will have. */
  get nextSequence(): bigint {
    return this.sequence + 1n;
  }

  addBlock(block: Block): void {
    this.blockList.push(block);
    this.blockList.sort(compareDrawDown);
    this.touchedBlocks.add(block.sequence);
    this.newTerms.add(block.sequence);
    this.isTouched = true;
  }

  /** Other terms for a block; its remainder moves by `book` alone. */
  replaceBlock(block: Block): void {
    const index = this.blockList.findIndex(({ sequence }) => sequence === block.sequence);
    invariant(index >= 0, `block ${block.sequence} is in the wallet`);
    this.blockList[index] = block;
    this.blockList.sort(compareDrawDown);
    this.touchedBlocks.add(block.sequence);
    this.newTerms.add(block.sequence);
    this.isTouched = true;
  }

  /** A new escrow, or another state of one; a closed one leaves the wallet. */
  putEscrow(escrow: Escrow): void {
    const others = this.escrowList.filter(({ escrowId }) => escrowId !== escrow.escrowId);
    this.escrowList = escrow.state === 'closed' ? others : [...others, escrow];
    this.touchedEscrows.set(escrow.escrowId, escrow);
    this.isTouched = true;
  }

  /** Adds a lease's funding; its escrow is put by `putEscrow`. */
  addFunding(grant: LeaseFunding): void {
    this.fundings.push(grant);
    this.isTouched = true;
  }

  /** Other policies or states of the wallet. */
  patch(
    changes: Partial<Omit<Wallet, 'balanceMicros' | 'sequence' | 'version' | 'blocks' | 'escrows'>>,
  ): void {
    this.fields = { ...this.fields, ...changes };
    this.isTouched = true;
    this.isPatched = true;
  }

  /** Counts a rejection. Moves the version too: a rejection that was decided on an old wallet fails at the fence. */
  countRejection(): void {
    this.fields = { ...this.fields, rejectedCount: this.fields.rejectedCount + 1n };
    this.isTouched = true;
  }

  private crossLines(lines: readonly Line[], beforeMicros: Micros): number {
    const { alertLevel, lowBalanceMicros } = this.fields;
    const balance = micros(this.balanceMicros);
    // Most charges cross nothing.
    if (alertLevel === 'ok' && alertLevelOf(balance, lowBalanceMicros) === 'ok') return 0;
    const isSpend = lines.some(({ type }) => type === 'spend');
    const moved = { beforeMicros, afterMicros: balance, isSpend };
    const { notices, ...levels } = crossByEntries(this.fields, moved);
    this.fields = { ...this.fields, ...levels };
    return notices;
  }

  private moveRemainder(sequence: bigint, deltaMicros: bigint): void {
    const index = this.blockList.findIndex((block) => block.sequence === sequence);
    const block = this.blockList[index];
    invariant(block, `block ${sequence} is in the wallet`);
    const remainingMicros = micros(block.remainingMicros + deltaMicros);
    invariant(
      remainingMicros >= 0n && remainingMicros <= block.amountMicros,
      `what is left of block ${sequence} stays between zero and its amount`,
    );
    const own = this.ownBlocks.get(sequence);
    if (own === block) own.remainingMicros = remainingMicros;
    else {
      const copy = { ...block, remainingMicros };
      this.ownBlocks.set(sequence, copy);
      this.blockList[index] = copy;
      this.touchedBlocks.add(sequence);
    }
  }
}

/** The change that a line makes to the balance: in, out, or (a fee past the wallet, an extension) nothing. */
function deltaOf({ from, to, amountMicros }: Line): bigint {
  if (from === to) return 0n;
  return to === 'wallet' ? amountMicros : from === 'wallet' ? -amountMicros : 0n;
}
