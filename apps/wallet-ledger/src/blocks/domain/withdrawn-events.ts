import type { CreditWithdrawn } from '@orbit/events';
import { isoInstant } from '@orbit/kernel';
import { formatAmount, micros, type Currency } from '@orbit/money';
import { entryId } from '../../books/domain/identifiers.js';
import type { Entry } from '../../books/domain/wallet.js';

const TOPUP = /^topup:(.+)$/;

interface WithdrawnEvent {
  readonly topic: 'credit.withdrawn';
  readonly id: string;
  readonly key: string;
  readonly value: CreditWithdrawn;
}

/** The amount that it takes from the wallet; below zero when it gives. */
const takenOf = ({ from, to, amountMicros }: Entry): bigint =>
  (from === 'wallet' ? amountMicros : 0n) - (to === 'wallet' ? amountMicros : 0n);

/** The events of a void or an amendment of a top-up's block; other blocks have no receipt to follow it. */
export function withdrawnEvents(
  { organizationId, currency }: { readonly organizationId: string; readonly currency: Currency },
  payments: readonly string[],
  entries: readonly Entry[],
): readonly WithdrawnEvent[] {
  const topupId = TOPUP.exec(payments[0] ?? '')?.[1];
  if (topupId === undefined) return [];
  return entries.flatMap((entry) => {
    const { type } = entry;
    const takenMicros = micros(takenOf(entry));
    if ((type !== 'void' && type !== 'amendment') || takenMicros === 0n) return [];
    const reason = entry.metadata?.['reason'];
    const id = entryId(entry.walletNo, entry.sequence);
    const value: CreditWithdrawn = {
      entry_id: id,
      topup_id: topupId,
      organization_id: organizationId,
      amount: formatAmount(takenMicros, currency),
      currency,
      kind: type,
      reason: typeof reason === 'string' ? reason : null,
      occurred_at: isoInstant(entry.bookedAtMs),
    };
    return [
      { topic: 'credit.withdrawn' as const, id: `withdrawn:${id}`, key: organizationId, value },
    ];
  });
}
