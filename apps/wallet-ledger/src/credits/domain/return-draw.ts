import { micros, MICROS_MAX, type Micros } from '@orbit/money';
import { voidAccountOf } from '../../books/domain/expiry.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Entry } from '../../books/domain/wallet.js';

/** Credit that a line of a document drew and that comes back, because the line became smaller. */
export interface CreditReturn {
  readonly returnId: string;
  readonly documentId: string;
  readonly lineId: string;
  readonly amountMicros: Micros;
}

/** The returns of one document stand under one reference, so that each return sees the others. */
export const RETURN_PREFIX = 'usage_return:';
export const returnReference = (documentId: string): string => `${RETURN_PREFIX}${documentId}`;

/** The sum that a return brought back. */
export const returnedBy = (returnId: string, returns: readonly Entry[]): bigint =>
  returns
    .filter(({ type, metadata }) => type === 'reversal' && metadata?.['return_id'] === returnId)
    .reduce((sum, { amountMicros }) => sum + amountMicros, 0n);

/**
 * Brings credit back to the blocks that paid, the last slice first, at most what was drawn and is not back. What comes
 * back to a block that is over leaves it again. Nothing happens when this return was booked before; null: the balance
 * would pass what a wallet can hold.
 */
export function returnDraw(
  draft: WalletDraft,
  asked: CreditReturn,
  drawn: readonly Entry[],
  returns: readonly Entry[],
  nowMs: number,
): readonly Entry[] | null {
  if (returnedBy(asked.returnId, returns) > 0n) return [];
  if (draft.balance + asked.amountMicros > MICROS_MAX - draft.settings.overdraftMicros) return null;
  const lines: Line[] = [];
  let left: bigint = asked.amountMicros;
  for (const [block, { free, metadata }] of [
    ...openSlices(asked.lineId, drawn, returns),
  ].reverse()) {
    const amount = left < free ? left : free;
    if (amount <= 0n) continue;
    left -= amount;
    const common = {
      ...{ reference: returnReference(asked.documentId), channel: null, quantity: null },
      ...{ occurredAtMs: nowMs, blockSequence: block, amountMicros: micros(amount) },
      metadata: { ...metadata, return_id: asked.returnId },
    };
    const slice = (): number => returns.length + lines.length;
    lines.push({ ...common, type: 'reversal', from: 'revenue', to: 'wallet', slice: slice() });
    const way = block === null ? null : leaves(draft, block, amount, nowMs);
    if (way) lines.push({ ...common, ...way, slice: slice() });
  }
  return lines.length === 0 ? [] : draft.book(lines, nowMs);
}

/** The parts of a line's draws that are not back, by block, in the order of the draws. */
function openSlices(lineId: string, drawn: readonly Entry[], returns: readonly Entry[]) {
  const open = new Map<bigint | null, { free: bigint; metadata: Entry['metadata'] }>();
  const isOfLine = ({ metadata }: Entry): boolean => metadata?.['line_id'] === lineId;
  for (const { type, blockSequence, amountMicros, metadata } of drawn.filter(isOfLine)) {
    if (type !== 'spend') continue;
    const before = open.get(blockSequence)?.free ?? 0n;
    open.delete(blockSequence);
    open.set(blockSequence, { free: before + amountMicros, metadata });
  }
  for (const { type, blockSequence, amountMicros } of returns.filter(isOfLine)) {
    const slice = open.get(blockSequence);
    if (type === 'reversal' && slice) slice.free -= amountMicros;
  }
  return open;
}

/** How credit leaves a block that is over; null: it stays. */
function leaves(
  draft: WalletDraft,
  sequence: bigint,
  amount: bigint,
  nowMs: number,
): Pick<Line, 'type' | 'from' | 'to'> | null {
  const block = draft.findBlock(sequence);
  if (!block) return null;
  if (block.voidedAtMs !== null) return { type: 'void', from: 'wallet', to: voidAccountOf(block) };
  if (block.expiresAtMs === null || block.expiresAtMs > nowMs) return null;
  draft.replaceBlock({ ...block, expiredMicros: micros(block.expiredMicros + amount) });
  return { type: 'expiry', from: 'wallet', to: 'breakage' };
}
