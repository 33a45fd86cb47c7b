import { invariant } from '@orbit/kernel';
import { micros, MICROS_MAX, type Micros } from '@orbit/money';
import { spentOf } from '../../books/domain/entry-kinds.js';
import { voidAccountOf } from '../../books/domain/expiry.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, ChangeOutcome, ChangeRefusal, Entry } from '../../books/domain/wallet.js';

/** Gives back what a charge took: the stored slices, last one first, each to the block that paid it. */
export interface Reversal {
  readonly chargeId: string;
  /** Null: all that is not reversed yet. */
  readonly amountMicros: Micros | null;
  /** Made by the caller; once per charge and reference. */
  readonly reference: string;
  /** Blocks that have expired may be spent until then; null: what comes back to them expires on arrival. */
  readonly extendToMs: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Every reversal of a charge stands under this reference; what each one asked for, in its metadata. */
export const reversalReference = (chargeId: string): string => `reversal:${chargeId}`;

type Plan = readonly { readonly blockSequence: bigint | null; readonly amountMicros: bigint }[];

/**
 * Credit of a block that has expired comes back to it and expires on arrival: breakage, not new money in
 * another block. What the overdraft paid lowers the debt; what credit repaid of it meanwhile goes back to
 * that credit. `charged` and `reversed` are the entries under the charge's reference and under
 * `reversalReference`. Refusals, highest precedence first: not_found, exceeds_charge, balance_limit,
 * conflict (the credit that repaid the debt was not read).
 */
export function reverseCharge(
  draft: WalletDraft,
  reversal: Reversal,
  {
    charged,
    reversed,
    nowMs,
  }: {
    readonly charged: readonly Entry[];
    readonly reversed: readonly Entry[];
    readonly nowMs: number;
  },
): ChangeOutcome {
  const spent = spentOf(charged);
  if (spent.length === 0) return refused('not_found');
  const earlier = reversed.filter(({ metadata }) => metadata?.['reference'] === reversal.reference);
  if (earlier.length > 0) return { status: 'changed', entries: earlier };
  const givenMicros = sum(reversed.filter(({ type }) => type === 'reversal'));
  const leftMicros = sum(spent) - givenMicros;
  const wantedMicros = reversal.amountMicros ?? leftMicros;
  if (wantedMicros <= 0n || wantedMicros > leftMicros) return refused('exceeds_charge');
  if (draft.balance + wantedMicros > MICROS_MAX - draft.settings.overdraftMicros) {
    return refused('balance_limit');
  }
  const plan = planReturn(spent, givenMicros, wantedMicros);
  const owed = plan.find(({ blockSequence }) => blockSequence === null)?.amountMicros ?? 0n;
  const { debtMicros } = draft;
  const repaid = owed > debtMicros ? repaidBy(draft, owed - debtMicros) : [];
  if (repaid === null) return refused('conflict');
  const lines = new ReversalLines(draft, reversal, reversed.length, nowMs);
  for (const { blockSequence, amountMicros } of plan) {
    if (blockSequence !== null) lines.giveBack(blockSequence, amountMicros);
    else lines.giveBackDebt(amountMicros < debtMicros ? amountMicros : debtMicros, repaid);
  }
  return { status: 'changed', entries: draft.book(lines.all, nowMs) };
}

const refused = (reason: ChangeRefusal): ChangeOutcome => ({ status: 'refused', reason });

const sum = (entries: readonly Entry[]): bigint =>
  entries.reduce((total, { amountMicros }) => total + amountMicros, 0n);

/** The next part of the slices from the end, after what was given back before; one item per block. */
function planReturn(spent: readonly Entry[], givenMicros: bigint, wantedMicros: bigint): Plan {
  const plan: { blockSequence: bigint | null; amountMicros: bigint }[] = [];
  let skip = givenMicros;
  let wanted = wantedMicros;
  for (const { blockSequence, amountMicros } of [...spent].reverse()) {
    const skipped = skip < amountMicros ? skip : amountMicros;
    skip -= skipped;
    const rest = amountMicros - skipped;
    const part = wanted < rest ? wanted : rest;
    if (part === 0n) continue;
    wanted -= part;
    plan.push({ blockSequence, amountMicros: part });
  }
  invariant(wanted === 0n, 'a reversal gives back what was taken');
  return plan;
}

/** Which credit repaid so much of the overdraft, newest first; null when the blocks that were read did not. */
function repaidBy(
  draft: WalletDraft,
  amountMicros: bigint,
): { readonly block: Block; readonly amountMicros: bigint }[] | null {
  const parts: { block: Block; amountMicros: bigint }[] = [];
  let left = amountMicros;
  const newestFirst = [...draft.blocks].sort((a, b) => (a.sequence < b.sequence ? 1 : -1));
  for (const block of newestFirst) {
    const part = block.repaidMicros < left ? block.repaidMicros : left;
    if (part === 0n) continue;
    left -= part;
    parts.push({ block, amountMicros: part });
  }
  return left > 0n ? null : parts;
}

/** Collects the lines of one reversal; they go on counting the slices of the charge's reversals. */
class ReversalLines {
  readonly all: Line[] = [];

