import type { TransactionView, WalletView } from '@orbit/contracts';
import { centsFloor, formatAmount, micros, type Currency, type Micros } from '@orbit/money';
import { remainingMicros } from '../domain/escrow.js';
import { postedState } from '../domain/hot-state.js';
import { entryId } from '../domain/identifiers.js';
import { timesOf } from '../domain/times.js';
import type { Entry } from '../domain/wallet.js';
import type { WalletRecord } from './ports.js';

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

/** What an entry does to the balance: a fee past the wallet does nothing. */
export const deltaMicros = ({ from, to, amountMicros }: Entry): Micros =>
  from === to || (from !== 'wallet' && to !== 'wallet')
    ? micros(0n)
    : micros(to === 'wallet' ? amountMicros : -amountMicros);

/** Of a grant: the end that was asked for, which tells its repeat from another request. Not shown: blocks are extended. */
export const ASKED_END = 'asked_expires_at';

/** The payment that a top-up is told under. Of other entries the key is their caller's own, as everything beside it. */
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

/** An entry as the wallet sees it. `amount_minor` is the difference of the floored balances (DESIGN.md section 2). */
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
