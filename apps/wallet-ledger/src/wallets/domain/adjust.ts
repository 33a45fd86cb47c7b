import { isAllowanceUnit } from '@orbit/allowances';
import { invariant } from '@orbit/kernel';
import { micros, MICROS_MAX, type Micros } from '@orbit/money';
import { bookCredit } from '../../books/domain/credit.js';
import { drawDown } from '../../books/domain/draw-down.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { ChangeOutcome } from '../../books/domain/wallet.js';

/** A correction by an operator. */
export interface Adjustment {
  /** Signed: positive comes in, negative is taken. */
  readonly amountMicros: Micros;
  readonly reference: string;
  /** Why, and whatever else stands in the entries for ever. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Take it even when the wallet does not cover it; the rest is debt. Never of an allowance. */
  readonly allowsNegative: boolean;
}

/**
 * Books a correction against the account `adjustments`. What comes in is a block of its own that costs
 * nothing and never expires; what is taken is drawn like a charge, but never from what escrows keep.
 */
export function adjustWallet(
  draft: WalletDraft,
  adjustment: Adjustment,
  nowMs: number,
): ChangeOutcome {
  const { amountMicros, reference, metadata } = adjustment;
  invariant(amountMicros !== 0n, 'an adjustment moves something');
  if (amountMicros > 0n) {
    const entry = bookCredit(
      draft,
      {
        type: 'adjustment',
        reference,
        amountMicros,
        kind: 'promotional',
        priority: 0,
        effectiveAtMs: null,
        expiresAtMs: null,
        occurredAtMs: nowMs,
        metadata,
      },
      nowMs,
    );
    if (entry === 'balance_limit') return { status: 'refused', reason: entry };
    return { status: 'changed', entries: [entry] };
  }
  const takenMicros = micros(-amountMicros);
  const mayOwe = adjustment.allowsNegative && !isAllowanceUnit(draft.settings.currency);
  if (!mayOwe && takenMicros > draft.spendableAt(nowMs)) {
    return { status: 'refused', reason: 'insufficient_funds' };
  }
  const slices = drawDown(draft.blocks, takenMicros, nowMs, draft.pinned);
  const owed = slices.filter(({ blockSequence }) => blockSequence === null);
  const debtMicros = owed.reduce((sum, { amountMicros }) => sum + amountMicros, draft.debtMicros);
  // The hot balance, which Redis counts in doubles, is never further below zero than the debt.
  if (debtMicros > MICROS_MAX) return { status: 'refused', reason: 'balance_limit' };
  const lines = slices.map((slice, index) => ({
    type: 'adjustment' as const,
    from: 'wallet' as const,
    to: 'adjustments' as const,
    amountMicros: slice.amountMicros,
    blockSequence: slice.blockSequence,
    reference,
    slice: index,
    channel: null,
    quantity: null,
    metadata,
    occurredAtMs: nowMs,
  }));
  return { status: 'changed', entries: draft.book(lines, nowMs) };
}
