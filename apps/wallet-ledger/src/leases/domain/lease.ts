import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import type { Slice } from '../../books/domain/draw-down.js';
import { closeEscrow, mergeSlices, pinSlices, spendEscrow } from '../../books/domain/escrow.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import {
  escrowedMicros,
  type ChangeRefusal,
  type Charge,
  type Entry,
  type Escrow,
  type LeaseFunding,
} from '../../books/domain/wallet.js';

/*
 * A lease is an escrow that one process spends from memory:
 *
 *   open ──close or expiry──▶ closing ──every charge sent before that is read──▶ closed
 *
 * `closing` still takes charges, because the owner may have published some that the ledger has not read;
 * only `closed` gives back what is left. granted = spent + left + returned, always.
 */

/** Leases of one wallet that are open at once: every charge of the wallet looks at all of them. */
export const LEASES_OPEN_MAX = 256;

export interface LeaseRequest {
  readonly leaseId: string;
  /** Of the grant and of the escrow; unique within the wallet. */
  readonly reference: string;
  readonly amountMicros: Micros;
  readonly ttlMs: number;
  readonly holder: string | null;
}

export interface RenewalRequest {
  readonly leaseId: string;
  readonly reference: string;
  /** 0: time alone. */
  readonly amountMicros: Micros;
  /** Counted from now; 0: money alone. */
  readonly ttlMs: number;
}

/** The facts that a decision about a lease may read besides the wallet. */
export interface LeaseContext {
  /** Of the wallet's account: which credit may be set aside. */
  readonly nowMs: number;
  /** Real time: when a lease begins and ends. */
  readonly realMs: number;
  /** The hot balance, which also knows the open holds, had room for the amount. */
  readonly isGranted: boolean;
  escrowOf(idOrReference: string): Escrow | undefined;
  fundingOf(reference: string): LeaseFunding | undefined;
}

export type LeaseOutcome =
  | {
      readonly status: 'changed';
      readonly entries: readonly Entry[];
      readonly lease: Escrow;
      readonly isReplay: boolean;
    }
  | { readonly status: 'refused'; readonly reason: ChangeRefusal };

const refused = (reason: ChangeRefusal): LeaseOutcome => ({ status: 'refused', reason });
const changed = (lease: Escrow, isReplay = false): LeaseOutcome => ({
  status: 'changed',
  entries: [],
  lease,
  isReplay,
});

/** Refusals, highest precedence first: reference_conflict, paused, conflict (too many), insufficient_funds. */
export function openLease(
  draft: WalletDraft,
  request: LeaseRequest,
  context: LeaseContext,
): LeaseOutcome {
  const { leaseId, reference, amountMicros, ttlMs, holder } = request;
  invariant(amountMicros > 0n && ttlMs > 0, 'a lease has an amount and an end');
  const earlier = context.fundingOf(reference);
  if (earlier) {
    const lease = context.escrowOf(earlier.escrowId) ?? context.escrowOf(reference);
    const isSame = lease?.reference === reference && lease.holder === holder;
    return isSame && isSameGrant(earlier, request)
      ? changed(lease, true)
      : refused('reference_conflict');
  }
  if (isPaused(draft)) return refused('paused');
  if (draft.escrows.length >= LEASES_OPEN_MAX) return refused('conflict');
  if (!isCovered(draft, amountMicros, context)) return refused('insufficient_funds');
  const lease: Escrow = {
    walletNo: draft.walletNo,
    escrowId: leaseId,
    kind: 'lease',
    state: 'open',
    reference,
    holder,
    grantedMicros: amountMicros,
    spentMicros: ZERO_MICROS,
    slices: pinSlices(draft, amountMicros, context.nowMs),
    openedAtMs: context.realMs,
    expiresAtMs: context.realMs + ttlMs,
    closedAtMs: null,
  };
  draft.putEscrow(lease);
  draft.addFunding(fundingOf(lease, request, context.realMs));
  return changed(lease);
}

/**
 * Adds money, time or both. A lease that is past its end is not brought back: its owner may be another by now.
 * Refusals, highest precedence first: not_found, reference_conflict, conflict (ended), paused, insufficient_funds.
 */
