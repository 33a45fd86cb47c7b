import { invariant } from '@orbit/kernel';
import { addMicros, micros, MICROS_MAX, ZERO_MICROS, type Micros } from '@orbit/money';
import { cross } from './crossing.js';
import { compareDrawDown, drawDown, spendableMicros } from './draw-down.js';
import type {
  Account,
  Block,
  Charge,
  ChargeOutcome,
  Credit,
  Entry,
  EntryType,
  Wallet,
} from './wallet.js';

interface Line {
  readonly type: EntryType;
  readonly from: Account;
  readonly to: Account;
  readonly amountMicros: Micros;
  readonly blockSequence: bigint | null | 'own';
  readonly reference: string;
  readonly slice: number;
  readonly channel: string | null;
  readonly quantity: number | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly occurredAtMs: number;
}

/**
 * One wallet while a batch is decided: commands apply in order, each sees the ones before it.
 * Collects what the store has to write. Pure: no clock, no ids, no I/O; the same inputs give the
 * same entries, so a replay after a crash decides the same.
 */
export class WalletDraft {
  private wallet: Wallet;
  private blocks: Block[];
  private readonly touched = new Set<bigint>();
  readonly entries: Entry[] = [];

  constructor(private readonly before: Wallet) {
    this.wallet = before;
    this.blocks = [...before.blocks].sort(compareDrawDown);
  }

  get current(): Wallet {
    return { ...this.wallet, blocks: this.blocks };
  }

  get isChanged(): boolean {
    return this.wallet !== this.before;
  }

  /** Blocks whose remainder changed or that are new, as they are now. */
  changedBlocks(): Block[] {
    return this.blocks.filter((block) => this.touched.has(block.sequence));
  }

  /** What may be spent at `atMs`, overdraft included, holds not counted. May be negative. */
  spendableAt(atMs: number): Micros {
    const debtMicros = this.debtMicros();
    return micros(spendableMicros(this.blocks, atMs) - debtMicros + this.wallet.overdraftMicros);
  }

  /**
   * Decides one charge. Rejections, highest precedence first: paused, insufficient_funds.
   * `isGranted`: the hot balance, which also knows the open holds, had room for it.
   */
  charge(charge: Charge, isGranted: boolean, nowMs: number): ChargeOutcome {
    invariant(charge.amountMicros > 0n, 'a charge is positive');
    // A hold pins the credit that was there when it was made, so its charge is judged by that instant.
    const atMs = charge.isAuthorized ? Math.min(charge.occurredAtMs, nowMs) : nowMs;
    if (!charge.isAuthorized) {
      const { pausedReason } = this.wallet;
      if (pausedReason !== null && pausedReason !== 'balance_depleted') {
        return { status: 'rejected', reason: 'paused' };
      }
      if (!isGranted || charge.amountMicros > this.spendableAt(atMs)) {
        return { status: 'rejected', reason: 'insufficient_funds' };
      }
    }
    const lines = drawDown(this.blocks, charge.amountMicros, atMs).map((slice, index): Line => ({
      type: 'spend',
      from: 'wallet',
      to: 'revenue',
      amountMicros: slice.amountMicros,
      blockSequence: slice.blockSequence,
      reference: `charge:${charge.chargeId}`,
      slice: index,
      channel: charge.channel,
      quantity: charge.quantity,
      metadata: charge.metadata,
      occurredAtMs: charge.occurredAtMs,
    }));
    return { status: 'posted', entries: this.append(lines, nowMs) };
  }

  /** Books credit as a new block; it first repays what the overdraft carried. */
  credit(credit: Credit, nowMs: number): Entry | 'balance_limit' {
    invariant(credit.amountMicros > 0n, 'a credit is positive');
    if (this.wallet.balanceMicros + credit.amountMicros > MICROS_MAX) return 'balance_limit';
    const debtMicros = this.debtMicros();
    const repaidMicros = debtMicros < credit.amountMicros ? debtMicros : credit.amountMicros;
    const sequence = this.wallet.sequence + 1n;
    this.blocks.push({
      sequence,
      kind: credit.kind,
      priority: credit.priority,
      costBasisMicros: credit.kind === 'paid' ? 1_000_000n : 0n,
      amountMicros: credit.amountMicros,
      remainingMicros: micros(credit.amountMicros - repaidMicros),
      effectiveAtMs: credit.effectiveAtMs ?? nowMs,
      expiresAtMs: credit.expiresAtMs,
      createdAtMs: nowMs,
    });
    this.blocks.sort(compareDrawDown);
    this.touched.add(sequence);
    const [entry] = this.append(
      [
        {
          type: credit.type,
          from: credit.type === 'topup' ? 'stripe_clearing' : 'promo',
          to: 'wallet',
          amountMicros: credit.amountMicros,
          blockSequence: 'own',
          reference: credit.reference,
          slice: 0,
          channel: null,
          quantity: null,
          metadata: credit.metadata,
          occurredAtMs: credit.occurredAtMs,
        },
      ],
      nowMs,
    );
    invariant(entry, 'a credit is one entry');
    if (credit.type === 'topup') this.wallet = { ...this.wallet, lastToppedUpAtMs: nowMs };
    return entry;
  }

