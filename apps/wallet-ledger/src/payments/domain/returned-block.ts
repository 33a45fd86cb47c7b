import { micros, ZERO_MICROS } from '@orbit/money';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';

/** A block for what nothing else takes: paid credit that never ends. */
export function addReturnedBlock(draft: WalletDraft, amountMicros: bigint, nowMs: number): void {
  draft.addBlock({
    sequence: draft.nextSequence,
    kind: 'paid',
    priority: 0,
    costBasisMicros: 1_000_000n,
    amountMicros: micros(amountMicros),
    remainingMicros: micros(amountMicros),
    expiredMicros: ZERO_MICROS,
    repaidMicros: ZERO_MICROS,
    effectiveAtMs: nowMs,
    expiresAtMs: null,
    createdAtMs: nowMs,
    voidedAtMs: null,
  });
}