  constructor(
    private readonly draft: WalletDraft,
    private readonly reversal: Reversal,
    private readonly firstSlice: number,
    private readonly nowMs: number,
  ) {}

  giveBack(blockSequence: bigint | null, amountMicros: bigint): void {
    const block = blockSequence === null ? undefined : this.draft.findBlock(blockSequence);
    invariant(blockSequence === null || block, 'the blocks that paid a charge are read');
    if (block) this.extend(block);
    this.add('reversal', 'revenue', 'wallet', blockSequence, amountMicros);
    if (block) this.closeIfOver(block, amountMicros);
  }

  /** First the debt that still stands; the rest goes back to the credit that repaid it, and its entry says so. */
  giveBackDebt(
    standingMicros: bigint,
    repaid: readonly { readonly block: Block; readonly amountMicros: bigint }[],
  ): void {
    if (standingMicros > 0n) this.add('reversal', 'revenue', 'wallet', null, standingMicros);
    for (const { block, amountMicros } of repaid) {
      const repaidMicros = micros(block.repaidMicros - amountMicros);
      this.draft.replaceBlock({ ...block, repaidMicros });
      this.extend({ ...block, repaidMicros });
      const sequence = block.sequence;
      this.add('reversal', 'revenue', 'wallet', sequence, amountMicros, { repaid: true });
      this.closeIfOver(block, amountMicros);
    }
  }

  /** Credit of a block that is over cannot be spent: it leaves as breakage, or to where a voided block went. */
  private closeIfOver({ sequence }: Block, amountMicros: bigint): void {
    const block = this.draft.findBlock(sequence);
    invariant(block, 'a block of the wallet');
    if (block.voidedAtMs !== null) {
      this.add('void', 'wallet', voidAccountOf(block), sequence, amountMicros);
    } else if (block.expiresAtMs !== null && block.expiresAtMs <= this.nowMs) {
      const expiredMicros = micros(block.expiredMicros + amountMicros);
      this.draft.replaceBlock({ ...block, expiredMicros });
      this.add('expiry', 'wallet', 'breakage', sequence, amountMicros);
    }
  }

  /** Only what comes back lives on: what expired before is booked first. */
  private extend(block: Block): void {
    const { extendToMs } = this.reversal;
    const { expiresAtMs, voidedAtMs, sequence } = block;
    const isExpired = expiresAtMs !== null && expiresAtMs <= this.nowMs && voidedAtMs === null;
    if (extendToMs === null || extendToMs <= this.nowMs || !isExpired) return;
    const expired = block.remainingMicros - (this.draft.pinned.get(sequence) ?? 0n);
    const expiredMicros = micros(block.expiredMicros + expired);
    this.draft.replaceBlock({ ...block, expiredMicros, expiresAtMs: extendToMs });
    if (expired > 0n) this.add('expiry', 'wallet', 'breakage', sequence, expired);
    this.add('extension', 'wallet', 'wallet', sequence, 0n, {
      from: new Date(expiresAtMs).toISOString(),
      to: new Date(extendToMs).toISOString(),
    });
  }

  private add(
    type: Line['type'],
    from: Line['from'],
    to: Line['to'],
    blockSequence: bigint | null,
    amountMicros: bigint,
    further: Readonly<Record<string, unknown>> = {},
  ): void {
    const { chargeId, reference, metadata } = this.reversal;
    this.all.push({
      type,
      from,
      to,
      amountMicros: micros(amountMicros),
      blockSequence,
      reference: reversalReference(chargeId),
      slice: this.firstSlice + this.all.length,
      channel: null,
      quantity: null,
      metadata: { ...metadata, reference, ...further },
      occurredAtMs: this.nowMs,
    });
  }
}
