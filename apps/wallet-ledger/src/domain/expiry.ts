import { micros } from '@orbit/money';
import type { Line, WalletDraft } from './wallet-draft.js';
import type { Entry } from './wallet.js';

/** Books what is left of the blocks that expired by `nowMs` as breakage, but for what escrows keep of them. */
export function sweepExpired(draft: WalletDraft, nowMs: number): readonly Entry[] {
  const { pinned } = draft;
  const lines: Line[] = [];
  for (const block of draft.blocks) {
    if (block.expiresAtMs === null || block.expiresAtMs > nowMs) continue;
    const lapsed = block.remainingMicros - (pinned.get(block.sequence) ?? 0n);
    if (lapsed <= 0n) continue;
    draft.replaceBlock({ ...block, expiredMicros: micros(block.expiredMicros + lapsed) });
    lines.push({
      type: 'expiry',
      from: 'wallet',
      to: 'breakage',
      amountMicros: micros(lapsed),
      blockSequence: block.sequence,
      // A block that was reopened or unpinned lapses again, so its number alone is not enough.
      reference: `expiry:${block.sequence}:${draft.nextSequence}`,
      slice: 0,
      channel: null,
      quantity: null,
      metadata: null,
      occurredAtMs: block.expiresAtMs,
    });
  }
  return lines.length === 0 ? [] : draft.book(lines, nowMs);
}
