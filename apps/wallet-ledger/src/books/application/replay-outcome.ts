import { isSamePricing, readPriceTag } from '@orbit/contracts';
import { spentOf } from '../domain/entry-kinds.js';
import { totalMicros } from './wallet-views.js';
import type { CommandResult, LedgerCommand, WalletIdentity } from './commands.js';
import type { KnownOutcome } from './ports.js';

/** The id is another charge's; nothing is written of it. */
export const idConflict = (wallet: WalletIdentity, atMs: number): CommandResult => ({
  status: 'rejected',
  wallet,
  reason: 'charge_id_conflict',
  atMs,
  isReplay: true,
});

/** The first answer again; another charge under the same id is a conflict and changes nothing. */
export function replay(
  command: LedgerCommand,
  known: KnownOutcome,
  wallet: WalletIdentity,
  nowMs: number,
): CommandResult {
  const conflict = idConflict(wallet, nowMs);
  if (known.status === 'rejected') {
    const { reason, amountMicros, channel, rejectedAtMs } = known.rejection;
    // Of a rejected charge nobody kept the price: by another card it may be another amount.
    const isSame =
      command.kind === 'charge' &&
      (readPriceTag(command.charge.metadata) !== null ||
        (command.charge.amountMicros === amountMicros && command.charge.channel === channel));
    return isSame
      ? { status: 'rejected', wallet, reason, atMs: rejectedAtMs, isReplay: true }
      : conflict;
  }
  const { entries } = known;
  if (command.kind === 'charge') {
    const spent = spentOf(entries);
    const isSame =
      isSamePricing(command.charge.metadata, spent[0]?.metadata ?? {}) ??
      (totalMicros(spent) === command.charge.amountMicros &&
        spent[0]?.channel === command.charge.channel);
    if (!isSame) return conflict;
  }
  return { status: 'booked', wallet, entries, isReplay: true };
}