export function renewLease(
  draft: WalletDraft,
  request: RenewalRequest,
  context: LeaseContext,
): LeaseOutcome {
  const { leaseId, reference, amountMicros, ttlMs } = request;
  invariant(amountMicros > 0n || ttlMs > 0, 'a renewal gives money or time');
  const lease = leaseOf(context, leaseId);
  if (!lease) return refused('not_found');
  const earlier = context.fundingOf(reference);
  if (earlier) {
    const isSame = earlier.escrowId === leaseId && isSameGrant(earlier, request);
    return isSame ? changed(lease, true) : refused('reference_conflict');
  }
  if (lease.state !== 'open' || isPastEnd(lease, context.realMs)) return refused('conflict');
  if (isPaused(draft)) return refused('paused');
  if (amountMicros > 0n && !isCovered(draft, amountMicros, context)) {
    return refused('insufficient_funds');
  }
  const added = amountMicros > 0n ? pinSlices(draft, amountMicros, context.nowMs) : [];
  const renewed: Escrow = {
    ...lease,
    grantedMicros: micros(lease.grantedMicros + amountMicros),
    slices: mergeSlices(lease.slices, added),
    expiresAtMs: Math.max(lease.expiresAtMs ?? 0, ttlMs > 0 ? context.realMs + ttlMs : 0),
  };
  draft.putEscrow(renewed);
  draft.addFunding(fundingOf(renewed, request, context.realMs));
  return changed(renewed);
}

/** No more is authorized from it; what is left comes back with `finishLease`. */
export function closeLease(
  draft: WalletDraft,
  leaseId: string,
  context: Pick<LeaseContext, 'escrowOf'>,
): LeaseOutcome {
  const lease = leaseOf(context, leaseId);
  if (!lease) return refused('not_found');
  if (lease.state !== 'open') return changed(lease, true);
  const closing: Escrow = { ...lease, state: 'closing' };
  draft.putEscrow(closing);
  return changed(closing);
}

/** As `closeLease`, but only when its time is over: a renewal that came first wins. */
export function expireLease(
  draft: WalletDraft,
  leaseId: string,
  context: Pick<LeaseContext, 'escrowOf' | 'realMs'>,
): LeaseOutcome {
  const lease = leaseOf(context, leaseId);
  if (!lease) return refused('not_found');
  return isPastEnd(lease, context.realMs)
    ? closeLease(draft, leaseId, context)
    : changed(lease, true);
}

/** Returns what is left. The caller knows that no charge of it is still unread. */
export function finishLease(
  draft: WalletDraft,
  leaseId: string,
  context: Pick<LeaseContext, 'escrowOf' | 'nowMs'>,
): LeaseOutcome {
  const lease = leaseOf(context, leaseId);
  if (!lease) return refused('not_found');
  if (lease.state === 'closed') return changed(lease, true);
  invariant(lease.state === 'closing', `lease ${leaseId} is closing before it is closed`);
  return changed(closeEscrow(draft, lease, context.nowMs));
}

/**
 * The slices that pay a charge which its owner authorized from a lease; null when the lease is unknown,
 * closed or too small: then it is a charge like any other.
 */
export function spendLease(
  draft: WalletDraft,
  { leaseId, amountMicros }: Charge,
  nowMs: number,
): Slice[] | null {
  const lease = draft.escrows.find(
    ({ kind, escrowId }) => kind === 'lease' && escrowId === leaseId,
  );
  if (!lease || escrowedMicros(lease) < amountMicros) return null;
  return spendEscrow(draft, lease, amountMicros, nowMs);
}

function leaseOf({ escrowOf }: Pick<LeaseContext, 'escrowOf'>, id: string): Escrow | undefined {
  const escrow = escrowOf(id);
  return escrow?.kind === 'lease' && escrow.escrowId === id ? escrow : undefined;
}

const isPastEnd = ({ expiresAtMs }: Escrow, realMs: number): boolean =>
  expiresAtMs !== null && expiresAtMs <= realMs;

function isPaused(draft: WalletDraft): boolean {
  const { pausedReason } = draft.settings;
  return pausedReason !== null && pausedReason !== 'balance_depleted';
}

const isCovered = (
  draft: WalletDraft,
  amount: Micros,
  { isGranted, nowMs }: LeaseContext,
): boolean => isGranted && amount <= draft.spendableAt(nowMs);

const isSameGrant = (
  earlier: LeaseFunding,
  { amountMicros, ttlMs }: Pick<LeaseRequest, 'amountMicros' | 'ttlMs'>,
): boolean => earlier.amountMicros === amountMicros && earlier.ttlMs === ttlMs;

const fundingOf = (
  { walletNo, escrowId }: Escrow,
  { reference, amountMicros, ttlMs }: RenewalRequest,
  grantedAtMs: number,
): LeaseFunding => ({ walletNo, escrowId, reference, amountMicros, ttlMs, grantedAtMs });
