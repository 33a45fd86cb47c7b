import type { CreditWithdrawn } from '@orbit/events';
import { isoInstant } from '@orbit/kernel';
import { formatAmount, micros } from '@orbit/money';
import { entryId } from '../../books/domain/identifiers.js';
import type { Entry } from '../../books/domain/wallet.js';
import type { LedgerEvent, WalletKey } from '../../books/application/ports.js';
import { deltaMicros } from '../../books/application/wallet-views.js';

const TOPUP = /^topup:(.+)$/;

/** What a void or an amendment of a top-up's block tells; of other blocks there is no receipt to follow it. */
export function withdrawnEvents(
  { organizationId, currency }: WalletKey,
  payments: readonly string[],
  entries: readonly Entry[],
): readonly LedgerEvent[] {
  const topupId = TOPUP.exec(payments[0] ?? '')?.[1];
  if (topupId === undefined) return [];
  return entries.flatMap((entry) => {
    const { type } = entry;
    const takenMicros = micros(-deltaMicros(entry));
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
    return [{ topic: 'credit.withdrawn', id: `withdrawn:${id}`, key: organizationId, value }];
  });
}
