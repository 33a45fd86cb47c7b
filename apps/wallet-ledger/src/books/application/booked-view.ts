import { OrbitError, type BookedView } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { formatAmount, micros, type Micros } from '@orbit/money';
import type { Entry } from '../domain/wallet.js';
import type { CommandResult } from './commands.js';
import type { WalletKey } from './ports.js';
import { deltaMicros, transactionView } from './wallet-views.js';

export type Booked = Extract<CommandResult, { status: 'booked' }>;

/** What entries do to the balance together. */
export const netMicros = (entries: readonly Entry[]): Micros =>
  micros(entries.reduce((sum, entry) => sum + deltaMicros(entry), 0n));

/** A reference that stands for something else already must not look as if it had been carried out. */
export function refuseOtherRequest(
  { isReplay, entries }: Pick<Booked, 'isReplay' | 'entries'>,
  isSame: (entries: readonly Entry[]) => boolean,
): void {
  if (!isReplay || isSame(entries)) return;
  throw new OrbitError(
    'idempotency_key_conflict',
    'This reference was used for another request; nothing was booked.',
    { param: 'reference' },
  );
}

/** What a command booked, as operators see it. `expiresAtMs`: of the block that it brought in. */
export function bookedView(
  { organizationId, currency }: WalletKey,
  reference: string,
  { entries, isReplay }: Pick<Booked, 'isReplay' | 'entries'>,
  expiresAtMs: number | null = null,
): BookedView {
  const last = entries.at(-1);
  invariant(last, 'what was booked is at least one entry');
  return {
    organization_id: organizationId,
    currency,
    reference,
    transactions: entries.map((entry) => transactionView(entry, currency, expiresAtMs)),
    balance_after: formatAmount(last.balanceAfterMicros, currency),
    replayed: isReplay,
  };
}
