import type { Block, Entry } from '../../books/domain/wallet.js';

/*
 * The part of a payment that left its wallet before anybody clawed it back (docs/decisions/0021). Credit that an
 * operator took back lies on `adjustments`, credit that expired on `breakage`; the payment itself is still at Stripe. A refund
 * or a dispute uses what was taken back first and what expired before it makes debt: from that account to the one of
 * the clawback, past the wallet, so that one payment is taken back once. Everything follows from entries that name the
 * payment's block.
 */

export interface TakenBack {
  /** Taken by an operator and not given back: void, amendment, negative adjustment. */
  readonly withdrawnMicros: bigint;
  /** The part that clawbacks have used. */
  readonly withdrawnUsedMicros: bigint;
  /** The part of breakage that clawbacks have used. */
  readonly expiredUsedMicros: bigint;
  /** Amount that clawbacks took of the block while it was in the wallet. */
  readonly ownUsedMicros: bigint;
}

/**
 * Adds up the entries of one block, in their order. An amendment to more undoes what was taken before; what it gives
 * beyond that is extra, and an amendment to less takes the extra first. A void takes everything, the extra included.
 * `payment` is the payment's reference.
 */
export function addUpTaken(entries: readonly Entry[], payment: string): TakenBack {
  let withdrawn = 0n;
  const used = { adjustments: 0n, breakage: 0n, wallet: 0n };
  for (const entry of entries) {
    if (isOfAnother(entry, payment)) continue;
    const { type, from, to, amountMicros } = entry;
    const isAmendment = type === 'amendment';
    if (from === 'wallet' && to === 'adjustments') {
      withdrawn = (isAmendment || withdrawn > 0n ? withdrawn : 0n) + amountMicros;
    } else if (from === 'adjustments' && to === 'wallet') {
      if (isAmendment) withdrawn -= amountMicros;
    } else if (isSource(from)) used[from] += amountMicros;
    else if (isSource(to)) used[to] -= amountMicros;
  }
  return {
    withdrawnMicros: withdrawn > 0n ? withdrawn : 0n,
    withdrawnUsedMicros: used.adjustments,
    expiredUsedMicros: used.breakage,
    ownUsedMicros: used.wallet,
  };
}

/** A clawback on another payment may find its own block empty and take this one: that is no clawback on this payment. */
function isOfAnother({ from, to, metadata }: Entry, payment: string): boolean {
  const isClawback = CLAWBACK_ACCOUNTS.has(from) || CLAWBACK_ACCOUNTS.has(to);
  const named = metadata?.['payment'];
  return isClawback && typeof named === 'string' && named !== payment;
}

const CLAWBACK_ACCOUNTS: ReadonlySet<Entry['from']> = new Set(['refunds', 'disputes']);

/** Amount taken back that a clawback may still use. */
export function withdrawnLeft({ withdrawnMicros, withdrawnUsedMicros }: TakenBack): bigint {
  const left = withdrawnMicros - withdrawnUsedMicros;
  return left > 0n ? left : 0n;
}

type Source = 'adjustments' | 'breakage' | 'wallet';
const isSource = (account: Entry['from']): account is Source =>
  account === 'adjustments' || account === 'breakage' || account === 'wallet';

/** Where the parts of one clawback come from, in the order in which they are used. */
export interface Sources {
  /** Of `adjustments`: what an operator took back. */
  readonly withdrawn: bigint;
  /** Of the payment's own block. */
  readonly own: bigint;
  /** Of the block too: over, but not swept yet. */
  readonly unswept: bigint;
  /** Of `breakage`: the expired part of the block. */
  readonly expired: bigint;
}

/** Amounts that one clawback takes of each source, and the rest, which the payment no longer has. */
export function splitSources(
  sources: Sources,
  amountMicros: bigint,
): Sources & { readonly rest: bigint } {
  let rest = amountMicros;
  const take = (available: bigint): bigint => {
    const part = available <= 0n ? 0n : rest < available ? rest : available;
    rest -= part;
    return part;
  };
  const withdrawn = take(sources.withdrawn);
  const own = take(sources.own);
  const unswept = take(sources.unswept);
  const expired = take(sources.expired);
  return { withdrawn, own, unswept, expired, rest };
}

export const expiredOf = (block: Block | undefined): bigint => block?.expiredMicros ?? 0n;
