import { invariant } from '@orbit/kernel';
import { micros, MICROS_MAX, ZERO_MICROS } from '@orbit/money';
import { drawDown } from '../../books/domain/draw-down.js';
import { voidAccountOf } from '../../books/domain/expiry.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry } from '../../books/domain/wallet.js';

/** Why a block is not deleted; nothing is booked. */
export type DeleteRefusal =
  | 'unknown_block'
  /** Money of a payment; it goes back by a refund. */
  | 'was_paid'
  /** Charges, which are given back by reversing them, or an operator's adjustment. */
  | 'paid_otherwise'
  /** Some of it came from, or went to, another block. */
  | 'was_moved'
  | 'set_aside'
  | 'balance_limit'
  /** Its draws would lie on more blocks than a row of the statement may have. */
  | 'too_many_slices';

/**
 * The reference of everything that is booked under a deletion, and the mark of a redraw: the entry that it stands
 * for.
 */
export const DELETE_PREFIX = 'credit_delete:';
export const deleteReference = (blockSequence: bigint): string =>
  `${DELETE_PREFIX}${blockSequence}`;

/** Rows that one entry may be in the statement. */
export const SLICES_MAX = 90;

/** Drawn from the block and not given back. */
interface Draw {
  readonly entry: Entry;
  readonly amountMicros: bigint;
}

/**
 * Takes a block out of history: what was drawn from it comes back to it and is drawn from the other blocks that were
 * alive when it was, the rest becomes debt; then all that is left of it leaves. `history`: every entry of the block.
 */
export function deleteBlock(
  draft: WalletDraft,
  blockSequence: bigint,
  history: readonly Entry[],
  nowMs: number,
): { readonly entries: readonly Entry[] } | { readonly refusal: DeleteRefusal } {
  const block = draft.findBlock(blockSequence);
  if (!block) return { refusal: 'unknown_block' };
  const refusal = refusalOf(draft, block, history);
  if (refusal !== null) return { refusal };
  const draws = drawsOf(history);
  // All of it leaves the balance, and some of it may become debt.
  if (draft.debtMicros + block.amountMicros > MICROS_MAX) return { refusal: 'balance_limit' };
  const deletion = new Deletion(draft, block, nowMs);
  for (const draw of draws) {
    if (!deletion.redraw(draw)) return { refusal: 'too_many_slices' };
  }
  deletion.owe(owedOf(block, history));
  deletion.leave();
  return { entries: deletion.book() };
}

function refusalOf(
  draft: WalletDraft,
  block: Block,
  history: readonly Entry[],
): DeleteRefusal | null {
  if (block.kind === 'paid') return 'was_paid';
  if (history.some(({ type }) => type === 'transfer')) return 'was_moved';
  const isOther = ({ type, from, reference }: Entry): boolean =>
    reference.startsWith('charge:') ||
    reference.startsWith('reversal:') ||
    (type === 'adjustment' && from === 'wallet');
  if (history.some(isOther)) return 'paid_otherwise';
  return draft.pinned.has(block.sequence) ? 'set_aside' : null;
}

/** Decrements less amendments, which give back the newest first. */
function drawsOf(history: readonly Entry[]): readonly Draw[] {
  const isGivenBack = ({ type }: Entry): boolean => type === 'reversal';
  let given = history.filter(isGivenBack).reduce((sum, entry) => sum + entry.amountMicros, 0n);
  const draws: Draw[] = [];
  const taken = history.filter(({ type }) => type === 'spend');
  for (const entry of [...taken].reverse()) {
    const back = given < entry.amountMicros ? given : entry.amountMicros;
    given -= back;
    const amountMicros = entry.amountMicros - back;
    if (amountMicros > 0n) draws.push({ entry, amountMicros });
  }
  invariant(given === 0n, 'no more is given back to a block than was drawn from it');
  return draws.reverse();
}

/** Debt that it repaid when it came in, or that another deletion made it pay, is owed again. */
function owedOf({ repaidMicros }: Block, history: readonly Entry[]): bigint {
  const isOwing = ({ type, reference }: Entry): boolean =>
    type === 'void' && reference.startsWith(DELETE_PREFIX);
  return history
    .filter(isOwing)
    .reduce((sum, { amountMicros }) => sum + amountMicros, repaidMicros as bigint);
}

