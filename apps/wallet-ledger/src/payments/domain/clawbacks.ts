import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { drawDown, isSpendable } from '../../books/domain/draw-down.js';
import { isTaking } from '../../books/domain/entry-kinds.js';
import { mergeSlices } from '../../books/domain/escrow.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import { regain } from './regain.js';
import {
  addUpTaken,
  expiredOf,
  splitSources,
  withdrawnLeft,
  type Sources,
  type TakenBack,
} from './taken-back.js';
import {
  isClawback,
  type Block,
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

export class PaymentClawbacks {
  /** Null while the payment is not in the books. */
  readonly payment: Entry | null;
  private readonly clawbacks = new Map<string, Escrow>();
  /** The part of clawbacks that bad_debt bears, by reference. */
  private readonly lost = new Map<string, bigint>();
  /** Entries that say what was taken back of the payment. */
  private readonly taken: Entry[];
  /** The amount that clawbacks kept of the payment's block, and do not keep yet again: of a block that is over nothing else is pinned. */
  private keptMicros = 0n;

  constructor(
    private readonly draft: WalletDraft,
    private readonly reference: string,
    clawbacks: readonly Escrow[],
    payment: Entry | undefined,
    taken: readonly Entry[],
    private readonly nowMs: number,
    /** It comes in at this moment: nothing of its clawbacks was decided before. */
    isNew = false,
  ) {
    this.payment = payment ?? null;
    this.taken = [...taken];
    for (const clawback of clawbacks) {
      this.clawbacks.set(clawback.reference, clawback);
      if (payment && !isNew) this.lost.set(clawback.reference, uncoveredMicros(clawback));
    }
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

  find(reference: string): Escrow | undefined {
    return this.clawbacks.get(reference);
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

  /** Amount of the payment minus what clawbacks have taken of it; null while it is not in the books. */
  get roomMicros(): bigint | null {
    if (!this.payment) return null;
    return this.payment.amountMicros - this.spentMicros;
  }

  /** Amount taken back of the payment, and the part that clawbacks have used. */
  get takenBack(): TakenBack {
    return addUpTaken(this.taken, this.reference);
  }

  /** All that clawbacks have taken of the payment, wherever it was. */
  get spentMicros(): bigint {
    let spent = 0n;
    for (const clawback of this.clawbacks.values()) spent += clawback.spentMicros;
    return spent;
  }

  /** One that was booked; undefined when none was. */
  get clawbackWithSpending(): Escrow | undefined {
    return [...this.clawbacks.values()].find(({ spentMicros }) => spentMicros > 0n);
  }

  private get openMicros(): bigint {
    let open = 0n;
    for (const clawback of this.clawbacks.values())
      if (clawback.state === 'open') open += clawback.grantedMicros;
    return open;
  }

  /** Amount that a further refund would find of an operator's withdrawal: no part of the wallet, so no hold counts on it. */
  get withdrawnFreeMicros(): Micros {
    const free = withdrawnLeft(this.takenBack) - this.openMicros;
    return micros(free > 0n ? free : 0n);
  }

  /** Refundable amount: what was taken back, and what is unspent of the payment's own block, free of other clawbacks and of debt. */
  get refundableMicros(): Micros {
    const { draft, nowMs, payment, roomMicros } = this;
    if (!payment || roomMicros === null) return ZERO_MICROS;
    const room = roomMicros - this.openMicros;
    const unspent = this.ownFree(this.ownBlock);
    const covered = draft.spendableAt(nowMs) - draft.settings.overdraftMicros;
    const inWallet = unspent < covered ? unspent : covered;
    const found = this.withdrawnFreeMicros + (inWallet > 0n ? inWallet : 0n);
    const least = room < found ? room : found;
    return micros(least > 0n ? least : 0n);
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

  /** Undefined when it is drained and was not read. */
  get ownBlock(): Block | undefined {
    return this.payment ? this.draft.findBlock(this.payment.sequence) : undefined;
  }

  private pinnedByClawbacks(block: Block | undefined): bigint {
    if (!block) return 0n;
    const slices = [...this.clawbacks.values()].flatMap((clawback) => clawback.slices);
    const own = slices.filter(({ blockSequence }) => blockSequence === block.sequence);
    return own.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
  }

  /** Of the payment's block, what nobody else keeps; of one that is over only what its clawbacks kept before. */
  private ownFree(block: Block | undefined): bigint {
    if (!block) return 0n;
    const free = this.unpinned(block);
    if (isSpendable(block, this.nowMs)) return free;
    return this.keptMicros < free ? this.keptMicros : free;
  }

  private unpinned(block: Block): bigint {
    return block.remainingMicros - (this.draft.pinned.get(block.sequence) ?? 0n);
  }

  private get sources(): Sources {
    const block = this.ownBlock;
    const own = this.ownFree(block);
    return {
      withdrawn: withdrawnLeft(this.takenBack),
      own,
      unswept: block ? this.unpinned(block) - own : 0n,
      expired: expiredOf(block),
    };
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

  /** Which payment it was, as an entry of the clawback names it. */
  paymentFacts(): Readonly<Record<string, unknown>> {
    const intent = this.payment?.metadata?.['payment_intent'];
    return {
      payment: this.reference,
      ...(typeof intent === 'string' ? { payment_intent: intent } : {}),
    };
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
