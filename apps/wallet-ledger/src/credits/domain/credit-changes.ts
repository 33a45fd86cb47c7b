import { isAllowanceUnit } from '@orbit/allowances';
import { micros, MICROS_MAX, ZERO_MICROS, type Micros } from '@orbit/money';
import { bookCredit } from '../../books/domain/credit.js';
import { drawDown, isSpendable, pinnedByBlock } from '../../books/domain/draw-down.js';
import { voidAccountOf } from '../../books/domain/expiry.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry, Wallet } from '../../books/domain/wallet.js';

/** Why a change of a customer's credits is refused; nothing is booked. */
export type CreditRefusal =
  | 'unknown_block'
  | 'reserved_unit'
  | 'balance_limit'
  /** Expired or taken back. */
  | 'block_is_over'
  | 'exceeds_initial'
  | 'nothing_left'
  | 'exceeds_balance'
  /** Escrows keep some of it: a lease, a refund, a dispute. */
  | 'set_aside'
  /** Open authorizations count on it. */
  | 'held'
  | 'in_debt'
  | 'before_effective'
  | 'already_over'
  | 'same_end'
  | 'exceeds_decremented';

export type CreditOutcome =
  { readonly entries: readonly Entry[] } | { readonly refusal: CreditRefusal };

/** The note on every entry of a change, for ever. */
export interface CreditNote {
  readonly reference: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Increment extends CreditNote {
  readonly amountMicros: Micros;
  /** In micros of the invoicing currency; orders the draw-down. */
  readonly costBasisMicros: bigint;
  readonly effectiveAtMs: number | null;
  readonly expiresAtMs: number | null;
  /** It was paid for: it is booked even when it is over by now. */
  readonly isSold?: true;
}

const refuse = (refusal: CreditRefusal): CreditOutcome => ({ refusal });

/** Credit that nobody paid for through us: a new block out of `promo`. It repays debt first, as any credit does. */
export function increment(draft: WalletDraft, asked: Increment, nowMs: number): CreditOutcome {
  const { amountMicros, costBasisMicros, effectiveAtMs, expiresAtMs } = asked;
  if (isAllowanceUnit(draft.settings.currency)) return refuse('reserved_unit');
  if (!asked.isSold && expiresAtMs !== null && expiresAtMs <= nowMs) return refuse('already_over');
  const entry = bookCredit(
    draft,
    {
      type: 'grant',
      reference: asked.reference,
      amountMicros,
      kind: 'promotional',
      costBasisMicros,
      priority: 0,
      effectiveAtMs,
      expiresAtMs,
      occurredAtMs: nowMs,
      metadata: asked.metadata,
    },
    nowMs,
  );
  return entry === 'balance_limit' ? refuse(entry) : { entries: [entry] };
}

/** Use that happened elsewhere: drawn like a charge, never from what escrows keep; what no block covers is debt. */
export function decrement(
  draft: WalletDraft,
  asked: CreditNote & { readonly amountMicros: Micros },
  nowMs: number,
): CreditOutcome {
  if (isAllowanceUnit(draft.settings.currency)) return refuse('reserved_unit');
  const slices = drawDown(draft.blocks, asked.amountMicros, nowMs, draft.pinned);
  const owed = slices.find(({ blockSequence }) => blockSequence === null)?.amountMicros ?? 0n;
  // The hot balance, which Redis counts in doubles, is never further below zero than the debt.
  if (draft.debtMicros + owed > MICROS_MAX) return refuse('balance_limit');
  const way = { type: 'spend', from: 'wallet', to: 'revenue' } as const;
  const lines = slices.map(({ blockSequence, amountMicros }, slice) => ({
    ...lineOf(asked, nowMs, { ...way, blockSequence, amountMicros }),
    slice,
  }));
  return { entries: draft.book(lines, nowMs) };
}

export interface BlockPart extends CreditNote {
  readonly blockSequence: bigint;
  /** Null: all that is left. */
  readonly amountMicros: Micros | null;
}

type Held = Pick<Wallet, 'blocks' | 'escrows'>;

/** The amount that a void takes out of the pot that holds take from: nothing where the block cannot be spent now. */
export function roomOfPart({ blocks, escrows }: Held, part: BlockPart, nowMs: number): Micros {
  const block = blocks.find(({ sequence }) => sequence === part.blockSequence);
  if (!block || !isSpendable(block, nowMs)) return ZERO_MICROS;
  const free = block.remainingMicros - (pinnedByBlock(escrows).get(block.sequence) ?? 0n);
  const { amountMicros } = part;
  return micros(amountMicros !== null && amountMicros < free ? amountMicros : free);
}

/**
 * Takes credit of a block back without revenue, at most what is left of it. The block lives on, so that a decrement of
 * it can still be amended. Refusals, highest precedence first: unknown_block, block_is_over, exceeds_initial,
 * nothing_left, set_aside.
 */
export function voidPart(draft: WalletDraft, part: BlockPart, nowMs: number): CreditOutcome {
  const block = draft.findBlock(part.blockSequence);
  if (!block) return refuse('unknown_block');
  if (isOver(block, nowMs)) return refuse('block_is_over');
  const wanted = part.amountMicros ?? block.remainingMicros;
  if (wanted > block.amountMicros) return refuse('exceeds_initial');
  if (block.remainingMicros === 0n) return refuse('nothing_left');
  const taken = wanted < block.remainingMicros ? wanted : block.remainingMicros;
  if (taken > freeOf(draft, block)) return refuse('set_aside');
  const to = voidAccountOf(block);
  const entry = lineOf(part, nowMs, {
    ...({ type: 'void', from: 'wallet', to } as const),
    blockSequence: block.sequence,
    amountMicros: micros(taken),
  });
  const metadata = {
    ...part.metadata,
    partial: true,
    remaining_micros: String(block.remainingMicros),
  };
  return { entries: draft.book([{ ...entry, metadata }], nowMs) };
}

export interface Move extends BlockPart {
  /** The end of the new block. */
  readonly expiresAtMs: number;
}

/** Whether a move takes credit out of what can be spent now. */
export function roomOfMove(held: Held, move: Move, nowMs: number): Micros {
  return move.expiresAtMs > nowMs ? ZERO_MICROS : roomOfPart(held, move, nowMs);
}

/**
 * Moves credit of a block to a new one that costs the same and ends at another time, through `promo`. The balance does
 * not change. Refusals, highest precedence first: unknown_block, block_is_over, nothing_left, exceeds_balance,
 * set_aside, same_end, before_effective, in_debt (new credit would repay it).
 */
export function moveExpiry(draft: WalletDraft, move: Move, nowMs: number): CreditOutcome {
  const block = draft.findBlock(move.blockSequence);
  if (!block) return refuse('unknown_block');
  if (isOver(block, nowMs)) return refuse('block_is_over');
  if (block.remainingMicros === 0n) return refuse('nothing_left');
  const free = freeOf(draft, block);
  const wanted = move.amountMicros ?? free;
  if (wanted > block.remainingMicros) return refuse('exceeds_balance');
  if (wanted === 0n || wanted > free) return refuse('set_aside');
  if (move.expiresAtMs === block.expiresAtMs) return refuse('same_end');
  if (move.expiresAtMs < block.effectiveAtMs) return refuse('before_effective');
  if (draft.debtMicros > 0n) return refuse('in_debt');
  const amountMicros = micros(wanted);
  const ends = { from_end: isoOrNull(block.expiresAtMs), to_end: isoOrNull(move.expiresAtMs) };
  const metadata = { ...move.metadata, ...ends };
  const out = lineOf(move, nowMs, {
    ...({ type: 'transfer', from: 'wallet', to: 'promo' } as const),
    blockSequence: block.sequence,
    amountMicros,
  });
  const back = lineOf(move, nowMs, {
    ...({ type: 'transfer', from: 'promo', to: 'wallet' } as const),
    blockSequence: 'own',
    amountMicros,
  });
  draft.addBlock({
    ...block,
    sequence: draft.nextSequence + 1n,
    amountMicros,
    remainingMicros: amountMicros,
    expiredMicros: ZERO_MICROS,
    repaidMicros: ZERO_MICROS,
    expiresAtMs: move.expiresAtMs,
    createdAtMs: nowMs,
  });
  const source = { ...metadata, source_block: String(block.sequence) };
  const lines = [
    { ...out, metadata },
    { ...back, slice: 1, metadata: source },
  ];
  return { entries: draft.book(lines, nowMs) };
}

/** Amendments of a block share one reference, so that each sees what the others gave back. */
export const amendmentReference = (blockSequence: bigint): string =>
  `credit_amendment:${blockSequence}`;

/**
 * Gives back what decrements took of a block. Charges are given back by reversing them, slice by slice, and are not
 * counted. What comes back to a block that is over leaves it again. Refusals, highest precedence first: unknown_block,
 * exceeds_initial, exceeds_decremented, balance_limit.
 */
export function amendDecrement(
  draft: WalletDraft,
  part: BlockPart & { readonly amountMicros: Micros },
  before: { readonly decrementedMicros: bigint; readonly amendments: readonly Entry[] },
  nowMs: number,
): CreditOutcome {
  const block = draft.findBlock(part.blockSequence);
  if (!block) return refuse('unknown_block');
  const { amountMicros, blockSequence } = part;
  if (amountMicros > block.amountMicros) return refuse('exceeds_initial');
  const given = before.amendments
    .filter(({ type }) => type === 'reversal')
    .reduce((sum, entry) => sum + entry.amountMicros, 0n);
  if (amountMicros > before.decrementedMicros - given) return refuse('exceeds_decremented');
  if (draft.balance + amountMicros > MICROS_MAX - draft.settings.overdraftMicros) {
    return refuse('balance_limit');
  }
  const first = before.amendments.length;
  const gives = { type: 'reversal', from: 'revenue', to: 'wallet' } as const;
  const moves = { blockSequence, amountMicros };
  const lines = [{ ...lineOf(part, nowMs, { ...gives, ...moves }), slice: first }];
  if (isOver(block, nowMs)) {
    const isVoid = block.voidedAtMs !== null;
    if (!isVoid) {
      draft.replaceBlock({ ...block, expiredMicros: micros(block.expiredMicros + amountMicros) });
    }
    const way = isVoid
      ? ({ type: 'void', from: 'wallet', to: voidAccountOf(block) } as const)
      : ({ type: 'expiry', from: 'wallet', to: 'breakage' } as const);
    lines.push({ ...lineOf(part, nowMs, { ...way, ...moves }), slice: first + 1 });
  }
  return { entries: draft.book(lines, nowMs) };
}

const isOver = ({ voidedAtMs, expiresAtMs }: Block, nowMs: number): boolean =>
  voidedAtMs !== null || (expiresAtMs !== null && expiresAtMs <= nowMs);

const freeOf = (draft: WalletDraft, { sequence, remainingMicros }: Block): bigint =>
  remainingMicros - (draft.pinned.get(sequence) ?? 0n);

const isoOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

function lineOf(
  { reference, metadata }: CreditNote,
  nowMs: number,
  way: Pick<Line, 'type' | 'from' | 'to' | 'blockSequence' | 'amountMicros'>,
): Line {
  return {
    ...way,
    reference,
    slice: 0,
    channel: null,
    quantity: null,
    metadata,
    occurredAtMs: nowMs,
  };
}
