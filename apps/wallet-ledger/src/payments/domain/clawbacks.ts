import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { drawDown } from '../../books/domain/draw-down.js';
import { isTaking } from '../../books/domain/entry-kinds.js';
import { mergeSlices } from '../../books/domain/escrow.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import { PaymentRoom } from './payment-room.js';
import { regain } from './regain.js';
import { splitSources, type Sources } from './taken-back.js';
import {
  isClawback,
  type Entry,
  type Escrow,
  type EscrowSlice,
} from '../../books/domain/wallet.js';

/*
 * Clawbacks of one payment. Every refund and every dispute is an escrow held by the payment's
 * reference; its `grantedMicros` is what it asks for, `spentMicros` what was booked:
 *
 *   open     under way: what it asks for is set aside, as far as the payment has it
 *   closing  decided against the wallet, but not all booked: the payment is not in the books yet, or other
 *            clawbacks have used it up; booked as soon as there is room
 *   closed   booked in full, or came to nothing
 *
 * All clawbacks together never take more than the payment, and they use first what an operator took back of it
 * (taken-back.ts). Events may come in any order and any number of times: whoever changes a clawback, or what was taken
 * back, calls `apply`, which sets aside and books what follows from all of them.
 *
 * An amount that was decided and that the payment no longer has, because other clawbacks have used it, is the
 * operator's loss: bad_debt bears it for as long as it is so. What Stripe has taken is booked beside all this (at-stripe.ts).
 */

const ENTRY_BY_KIND = {
  refund: { type: 'refund', to: 'refunds' },
  dispute: { type: 'dispute', to: 'disputes' },
} as const;

export type ClawbackKind = keyof typeof ENTRY_BY_KIND;

/** Facts besides the wallet that a decision about a payment may read. */
export interface PaymentContext {
  readonly nowMs: number;
  entriesOf(reference: string): readonly Entry[];
  escrowsOf(payment: string): readonly Escrow[];
  /** Entries of the payment's own block that `isTaking`, in their order. */
  takenOf(blockSequence: bigint): readonly Entry[];
}

export const paymentReference = (topUpId: string): string => `topup:${topUpId}`;

export class PaymentClawbacks extends PaymentRoom {
  /** The part of clawbacks that bad_debt bears, by reference. */
  private readonly lost = new Map<string, bigint>();

  constructor(
    draft: WalletDraft,
    reference: string,
    clawbacks: readonly Escrow[],
    payment: Entry | undefined,
    taken: readonly Entry[],
    nowMs: number,
    /** It comes in at this moment: nothing of its clawbacks was decided before. */
    isNew = false,
  ) {
    super(draft, reference, clawbacks, payment, taken, nowMs);
    if (!payment || isNew) return;
    for (const clawback of clawbacks) this.lost.set(clawback.reference, uncoveredMicros(clawback));
  }

  static of(draft: WalletDraft, topUpId: string, context: PaymentContext): PaymentClawbacks {
    return PaymentClawbacks.ofPayment(draft, paymentReference(topUpId), context);
  }

  static ofPayment(
    draft: WalletDraft,
    reference: string,
    context: PaymentContext,
  ): PaymentClawbacks {
    const payment = context.entriesOf(reference).find(({ type }) => type === 'topup');
    const clawbacks = context.escrowsOf(reference);
    const taken = payment ? context.takenOf(payment.sequence) : [];
    return new PaymentClawbacks(draft, reference, clawbacks, payment, taken, context.nowMs);
  }

  put(clawback: Escrow): void {
    this.clawbacks.set(clawback.reference, clawback);
    this.draft.putEscrow(clawback);
  }

  add(kind: ClawbackKind, reference: string, amountMicros: Micros, state: Escrow['state']): void {
    const { nowMs } = this;
    this.put({
      walletNo: this.draft.walletNo,
      escrowId: reference,
      kind,
      state,
      reference,
      holder: this.reference,
      grantedMicros: amountMicros,
      spentMicros: ZERO_MICROS,
      slices: [],
      openedAtMs: nowMs,
      expiresAtMs: null,
      closedAtMs: state === 'closed' ? nowMs : null,
    });
  }

