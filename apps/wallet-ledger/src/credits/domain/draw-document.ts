import { invariant } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import { drawDown, isSpendable, type Slice } from '../../books/domain/draw-down.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry } from '../../books/domain/wallet.js';

/** A part of a document's line, of one local day. */
export interface DrawPart {
  readonly lineId: string;
  readonly priceId: string | null;
  readonly amountMicros: Micros;
  /** The start of the local day: credit pays that had begun and had not expired by then. */
  readonly usedAtMs: number;
}

export const DRAW_PREFIX = 'usage:';
export const drawReference = (documentId: string): string => `${DRAW_PREFIX}${documentId}`;

/** The part's share of one block. */
export interface TakenSlice {
  readonly lineId: string;
  readonly part: DrawPart;
  readonly slice: Slice;
}

/** The amounts that a draw took, part by part, in the order of the entries. */
export interface DocumentDraw {
  readonly entries: readonly Entry[];
  readonly taken: readonly TakenSlice[];
}

/** The result of a draw if it were made now. */
export interface DrawPreview {
  readonly taken: readonly TakenSlice[];
  /** Of it, per block: what is in the block now, and no breakage that would have to come back first. */
  readonly pins: ReadonlyMap<bigint, bigint>;
}

/**
 * Takes credit for the parts of a document, in their order and as far as credit goes: the rest is the invoice's, never
 * debt of the wallet. Credit that was alive on the day and has expired since pays first, as with late usage; what of it
 * was booked as breakage comes back before. What escrows keep pays nothing.
 */
export function drawDocument(
  draft: WalletDraft,
  documentId: string,
  parts: readonly DrawPart[],
  nowMs: number,
): DocumentDraw {
  const run = new Draw(draft, documentId, nowMs);
  for (const part of parts) run.take(part);
  return run.book();
}

/** The result of a draw if it were made now; the draft stays as it is. */
export function previewDocument(
  draft: WalletDraft,
  documentId: string,
  parts: readonly DrawPart[],
  nowMs: number,
): DrawPreview {
  const run = new Draw(draft, documentId, nowMs);
  for (const part of parts) run.take(part);
  return { taken: run.taken, pins: run.pins };
}

class Draw {
  private readonly lines: Line[] = [];
  readonly taken: TakenSlice[] = [];
  /** Per block: what escrows keep and what earlier parts took. */
  private readonly used: Map<bigint | null, bigint>;
  /** Per block: breakage that comes back. The draft is not touched before `book`: a preview books nothing. */
  private readonly reopened = new Map<bigint, bigint>();

  constructor(
    private readonly draft: WalletDraft,
    private readonly documentId: string,
    private readonly nowMs: number,
  ) {
    this.used = new Map(draft.pinned);
  }

  take(part: DrawPart): void {
    const expired = this.takeExpired(part);
    const rest = micros(part.amountMicros - expired);
    if (rest === 0n) return;
    const alive = this.draft.blocks.filter((block) => isSpendable(block, this.nowMs));
    for (const slice of drawDown(alive, rest, part.usedAtMs, this.used)) {
      if (slice.blockSequence !== null) this.spend(part, slice);
    }
  }

  /** Returns how much of the part it paid. */
  private takeExpired(part: DrawPart): bigint {
    let paid = 0n;
    for (const block of this.draft.blocks) {
      if (!this.hasExpiredSince(block, part.usedAtMs)) continue;
      const { sequence, remainingMicros } = block;
      const expiredMicros = block.expiredMicros - (this.reopened.get(sequence) ?? 0n);
      const left = remainingMicros - (this.used.get(sequence) ?? 0n);
      const wanted = part.amountMicros - paid;
      const amount = wanted < left + expiredMicros ? wanted : left + expiredMicros;
      if (amount <= 0n) continue;
      if (amount > left) this.reopen(block, amount - left, part);
      this.spend(part, { blockSequence: sequence, amountMicros: micros(amount) });
      paid += amount;
    }
    return paid;
  }

  private hasExpiredSince(block: Block, usedAtMs: number): boolean {
    const { effectiveAtMs, expiresAtMs, voidedAtMs } = block;
    if (expiresAtMs === null || voidedAtMs !== null) return false;
    return effectiveAtMs <= usedAtMs && usedAtMs < expiresAtMs && expiresAtMs <= this.nowMs;
  }

  /** Breakage comes back to the block at once, so that the next part sees what is left of it. */
  private reopen(block: Block, amount: bigint, part: DrawPart): void {
    const { sequence } = block;
    const used = this.used.get(sequence) ?? 0n;
    this.used.set(sequence, used - amount);
    this.reopened.set(sequence, (this.reopened.get(sequence) ?? 0n) + amount);
    const way = { type: 'reopen', from: 'breakage', to: 'wallet' } as const;
    this.lines.push({ ...this.line(part, sequence, micros(amount)), ...way });
  }

  private spend(part: DrawPart, slice: Slice): void {
    const { blockSequence, amountMicros } = slice;
    this.used.set(blockSequence, (this.used.get(blockSequence) ?? 0n) + amountMicros);
    this.taken.push({ lineId: part.lineId, part, slice });
    const way = { type: 'spend', from: 'wallet', to: 'revenue' } as const;
    this.lines.push({ ...this.line(part, blockSequence, amountMicros), ...way });
  }

  private line(
    { lineId, priceId, usedAtMs }: DrawPart,
    blockSequence: bigint | null,
    amountMicros: Micros,
  ): Omit<Line, 'type' | 'from' | 'to'> {
    return {
      ...{ blockSequence, amountMicros, reference: drawReference(this.documentId) },
      ...{ slice: this.lines.length, channel: null, quantity: null, occurredAtMs: usedAtMs },
      metadata: { invoice_id: this.documentId, line_id: lineId, price_id: priceId },
    };
  }

  get pins(): ReadonlyMap<bigint, bigint> {
    const { pinned } = this.draft;
    const pins = new Map<bigint, bigint>();
    for (const [sequence, amount] of this.used) {
      const own = amount - (pinned.get(sequence) ?? 0n);
      if (sequence !== null && own > 0n) pins.set(sequence, own);
    }
    return pins;
  }

  book(): DocumentDraw {
    for (const [sequence, amount] of this.reopened) {
      const block = this.draft.findBlock(sequence);
      invariant(block, 'a block that is reopened is in the wallet');
      const expiredMicros = micros(block.expiredMicros - amount);
      this.draft.replaceBlock({ ...block, expiredMicros });
    }
    const entries = this.lines.length === 0 ? [] : this.draft.book(this.lines, this.nowMs);
    return { entries, taken: this.taken };
  }
}