class Deletion {
  private readonly redraws: Line[] = [];
  private readonly leaving: Line[] = [];
  /** The parts of other blocks that this deletion has drawn already, besides what escrows keep. */
  private readonly used: Map<bigint | null, bigint>;
  private givenBack = 0n;

  constructor(
    private readonly draft: WalletDraft,
    private readonly block: Block,
    private readonly nowMs: number,
  ) {
    this.used = new Map(draft.pinned);
  }

  /** False when it would lie on too many blocks. */
  redraw({ entry, amountMicros }: Draw): boolean {
    const { sequence, occurredAtMs, metadata } = entry;
    const back = { type: 'reversal', from: 'revenue', to: 'wallet' } as const;
    this.add(this.redraws, back, this.block.sequence, amountMicros);
    this.givenBack += amountMicros;
    const slices = this.slicesOf(amountMicros, occurredAtMs);
    // A draw that stood for one of a block deleted before stands for it still.
    const stands = { stands_for: metadata?.['stands_for'] ?? String(sequence) };
    const way = { type: 'spend', from: 'wallet', to: 'revenue' } as const;
    for (const slice of slices) {
      const { blockSequence, amountMicros: part } = slice;
      this.add(this.redraws, way, blockSequence, part, stands, occurredAtMs);
    }
    return slices.length <= SLICES_MAX;
  }

  owe(amountMicros: bigint): void {
    if (amountMicros === 0n) return;
    const way = { type: 'void', from: 'wallet', to: voidAccountOf(this.block) } as const;
    for (const slice of this.slicesOf(amountMicros, this.nowMs)) {
      this.add(this.leaving, way, slice.blockSequence, slice.amountMicros, { partial: true });
    }
  }

  /** Takes back its expired part, so that breakage does not count credit that never was; then it is empty. */
  leave(): void {
    const { sequence, expiredMicros, remainingMicros } = this.block;
    if (expiredMicros > 0n) {
      const back = { type: 'reopen', from: 'breakage', to: 'wallet' } as const;
      this.add(this.leaving, back, sequence, expiredMicros);
    }
    const left = remainingMicros + expiredMicros + this.givenBack;
    const way = { type: 'void', from: 'wallet', to: voidAccountOf(this.block) } as const;
    this.add(this.leaving, way, sequence, left);
  }

  book(): readonly Entry[] {
    const { draft, block, nowMs } = this;
    const voidedAtMs = block.voidedAtMs ?? nowMs;
    draft.replaceBlock({ ...block, expiredMicros: ZERO_MICROS, voidedAtMs });
    const numbered = [...this.redraws, ...this.leaving].map((line, slice) => ({ ...line, slice }));
    const redrawn = numbered.slice(0, this.redraws.length);
    const leaving = numbered.slice(this.redraws.length);
    // In two steps: the first moves nothing of the balance, and what leaves in the second is no spending.
    const entries = redrawn.length === 0 ? [] : draft.book(redrawn, nowMs);
    return [...entries, ...draft.book(leaving, nowMs)];
  }

  private slicesOf(amountMicros: bigint, atMs: number) {
    const others = this.draft.blocks.filter(({ sequence }) => sequence !== this.block.sequence);
    const slices = drawDown(others, micros(amountMicros), atMs, this.used);
    for (const slice of slices) {
      const before = this.used.get(slice.blockSequence) ?? 0n;
      this.used.set(slice.blockSequence, before + slice.amountMicros);
    }
    return slices;
  }

  private add(
    lines: Line[],
    way: Pick<Line, 'type' | 'from' | 'to'>,
    blockSequence: bigint | null,
    amountMicros: bigint,
    metadata: Readonly<Record<string, unknown>> = {},
    occurredAtMs = this.nowMs,
  ): void {
    lines.push({
      ...way,
      blockSequence,
      amountMicros: micros(amountMicros),
      reference: deleteReference(this.block.sequence),
      slice: 0,
      ...{ channel: null, quantity: null, occurredAtMs },
      metadata: { deleted_block: String(this.block.sequence), ...metadata },
    });
  }
}
