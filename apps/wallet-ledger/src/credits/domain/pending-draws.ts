import { micros, type Micros } from '@orbit/money';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Escrow, Wallet } from '../../books/domain/wallet.js';
import { previewDocument, type DrawPart, type TakenSlice } from './draw-document.js';

/** A subscription's usage that is on no invoice yet, in the unit of one wallet: absolute, as it was reported last. */
export interface Accrual {
  readonly subscriptionId: string;
  /** Rises with each report. */
  readonly version: bigint;
  readonly parts: readonly DrawPart[];
}

/** Accruals of a wallet, and the mark of the escrow that was set aside for exactly these; null: none was. */
export interface PendingUsage {
  readonly accruals: readonly Accrual[];
  readonly mark: string | null;
}

export const NOTHING_PENDING: PendingUsage = { accruals: [], mark: null };

/** The id of the one escrow of a wallet that is for usage. */
const USAGE_ESCROW = 'usage';

export const usageEscrowOf = (escrows: readonly Escrow[]): Escrow | undefined =>
  escrows.find(({ kind }) => kind === 'usage');

/** Whether the draft's escrow is the one of these accruals: else they were read before somebody changed them. */
export const isCurrent = (draft: WalletDraft, { mark }: PendingUsage): boolean =>
  (usageEscrowOf(draft.escrows)?.holder ?? null) === mark;

/**
 * The part that each accrual would take now, in the order of days; nothing is booked. The draft has no escrow for
 * usage.
 */
export function previewPending(
  draft: WalletDraft,
  accruals: readonly Accrual[],
  nowMs: number,
): ReturnType<typeof previewDocument> {
  return previewDocument(draft, USAGE_ESCROW, inOrder(accruals), nowMs);
}

/** Gives free what is set aside for usage. What follows is decided as if nobody had used anything. */
export function releasePending(draft: WalletDraft, nowMs: number): void {
  const escrow = usageEscrowOf(draft.escrows);
  if (!escrow) return;
  const none = { grantedMicros: micros(0n), slices: [] };
  draft.putEscrow({ ...escrow, ...none, state: 'closed', closedAtMs: nowMs });
}

/** The amount that a change of credit takes out of the pot that holds take from. */
export interface Room {
  /** As it is decided: as if nothing were set aside for usage. */
  readonly wholeMicros: Micros;
  /** The amount to claim: a sum set aside for usage is in no pot, so it need not be claimed. */
  readonly claimedMicros: Micros;
}

export const NO_ROOM: Room = { wholeMicros: micros(0n), claimedMicros: micros(0n) };

/** `roomOf` says how much a change takes of what nobody has set aside. */
export function roomBesideUsage(
  wallet: Pick<Wallet, 'blocks' | 'escrows'>,
  roomOf: (held: Pick<Wallet, 'blocks' | 'escrows'>) => Micros,
): Room {
  const escrows = wallet.escrows.filter(({ kind }) => kind !== 'usage');
  return { wholeMicros: roomOf({ ...wallet, escrows }), claimedMicros: roomOf(wallet) };
}

/** The amount that a decided change may take. */
export const grantedRoom = ({ wholeMicros, claimedMicros }: Room, isGranted: boolean): Micros =>
  isGranted || claimedMicros === 0n ? wholeMicros : micros(0n);

/** A copy of the draft in which nothing is set aside for usage: for looking, nothing of it is written. */
export const withoutUsage = (draft: WalletDraft): WalletDraft =>
  new WalletDraft(
    { ...draft.current, escrows: draft.escrows.filter(({ kind }) => kind !== 'usage') },
    draft.blocks,
  );

/**
 * Sets aside what these accruals would take of the wallet's blocks as they are now: exactly what an invoice of today
 * would draw, so nothing of the overdraft, which no document draws on. Split anew from nothing, so that any order and
 * any repetition of changes ends the same. The draft has no escrow for usage.
 */
export function pinPending(draft: WalletDraft, pending: PendingUsage, nowMs: number): void {
  const { accruals, mark } = pending;
  if (!accruals.some(({ parts }) => parts.length > 0)) return;
  const { pins } = previewPending(draft, accruals, nowMs);
  const slices = [...pins].map(([blockSequence, amount]) => ({
    blockSequence,
    amountMicros: micros(amount),
  }));
  const grantedMicros = micros([...pins.values()].reduce((sum, amount) => sum + amount, 0n));
  draft.putEscrow({
    ...{ walletNo: draft.walletNo, escrowId: USAGE_ESCROW, kind: 'usage', state: 'open' },
    ...{ reference: USAGE_ESCROW, holder: mark, grantedMicros, spentMicros: micros(0n), slices },
    ...{ openedAtMs: nowMs, expiresAtMs: null, closedAtMs: null },
  });
}

/** `accruals` with one of them replaced. */
export const withAccrual = (accruals: readonly Accrual[], newest: Accrual): readonly Accrual[] => [
  ...accruals.filter(({ subscriptionId }) => subscriptionId !== newest.subscriptionId),
  newest,
];

/** The slices that each took, newest day first, as rows of the ledger stand: one a line, day and block. */
export const newestFirst = (taken: readonly TakenSlice[]): readonly TakenSlice[] =>
  [...taken].reverse();

function inOrder(accruals: readonly Accrual[]): readonly DrawPart[] {
  const parts = accruals.flatMap((accrual) => accrual.parts);
  return parts.sort((a, b) => a.usedAtMs - b.usedAtMs || compare(a.lineId, b.lineId));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
