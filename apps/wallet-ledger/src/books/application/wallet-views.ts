import {
  OrbitError,
  type BookedView,
  type ChargeOutcomeView,
  type ChargeRejection,
  type TransactionView,
  type WalletView,
} from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { centsFloor, formatAmount, micros, type Currency, type Micros } from '@orbit/money';
import { spentOf } from '../domain/entry-kinds.js';
import { remainingMicros } from '../domain/escrow.js';
import { postedState } from '../domain/hot-state.js';
import { blockId, entryId } from '../domain/identifiers.js';
import { timesOf } from '../domain/times.js';
import type { Entry } from '../domain/wallet.js';
import type { CommandResult } from './commands.js';
import type { WalletKey, WalletRecord } from './ports.js';

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** A wallet as other services see it; expired credit counts no more. */
export function walletView({ wallet, createdAtMs }: WalletRecord, nowMs: number): WalletView {
  const { postedMicros, escrowedMicros } = postedState(wallet, timesOf(wallet, nowMs).accountMs);
  const { currency } = wallet;
  const leases = wallet.escrows.filter(({ kind }) => kind === 'lease');
  const leasedMicros = leases.reduce((sum, lease) => sum + remainingMicros(lease), 0n);
  return {
    wallet_id: wallet.walletId,
    organization_id: wallet.organizationId,
    currency,
    balance: formatAmount(postedMicros, currency),
    escrowed: formatAmount(escrowedMicros, currency),
    leases_open: leases.length,
    leased: formatAmount(micros(leasedMicros), currency),
    sequence: String(wallet.sequence),
    version: String(wallet.version),
    overdraft_limit: formatAmount(wallet.overdraftMicros, currency),
    low_balance_threshold:
      wallet.lowBalanceMicros === null ? null : formatAmount(wallet.lowBalanceMicros, currency),
    outbound_paused: wallet.pausedReason !== null,
    outbound_block_reason: wallet.pausedReason,
    last_topped_up_at: isoOrNull(wallet.lastToppedUpAtMs),
    created_at: iso(createdAtMs),
  };
}

/** The change that an entry makes to the balance: a fee past the wallet makes none. */
export const deltaMicros = ({ from, to, amountMicros }: Entry): Micros =>
  from === to || (from !== 'wallet' && to !== 'wallet')
    ? micros(0n)
    : micros(to === 'wallet' ? amountMicros : -amountMicros);

/**
 * The end that was asked for with a grant; it distinguishes a repeat from another request. Not shown: blocks are
 * extended.
 */
export const ASKED_END = 'asked_expires_at';

/**
 * The payment whose reference a top-up has. Of other entries the key is their caller's own, as everything beside it.
 */
function namedSource({ type, metadata }: Entry): {
  readonly source: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
} {
  if (type === 'grant' && metadata !== null) {
    const { [ASKED_END]: _asked, ...shown } = metadata;
    return { source: null, metadata: shown };
  }
  if (type !== 'topup' || metadata === null) return { source: null, metadata: metadata ?? {} };
  const { source_reference: source, ...rest } = metadata;
  return { source: typeof source === 'string' ? source : null, metadata: rest };
}

/** An entry as the wallet sees it. `amount_minor` is the difference of the floored balances (docs/design.md, 2). */
export function transactionView(
  entry: Entry,
  currency: Currency,
  expiresAtMs: number | null,
  refundedAtMs: number | null = null,
): TransactionView {
  const signedMicros = deltaMicros(entry);
  const beforeMicros = micros(entry.balanceAfterMicros - signedMicros);
  const minor = centsFloor(entry.balanceAfterMicros, currency) - centsFloor(beforeMicros, currency);
  const { source, metadata } = namedSource(entry);
  return {
    id: entryId(entry.walletNo, entry.sequence),
    type: entry.type,
    amount_minor: Number(minor),
    amount: formatAmount(signedMicros, currency),
    balance_after: formatAmount(entry.balanceAfterMicros, currency),
    reference: source ?? entry.reference,
    channel: entry.channel,
    metadata: entry.channel === null ? metadata : { channel: entry.channel, ...metadata },
    sequence: String(entry.sequence),
    created_at: iso(entry.bookedAtMs),
    expires_at: isoOrNull(expiresAtMs),
    refunded_at: isoOrNull(refundedAtMs),
  };
}

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

export type Booked = Extract<CommandResult, { status: 'booked' }>;

/** The change that entries make to the balance together. */
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

/** A command as booked, for operators. `expiresAtMs`: of the block that it brought in. */
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
