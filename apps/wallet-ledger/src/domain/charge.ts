import { invariant } from '@orbit/kernel';
import { drawDown, type Slice } from './draw-down.js';
import { spendLease } from './lease.js';
import type { Line, WalletDraft } from './wallet-draft.js';
import type { Charge, ChargeOutcome } from './wallet.js';

/**
 * Decides one charge. Rejections, highest precedence first: paused, insufficient_funds.
 * A charge of a lease is paid by the lease while that covers it; otherwise it is one like any other.
 * `isGranted`: the hot balance, which also knows the open holds, had room for it.
 */
export function decideCharge(
  draft: WalletDraft,
  charge: Charge,
  isGranted: boolean,
  nowMs: number,
): ChargeOutcome {
  invariant(charge.amountMicros > 0n, 'a charge is positive');
  if (charge.leaseId !== null) {
    // Set aside in the books: posted whatever became of the wallet and its blocks meanwhile.
    const slices = spendLease(draft, charge, nowMs);
    if (slices) return { status: 'posted', entries: draft.book(spendLines(charge, slices), nowMs) };
  }
  // A hold pins the credit that was there when it was made, so its charge is judged by that instant.
  const atMs = charge.isAuthorized ? Math.min(charge.occurredAtMs, nowMs) : nowMs;
  if (!charge.isAuthorized) {
    const { pausedReason } = draft.settings;
    if (pausedReason !== null && pausedReason !== 'balance_depleted') {
      return { status: 'rejected', reason: 'paused' };
    }
    if (!isGranted || charge.amountMicros > draft.spendableAt(atMs)) {
      return { status: 'rejected', reason: 'insufficient_funds' };
    }
  }
  const pinned = draft.escrows.length === 0 ? undefined : draft.pinned;
  const slices = drawDown(draft.blocks, charge.amountMicros, atMs, pinned);
  return { status: 'posted', entries: draft.book(spendLines(charge, slices), nowMs) };
}

/** One line per block that pays. */
export function spendLines(charge: Charge, slices: readonly Slice[]): Line[] {
  return slices.map((slice, index) => ({
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
}
