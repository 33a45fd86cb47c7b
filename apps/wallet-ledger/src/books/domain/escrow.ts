import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { drawDown, type Slice } from './draw-down.js';
import type { WalletDraft } from './wallet-draft.js';
import { escrowedMicros, type Escrow, type EscrowSlice } from './wallet.js';

/** The first `amountMicros` of slices, in their order, and what stays behind. */
export function splitSlices(
  slices: readonly EscrowSlice[],
  amountMicros: bigint,
): { readonly taken: EscrowSlice[]; readonly left: EscrowSlice[] } {
  const taken: EscrowSlice[] = [];
  const left: EscrowSlice[] = [];
  let wanted = amountMicros;
  for (const { blockSequence, amountMicros: available } of slices) {
    const part = wanted < available ? wanted : available;
    wanted -= part;
    if (part > 0n) taken.push({ blockSequence, amountMicros: micros(part) });
    const rest = available - part;
    if (rest > 0n) left.push({ blockSequence, amountMicros: micros(rest) });
  }
  invariant(wanted === 0n, 'no more is taken from an escrow than is left of it');
  return { taken, left };
}

/** Slices of both, one per block; the overdraft comes last, so that credit is spent before debt is made. */
export function mergeSlices(
  first: readonly EscrowSlice[],
  second: readonly EscrowSlice[],
): EscrowSlice[] {
  const amounts = new Map<bigint | null, bigint>();
  for (const { blockSequence, amountMicros } of [...first, ...second]) {
    amounts.set(blockSequence, (amounts.get(blockSequence) ?? 0n) + amountMicros);
  }
  const overdraft = amounts.get(null) ?? 0n;
  amounts.delete(null);
  const merged: EscrowSlice[] = [...amounts].map(([blockSequence, amount]) => ({
    blockSequence,
    amountMicros: micros(amount),
  }));
  if (overdraft > 0n) merged.push({ blockSequence: null, amountMicros: micros(overdraft) });
  return merged;
}

/**
 * The amounts that can be set aside now, in draw-down order and leaving what others keep; the rest falls to the
 * overdraft.
 */
export function pinSlices(draft: WalletDraft, amountMicros: Micros, atMs: number): EscrowSlice[] {
  return drawDown(draft.blocks, amountMicros, atMs, draft.pinned);
}

/**
 * Takes `amountMicros` out of an escrow and answers which blocks pay; the caller books it. What was set
 * aside of the overdraft is paid by credit that has come in meanwhile, so that no debt stands beside free credit.
 */
export function spendEscrow(
  draft: WalletDraft,
  escrow: Escrow,
  amountMicros: Micros,
  nowMs: number,
): Slice[] {
  const { taken, left } = splitSlices(escrow.slices, amountMicros);
  draft.putEscrow({
    ...escrow,
    slices: left,
    spentMicros: micros(escrow.spentMicros + amountMicros),
  });
  return moveOverdraft(draft, taken, nowMs);
}

/** `slices` with the overdraft's part moved to blocks that have room. They are pinned by no escrow and not booked yet. */
export function moveOverdraft(
  draft: WalletDraft,
  slices: readonly EscrowSlice[],
  nowMs: number,
): Slice[] {
  const overdraft = slices.find(({ blockSequence }) => blockSequence === null);
  if (!overdraft) return [...slices];
  const own = slices.filter(({ blockSequence }) => blockSequence !== null);
  const pinned = new Map(draft.pinned);
  for (const { blockSequence, amountMicros } of own) {
    pinned.set(blockSequence, (pinned.get(blockSequence) ?? 0n) + amountMicros);
  }
  return mergeSlices(own, drawDown(draft.blocks, overdraft.amountMicros, nowMs, pinned));
}

/** Ends an escrow; what is left of it can be spent by anybody again. */
export function closeEscrow(draft: WalletDraft, escrow: Escrow, nowMs: number): Escrow {
  const closed: Escrow = { ...escrow, state: 'closed', slices: [], closedAtMs: nowMs };
  draft.putEscrow(closed);
  return closed;
}

/** The amount that came back when it closed. */
export const returnedMicros = (escrow: Escrow): Micros =>
  escrow.state === 'closed' ? micros(escrow.grantedMicros - escrow.spentMicros) : ZERO_MICROS;

export const remainingMicros = (escrow: Escrow): Micros => micros(escrowedMicros(escrow));
