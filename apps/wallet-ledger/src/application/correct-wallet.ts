import { OrbitError, type BookedView } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { formatMicros, type Micros } from '@orbit/money';
import { adjustWallet, type Adjustment } from '../domain/adjust.js';
import type { ChangeWallet } from './change-wallet.js';
import type { CommandResult } from './commands.js';
import type { WalletKey } from './ports.js';
import { deltaMicros, transactionView } from './wallet-views.js';

type Booked = Extract<CommandResult, { status: 'booked' }>;

/** Corrections by an operator; each is an entry with its reason, once per reference. */
export class CorrectWallet {
  constructor(private readonly changeWallet: ChangeWallet) {}

  /** Errors: OrbitError `insufficient_funds`, `idempotency_key_conflict`, `not_found`. */
  async adjust(
    key: WalletKey,
    adjustment: Omit<Adjustment, 'metadata'> & { readonly reason: string },
  ): Promise<BookedView> {
    const { amountMicros, reason } = adjustment;
    const reference = `adjustment:${adjustment.reference}`;
    const booked = await this.changeWallet.change({
      kind: 'change',
      key,
      reference,
      reads: {},
      apply: (draft, { nowMs }) =>
        adjustWallet(draft, { ...adjustment, reference, metadata: { reason } }, nowMs),
    });
    refuseOtherRequest(booked, amountMicros, { reason });
    return bookedView(key, adjustment.reference, booked);
  }
}

/** A reference that stands for something else already must not look as if it had been carried out. */
export function refuseOtherRequest(
  { isReplay, entries }: Booked,
  amountMicros: Micros,
  metadata: Readonly<Record<string, unknown>>,
): void {
  if (!isReplay) return;
  const totalMicros = entries.reduce((sum, entry) => sum + deltaMicros(entry), 0n);
  const [first] = entries;
  const isSame =
    totalMicros === amountMicros &&
    Object.entries(metadata).every(([name, value]) => first?.metadata?.[name] === value);
  if (isSame) return;
  throw new OrbitError(
    'idempotency_key_conflict',
    'This reference was used for another request; nothing was booked.',
    { param: 'reference' },
  );
}

export function bookedView(key: WalletKey, reference: string, booked: Booked): BookedView {
  const { entries, isReplay } = booked;
  const last = entries.at(-1);
  invariant(last, 'a correction is at least one entry');
  return {
    organization_id: key.organizationId,
    currency: key.currency,
    reference,
    transactions: entries.map((entry) => transactionView(entry, key.currency, null)),
    balance_after: formatMicros(last.balanceAfterMicros),
    replayed: isReplay,
  };
}
