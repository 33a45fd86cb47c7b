import type { ChargeOutcomeView, ChargeRejection } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { formatAmount, micros, type Currency, type Micros } from '@orbit/money';
import { spentOf } from '../domain/entry-kinds.js';
import { blockId } from '../domain/identifiers.js';
import type { Entry } from '../domain/wallet.js';

/** A rejected charge as whoever asks for it sees it. */
export function rejectedView(
  chargeId: string,
  currency: Currency,
  amountMicros: Micros,
  reason: ChargeRejection,
): ChargeOutcomeView {
  return {
    charge_id: chargeId,
    currency,
    amount: formatAmount(amountMicros, currency),
    status: 'rejected',
    reason,
    balance_after: null,
    sequence: null,
    slices: [],
  };
}

/** A posted charge as whoever asks for it sees it, from what was booked under its reference. */
export function postedView(
  chargeId: string,
  currency: Currency,
  booked: readonly Entry[],
): ChargeOutcomeView {
  const entries = spentOf(booked);
  const last = entries.at(-1);
  invariant(last, 'a posted charge has entries');
  return {
    charge_id: chargeId,
    currency,
    amount: formatAmount(totalMicros(entries), currency),
    status: 'posted',
    reason: null,
    balance_after: formatAmount(last.balanceAfterMicros, currency),
    sequence: String(last.sequence),
    slices: entries.map(({ walletNo, blockSequence, amountMicros }) => ({
      block_id: blockSequence === null ? 'overdraft' : blockId(walletNo, blockSequence),
      amount: formatAmount(amountMicros, currency),
    })),
  };
}

export const totalMicros = (entries: readonly Entry[]): Micros =>
  micros(entries.reduce((sum, { amountMicros }) => sum + amountMicros, 0n));