  /** Books what was decided and sets aside what is under way. `facts` go into the entries' metadata. */
  apply(facts: Readonly<Record<string, unknown>> = {}): Entry[] {
    const active = [...this.clawbacks.values()]
      .filter(({ state }) => state !== 'closed')
      .sort((a, b) => a.openedAtMs - b.openedAtMs || (a.reference < b.reference ? -1 : 1));
    let room = this.roomMicros;
    // Parked: what is to be taken has not come in yet.
    if (room === null) return [];
    if (active.length === 0)
      return [...regain(this.draft, this, this.nowMs), ...this.bookLost(facts)];
    this.keptMicros = this.pinnedByClawbacks(this.ownBlock);
    for (const clawback of active)
      if (clawback.slices.length > 0) this.put({ ...clawback, slices: [] });
    const entries: Entry[] = [];
    for (const clawback of active.filter(({ state }) => state === 'closing')) {
      const wanted = clawback.grantedMicros - clawback.spentMicros;
      const taken = wanted < room ? wanted : room;
      room -= taken;
      entries.push(...this.take({ ...clawback, slices: [] }, micros(taken), facts));
    }
    // What has left the wallet already need not be set aside in it.
    let sources = this.sources;
    for (const kind of ['refund', 'dispute']) {
      for (const clawback of active.filter((c) => c.kind === kind && c.state === 'open')) {
        const held = clawback.grantedMicros < room ? clawback.grantedMicros : room;
        room -= held;
        const parts = splitSources({ ...sources, own: this.ownFree(this.ownBlock) }, held);
        sources = less(sources, parts);
        this.put({ ...clawback, slices: this.pin(parts) });
      }
    }
    entries.push(...regain(this.draft, this, this.nowMs));
    return [...entries, ...this.bookLost(facts)];
  }

  /** Between bad_debt and the account that waits for the wallet; the wallet's balance does not move. */
  private bookLost(facts: Readonly<Record<string, unknown>>): Entry[] {
    const { draft, nowMs } = this;
    const lines: Line[] = [];
    for (const clawback of this.clawbacks.values()) {
      invariant(isClawback(clawback), 'only refunds and disputes claw back');
      const { type, to: account } = ENTRY_BY_KIND[clawback.kind];
      const lost = uncoveredMicros(clawback);
      const difference = lost - (this.lost.get(clawback.reference) ?? 0n);
      this.lost.set(clawback.reference, lost);
      if (difference === 0n) continue;
      const isMore = difference > 0n;
      lines.push({
        type,
        from: isMore ? 'bad_debt' : account,
        to: isMore ? account : 'bad_debt',
        amountMicros: micros(isMore ? difference : -difference),
        blockSequence: null,
        reference: `bad_debt:${clawback.reference}:${draft.nextSequence}`,
        slice: 0,
        channel: null,
        quantity: null,
        metadata: { ...this.paymentFacts(), ...facts },
        occurredAtMs: nowMs,
      });
    }
    return lines.length === 0 ? [] : draft.book(lines, nowMs);
  }

  /** The part of a clawback under way that must stay in the wallet. */
  private pin({ own, rest }: { readonly own: bigint; readonly rest: bigint }): EscrowSlice[] {
    this.keptMicros -= own;
    return [...this.ownSlices(own), ...slicesOf(null, rest)];
  }

  private ownSlices(amountMicros: bigint): EscrowSlice[] {
    return this.payment ? slicesOf(this.payment.sequence, amountMicros) : [];
  }

