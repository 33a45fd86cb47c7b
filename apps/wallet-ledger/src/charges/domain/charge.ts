import { isAllowanceUnit } from '@orbit/allowances';
import { invariant } from '@orbit/kernel';
import type { Micros } from '@orbit/money';
import { drawDown, type Slice } from '../../books/domain/draw-down.js';
import { chargeReference } from '../../books/domain/identifiers.js';
import { planLate, reopenLines, slicesOf } from './late-usage.js';
import { spendLease } from '../../leases/domain/lease.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import { byHold } from './held.js';
import type { Charge, ChargeOutcome } from '../../books/domain/wallet.js';

/**
 * Decides one charge. Rejections, highest precedence first: paused, insufficient_funds; of an authorized
 * one only that an allowance does not cover it.
 * A charge of a lease is paid by the lease while that covers it; otherwise it is one like any other.
 * `isGranted`: the hot balance, which also knows the open holds, had room for `claimedMicros` of it;
 * that is less than its amount where expired credit was counted on for the rest (domain/late-usage.ts).
 */
export function decideCharge(
  draft: WalletDraft,
  charge: Charge,
  isGranted: boolean,
  nowMs: number,
  claimedMicros: Micros = charge.amountMicros,
): ChargeOutcome {
  invariant(charge.amountMicros > 0n, 'a charge is positive');
  if (charge.leaseId !== null) {
    // Set aside in the books: posted whatever became of the wallet and its blocks meanwhile.
    const slices = spendLease(draft, charge, nowMs);
    if (slices) {
      const lines = spendLines(charge, slices, charge.leaseId);
      return { status: 'posted', entries: draft.book(lines, nowMs) };
    }
  }
  const authorizedBy = charge.isAuthorized ? byHold(charge) : null;
  const late = planLate(draft, charge, nowMs);
  const neededMicros = late === null ? charge.amountMicros : late.restMicros;
  // A hold is a promise of money, which can be owed; units of a plan cannot be, whoever promised them.
  const isOwed =
    isAllowanceUnit(draft.settings.currency) && neededMicros > draft.spendableAt(nowMs);
  if (neededMicros > 0n && isOwed) return { status: 'rejected', reason: 'insufficient_funds' };
  if (!charge.isAuthorized) {
    const { pausedReason } = draft.settings;
    if (pausedReason !== null && pausedReason !== 'balance_depleted') {
      return { status: 'rejected', reason: 'paused' };
    }
    const roomMicros = isGranted ? claimedMicros : 0n;
    const isCovered = neededMicros <= roomMicros && neededMicros <= draft.spendableAt(nowMs);
    if (neededMicros > 0n && !isCovered) {
      return { status: 'rejected', reason: 'insufficient_funds' };
    }
  }
  if (late === null) {
    const pinned = draft.escrows.length === 0 ? undefined : draft.pinned;
    const slices = drawDown(draft.blocks, charge.amountMicros, nowMs, pinned);
    const lines = spendLines(charge, slices, authorizedBy);
    return { status: 'posted', entries: draft.book(lines, nowMs) };
  }
  const slices = slicesOf(draft, late, nowMs);
  const reopened = reopenLines(draft, charge, late);
  const lines = [...reopened, ...spendLines(charge, slices, authorizedBy, reopened.length)];
  return { status: 'posted', entries: draft.book(lines, nowMs) };
}

/** One line per block that pays; `firstSlice` is the number of lines before them under the same reference. */
export function spendLines(
  charge: Charge,
  slices: readonly Slice[],
  authorizedBy: string | null,
  firstSlice = 0,
): Line[] {
  return slices.map((slice, index) => ({
    type: 'spend',
    from: 'wallet',
    to: 'revenue',
    amountMicros: slice.amountMicros,
    blockSequence: slice.blockSequence,
    reference: chargeReference(charge.chargeId),
    slice: firstSlice + index,
    channel: charge.channel,
    quantity: charge.quantity,
    metadata: charge.metadata,
    authorizedBy,
    occurredAtMs: charge.occurredAtMs,
  }));
}