  /** Books what is left of the blocks that expired by `nowMs` as breakage. */
  sweepExpired(nowMs: number): readonly Entry[] {
    const lines = this.blocks
      .filter((b) => b.remainingMicros > 0n && b.expiresAtMs !== null && b.expiresAtMs <= nowMs)
      .map((block): Line => ({
        type: 'expiry',
        from: 'wallet',
        to: 'breakage',
        amountMicros: block.remainingMicros,
        blockSequence: block.sequence,
        reference: `expiry:${block.sequence}`,
        slice: 0,
        channel: null,
        quantity: null,
        metadata: null,
        occurredAtMs: block.expiresAtMs ?? nowMs,
      }));
    return lines.length === 0 ? [] : this.append(lines, nowMs);
  }

  /** Pauses or resumes by hand; nothing changes when it is so already. */
  setPaused(isPaused: boolean): void {
    const { pausedReason } = this.wallet;
    if (isPaused && pausedReason !== 'manual') this.touch({ pausedReason: 'manual' });
    if (!isPaused && pausedReason === 'manual') {
      const isDepleted = this.wallet.alertLevel === 'depleted' && this.wallet.sequence > 0n;
      this.touch({ pausedReason: isDepleted ? 'balance_depleted' : null });
    }
  }

  /** What the overdraft carries: Σ remaining − balance. */
  private debtMicros(): bigint {
    let remaining = 0n;
    for (const block of this.blocks) remaining += block.remainingMicros;
    const debt = remaining - this.wallet.balanceMicros;
    invariant(debt >= 0n, `blocks of ${this.wallet.walletId} cover its balance`);
    return debt;
  }

  private append(lines: readonly Line[], nowMs: number): Entry[] {
    const added: Entry[] = [];
    for (const [index, line] of lines.entries()) {
      const sequence = this.wallet.sequence + 1n;
      const signed = line.to === 'wallet' ? line.amountMicros : -line.amountMicros;
      const balanceMicros = addMicros(this.wallet.balanceMicros, micros(signed));
      const blockSequence = line.blockSequence === 'own' ? sequence : line.blockSequence;
      if (line.from === 'wallet' && blockSequence !== null) {
        this.takeFromBlock(blockSequence, line.amountMicros);
      }
      const isLast = index === lines.length - 1;
      const { lowBalanceMicros } = this.wallet;
      const crossing = isLast ? cross(this.wallet, balanceMicros, lowBalanceMicros) : null;
      const { notices, ...levels } = crossing ?? { notices: 0 };
      this.touch({ balanceMicros, sequence, ...levels });
      const entry: Entry = {
        ...line,
        walletNo: this.wallet.walletNo,
        sequence,
        blockSequence,
        balanceAfterMicros: balanceMicros,
        bookedAtMs: nowMs,
        notices,
      };
      this.entries.push(entry);
      added.push(entry);
    }
    return added;
  }

  private takeFromBlock(sequence: bigint, amountMicros: Micros): void {
    const index = this.blocks.findIndex((block) => block.sequence === sequence);
    const block = this.blocks[index];
    invariant(block, `block ${sequence} is in the wallet`);
    const remainingMicros = micros(block.remainingMicros - amountMicros);
    invariant(remainingMicros >= ZERO_MICROS, `block ${sequence} never goes below zero`);
    this.blocks[index] = { ...block, remainingMicros };
    this.touched.add(sequence);
  }

  /** One batch is one write of the row, so the version moves once. */
  private touch(changes: Partial<Wallet>): void {
    this.wallet = { ...this.wallet, ...changes, version: this.before.version + 1n };
  }
}
