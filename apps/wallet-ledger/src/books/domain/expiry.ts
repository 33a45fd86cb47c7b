import { micros } from '@orbit/money';
import type { Line, WalletDraft } from './wallet-draft.js';
import { pinnedByBlock } from './draw-down.js';
import type { Block, Entry, Wallet } from './wallet.js';

/** Where credit goes that an operator takes back: by its kind, since paid money is not promo's to have. */
export const voidAccountOf = ({ kind }: Pick<Block, 'kind'>): 'promo' | 'adjustments' =>
  kind === 'promotional' ? 'promo' : 'adjustments';

/** Whether a sweep at `nowMs` would book something. */
export function hasExpired(
  { blocks, escrows }: Pick<Wallet, 'blocks' | 'escrows'>,
  nowMs: number,
): boolean {
  const pinned = pinnedByBlock(escrows);
  return blocks.some(({ expiresAtMs, voidedAtMs, remainingMicros, sequence }) => {
    const overAtMs = voidedAtMs ?? expiresAtMs;
    if (overAtMs === null || overAtMs > nowMs) return false;
    return remainingMicros > (pinned.get(sequence) ?? 0n);
  });
}

/**
 * Books the rest of the blocks that expired by `nowMs` as breakage, but for what escrows keep of them. Credit that an
 * escrow gave back of a voided block leaves as the rest of it did.
 */
export function sweepExpired(draft: WalletDraft, nowMs: number): readonly Entry[] {
  const { pinned } = draft;
  const lines: Line[] = [];
  for (const block of draft.blocks) {
    const { expiresAtMs, voidedAtMs } = block;
    const overAtMs = voidedAtMs ?? expiresAtMs;
    if (overAtMs === null || overAtMs > nowMs) continue;
    const left = block.remainingMicros - (pinned.get(block.sequence) ?? 0n);
    if (left <= 0n) continue;
    if (voidedAtMs === null) {
      draft.replaceBlock({ ...block, expiredMicros: micros(block.expiredMicros + left) });
    }
    lines.push({
      type: voidedAtMs === null ? 'expiry' : 'void',
      from: 'wallet',
      to: voidedAtMs === null ? 'breakage' : voidAccountOf(block),
      amountMicros: micros(left),
      blockSequence: block.sequence,
      // A block that was reopened or unpinned expires again, so its number alone is not enough.
      reference: `expiry:${block.sequence}:${draft.nextSequence}`,
      slice: 0,
      channel: null,
      quantity: null,
      metadata: null,
      occurredAtMs: overAtMs,
    });
  }
  return lines.length === 0 ? [] : draft.book(lines, nowMs);
}