  /**
   * First what was taken back; then the payment's own block, then what expired of it; then other credit, for a refund
   * paid credit alone; the rest is debt.
   */
  private take(
    clawback: Escrow,
    amountMicros: Micros,
    facts: Readonly<Record<string, unknown>>,
  ): Entry[] {
    const { draft, nowMs } = this;
    invariant(isClawback(clawback), 'only refunds and disputes claw back');
    const spentMicros = micros(clawback.spentMicros + amountMicros);
    const isDone = spentMicros === clawback.grantedMicros;
    this.put({
      ...clawback,
      spentMicros,
      state: isDone ? 'closed' : 'closing',
      closedAtMs: isDone ? nowMs : null,
    });
    if (amountMicros === 0n) return [];
    const block = this.ownBlock;
    const parts = splitSources(this.sources, amountMicros);
    this.keptMicros -= parts.own;
    const own = this.ownSlices(parts.own + parts.unswept);
    const inWallet = parts.rest > 0n ? this.spread(own, micros(parts.rest), clawback.kind) : own;
    if (block && parts.expired > 0n) {
      draft.replaceBlock({ ...block, expiredMicros: micros(block.expiredMicros - parts.expired) });
    }
    const fromEach = (from: Line['from'], slices: readonly EscrowSlice[]) =>
      slices.map((slice) => ({ ...slice, from }));
    const ways = [
      ...fromEach('adjustments', this.ownSlices(parts.withdrawn)),
      ...fromEach('breakage', this.ownSlices(parts.expired)),
      ...fromEach('wallet', inWallet),
    ];
    const { type, to } = ENTRY_BY_KIND[clawback.kind];
    // A clawback that is booked in parts needs another reference for each further part.
    const isFirst = clawback.spentMicros === 0n;
    const reference = isFirst ? clawback.reference : `${clawback.reference}:${draft.nextSequence}`;
    const lines = ways.map((way, slice): Line => ({
      ...way,
      type,
      to,
      reference,
      slice,
      channel: null,
      quantity: null,
      metadata: { ...this.paymentFacts(), ...facts },
      occurredAtMs: nowMs,
    }));
    return this.book(lines);
  }

  /** Books lines of clawbacks, and sees at once what they changed of what was taken back. */
  book(lines: readonly Line[]): Entry[] {
    const entries = this.draft.book(lines, this.nowMs);
    const own = this.payment?.sequence;
    this.taken.push(...entries.filter((e) => e.blockSequence === own && isTaking(e)));
    return entries;
  }

  private spread(own: readonly EscrowSlice[], debt: Micros, kind: ClawbackKind): EscrowSlice[] {
    const { draft, nowMs } = this;
    const taken = own.filter(({ blockSequence }) => blockSequence !== null);
    const pinned = new Map(draft.pinned);
    for (const { blockSequence, amountMicros } of taken) {
      pinned.set(blockSequence, (pinned.get(blockSequence) ?? 0n) + amountMicros);
    }
    const payers = draft.blocks.filter((block) => kind === 'dispute' || block.kind === 'paid');
    return mergeSlices(taken, drawDown(payers, debt, nowMs, pinned));
  }
}

const slicesOf = (blockSequence: bigint | null, amountMicros: bigint): EscrowSlice[] =>
  amountMicros > 0n ? [{ blockSequence, amountMicros: micros(amountMicros) }] : [];

const less = (sources: Sources, parts: Sources): Sources => ({
  withdrawn: sources.withdrawn - parts.withdrawn,
  own: sources.own - parts.own,
  unswept: sources.unswept - parts.unswept,
  expired: sources.expired - parts.expired,
});

/** Decided against the wallet, and not to be had of the payment. */
const uncoveredMicros = ({ state, grantedMicros, spentMicros }: Escrow): bigint =>
  state === 'closing' ? grantedMicros - spentMicros : 0n;

/** Books the clawbacks that came before their payment, now that it is in the books. */
export function applyParkedClawbacks(draft: WalletDraft, payment: Entry, nowMs: number): Entry[] {
  if (payment.type !== 'topup' || draft.escrows.length === 0) return [];
  const { reference } = payment;
  const clawbacks = draft.escrows.filter((one) => isClawback(one) && one.holder === reference);
  return new PaymentClawbacks(draft, reference, clawbacks, payment, [], nowMs, true).apply();
}

/** Follows a change of what was taken back of payments: what their clawbacks took and reserved. */
export function applyClawbacks(
  draft: WalletDraft,
  payments: readonly string[],
  context: PaymentContext,
): void {
  for (const payment of payments) PaymentClawbacks.ofPayment(draft, payment, context).apply();
}
