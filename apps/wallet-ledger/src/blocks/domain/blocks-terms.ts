import { micros, MICROS_MAX, ZERO_MICROS, type Micros } from '@orbit/money';
import { isSpendable, pinnedByBlock } from '../../books/domain/draw-down.js';
import { voidAccountOf } from '../../books/domain/expiry.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type {
  Block,
  ChangeOutcome,
  ChangeRefusal,
  Entry,
  Wallet,
} from '../../books/domain/wallet.js';

/** A change of one block by an operator; every one is an entry, so that the block's history can be read. */
interface BlockChange {
  readonly blockSequence: bigint;
  readonly reference: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Extension extends BlockChange {
  /** Later than the block's present end; null: never. */
  readonly expiresAtMs: number | null;
  /** Also bring back credit that expired longer ago than the wallet's grace for late usage. */
  readonly reopens: boolean;
}

export interface Amendment extends BlockChange {
  /** The block's new amount, used part included. */
  readonly amountMicros: Micros;
}

const refused = (reason: ChangeRefusal): ChangeOutcome => ({ status: 'refused', reason });
const changed = (entries: readonly Entry[]): ChangeOutcome => ({ status: 'changed', entries });
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/**
 * Lets a block be spent longer: an entry of zero with both ends. What expired with it comes back from
 * breakage first, within the wallet's grace for late usage, or later when the operator says so.
 * Refusals, highest precedence first: not_found, already_over, conflict (voided, not later, expired too long
 * ago), balance_limit.
 */
export function extendBlock(draft: WalletDraft, change: Extension, nowMs: number): ChangeOutcome {
  const block = draft.findBlock(change.blockSequence);
  if (!block) return refused('not_found');
  const { expiresAtMs, expiredMicros, sequence } = block;
  const untilMs = change.expiresAtMs;
  const isLater = expiresAtMs !== null && (untilMs === null || untilMs > expiresAtMs);
  const isPast = untilMs !== null && untilMs <= nowMs;
  if (isPast) return refused('already_over');
  if (block.voidedAtMs !== null || !isLater) return refused('conflict');
  const isLongExpired = expiresAtMs + draft.settings.lateUsageGraceMs < nowMs;
  if (isLongExpired && !change.reopens) return refused('conflict');
  if (draft.balance + expiredMicros > MICROS_MAX - draft.settings.overdraftMicros) {
    return refused('balance_limit');
  }
  draft.replaceBlock({ ...block, expiresAtMs: untilMs, expiredMicros: micros(0n) });
  const lines: Line[] = [];
  if (expiredMicros > 0n) {
    lines.push(
      line(change, nowMs, { type: 'reopen', from: 'breakage', to: 'wallet' }, expiredMicros),
    );
  }
  const ends = { from: iso(expiresAtMs), to: iso(untilMs) };
  lines.push({
    ...line(change, nowMs, { type: 'extension', from: 'wallet', to: 'wallet' }, 0n),
    slice: lines.length,
    blockSequence: sequence,
    metadata: { ...change.metadata, ...ends },
  });
  return changed(draft.book(lines, nowMs));
}

/**
 * Takes back what is left of a block, but for what escrows keep of it; that leaves when they give it back
 * (sweepExpired). Promotional credit goes back to `promo`, paid credit to `adjustments`: its payment stays
 * with Stripe, and paying it back is a refund, not a void, which uses what lies there (taken-back.ts).
 * Refusals, highest precedence first: not_found, conflict (voided, expired, nothing left).
 */
export function voidBlock(draft: WalletDraft, change: BlockChange, nowMs: number): ChangeOutcome {
  const block = draft.findBlock(change.blockSequence);
  if (!block) return refused('not_found');
  if (isOver(block, nowMs) || block.remainingMicros === 0n) return refused('conflict');
  const freeMicros = block.remainingMicros - pinnedOf(draft, block);
  draft.replaceBlock({ ...block, voidedAtMs: nowMs });
  const to = voidAccountOf(block);
  return changed(
    draft.book([line(change, nowMs, { type: 'void', from: 'wallet', to }, freeMicros)], nowMs),
  );
}

type Held = Pick<Wallet, 'blocks' | 'escrows'>;

/** The amount that a void takes out of the pot that holds take from: nothing where the block cannot be spent now. */
export function roomOfVoid(
  { blocks, escrows }: Held,
  blockSequence: bigint,
  nowMs: number,
): Micros {
  const block = blocks.find(({ sequence }) => sequence === blockSequence);
  if (!block || !isSpendable(block, nowMs)) return ZERO_MICROS;
  return micros(block.remainingMicros - (pinnedByBlock(escrows).get(blockSequence) ?? 0n));
}

/** The same of an amendment; one that is refused anyway takes nothing. */
export function roomOfAmendment(
  held: Held,
  { blockSequence, amountMicros }: Pick<Amendment, 'blockSequence' | 'amountMicros'>,
  nowMs: number,
): Micros {
  const block = held.blocks.find(({ sequence }) => sequence === blockSequence);
  const less = (block?.amountMicros ?? 0n) - amountMicros;
  return less > 0n && less <= roomOfVoid(held, blockSequence, nowMs) ? micros(less) : ZERO_MICROS;
}

/**
 * Makes a block larger or smaller, never smaller than what of it was used or is set aside. What comes in
 * repays the overdraft first, as any credit does.
 * Refusals, highest precedence first: not_found, conflict (voided, expired, the same), below_used, balance_limit.
 */
export function amendBlock(draft: WalletDraft, change: Amendment, nowMs: number): ChangeOutcome {
  const block = draft.findBlock(change.blockSequence);
  if (!block) return refused('not_found');
  const { amountMicros } = change;
  const delta = amountMicros - block.amountMicros;
  if (isOver(block, nowMs) || delta === 0n) return refused('conflict');
  const account = voidAccountOf(block);
  const metadata = {
    ...change.metadata,
    from_micros: String(block.amountMicros),
    to_micros: String(amountMicros),
  };
  if (delta < 0n) {
    const freeMicros = block.remainingMicros - pinnedOf(draft, block);
    if (-delta > freeMicros) return refused('below_used');
    const way = { type: 'amendment', from: 'wallet', to: account } as const;
    const entries = draft.book([{ ...line(change, nowMs, way, -delta), metadata }], nowMs);
    const after = draft.findBlock(block.sequence) ?? block;
    draft.replaceBlock({ ...after, amountMicros });
    return changed(entries);
  }
  if (draft.balance + delta > MICROS_MAX - draft.settings.overdraftMicros) {
    return refused('balance_limit');
  }
  const { debtMicros } = draft;
  const repaid = debtMicros < delta ? debtMicros : delta;
  draft.replaceBlock({
    ...block,
    amountMicros,
    repaidMicros: micros(block.repaidMicros + repaid),
    remainingMicros: micros(block.remainingMicros - repaid),
  });
  const way = { type: 'amendment', from: account, to: 'wallet' } as const;
  return changed(draft.book([{ ...line(change, nowMs, way, delta), metadata }], nowMs));
}

const isOver = ({ voidedAtMs, expiresAtMs }: Block, nowMs: number): boolean =>
  voidedAtMs !== null || (expiresAtMs !== null && expiresAtMs <= nowMs);

const pinnedOf = (draft: WalletDraft, { sequence }: Block): bigint =>
  draft.pinned.get(sequence) ?? 0n;

function line(
  { blockSequence, reference, metadata }: BlockChange,
  nowMs: number,
  way: Pick<Line, 'type' | 'from' | 'to'>,
  amountMicros: bigint,
): Line {
  return {
    ...way,
    amountMicros: micros(amountMicros),
    blockSequence,
    reference,
    slice: 0,
    channel: null,
    quantity: null,
    metadata,
    occurredAtMs: nowMs,
  };
}
