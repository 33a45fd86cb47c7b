import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { drawDown, isSpendable } from './draw-down.js';
import { mergeSlices } from './escrow.js';
import type { Line, WalletDraft } from './wallet-draft.js';
import { escrowedMicros, type Block, type Entry, type Escrow, type EscrowSlice } from './wallet.js';

/*
 * What is claimed back of one payment. Every refund and every dispute is an escrow held by the payment's
 * reference; its `grantedMicros` is what it asks for, `spentMicros` what was booked:
 *
 *   open     under way: what it asks for is set aside, as far as the payment has it
 *   closing  decided against the wallet, but not all booked: the payment is not in the books yet, or other
 *            claims have used it up; booked as soon as there is room
 *   closed   booked in full, or came to nothing
 *
 * All claims together never take more than the payment. Events may come in any order and any number of times:
 * whoever changes a claim calls `settle`, which sets aside and books what follows from all of them.
 *
 * What was decided and cannot be had of the payment, because other claims have used it up, is the operator's loss:
 * bad_debt bears it for as long as it is so. What Stripe has taken is booked beside all this (at-stripe.ts).
 */

const ENTRY_BY_KIND = {
  refund: { type: 'refund', to: 'refunds' },
  dispute: { type: 'dispute', to: 'disputes' },
} as const;

export type ClaimKind = keyof typeof ENTRY_BY_KIND;

/** What a decision about a payment may look at besides the wallet. */
export interface PaymentContext {
  readonly nowMs: number;
  entriesOf(reference: string): readonly Entry[];
  escrowsOf(payment: string): readonly Escrow[];
}

export const paymentReference = (topUpId: string): string => `topup:${topUpId}`;

export class PaymentClaims {
  /** Null while the payment is not in the books. */
  readonly payment: Entry | null;
  private readonly claims = new Map<string, Escrow>();
  /** What bad_debt bears of claims, by reference. */
  private readonly lost = new Map<string, bigint>();

  constructor(
    private readonly draft: WalletDraft,
    private readonly reference: string,
    claims: readonly Escrow[],
    payment: Entry | undefined,
    private readonly nowMs: number,
    /** It comes in at this moment: nothing of its claims was decided before. */
    isNew = false,
  ) {
    this.payment = payment ?? null;
    for (const claim of claims) {
      this.claims.set(claim.reference, claim);
      if (payment && !isNew) this.lost.set(claim.reference, uncoveredMicros(claim));
    }
  }

  static of(draft: WalletDraft, topUpId: string, context: PaymentContext): PaymentClaims {
    const reference = paymentReference(topUpId);
    const payment = context.entriesOf(reference).find(({ type }) => type === 'topup');
    const claims = context.escrowsOf(reference);
    return new PaymentClaims(draft, reference, claims, payment, context.nowMs);
  }

  find(reference: string): Escrow | undefined {
    return this.claims.get(reference);
  }

  put(claim: Escrow): void {
    this.claims.set(claim.reference, claim);
    this.draft.putEscrow(claim);
  }

  add(kind: ClaimKind, reference: string, amountMicros: Micros, state: Escrow['state']): void {
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

  /** What the payment brought, less what claims have taken of it; null while it is not in the books. */
  get roomMicros(): bigint | null {
    if (!this.payment) return null;
    let room: bigint = this.payment.amountMicros;
    for (const { spentMicros } of this.claims.values()) room -= spentMicros;
    return room;
  }

  /** What may be refunded: unspent of the payment's own block, free of other claims and of debt. */
  get refundableMicros(): Micros {
    const { draft, nowMs, payment } = this;
    if (!payment) return ZERO_MICROS;
    let room = this.roomMicros ?? 0n;
    for (const claim of this.claims.values())
      if (claim.state === 'open') room -= claim.grantedMicros;
    const unspent = this.ownFree(this.ownBlock, 0n);
    const covered = draft.spendableAt(nowMs) - draft.settings.overdraftMicros;
    const least = [room, unspent, covered].reduce((a, b) => (a < b ? a : b));
    return micros(least > 0n ? least : 0n);
  }

  /** Books what was decided and sets aside what is under way. `facts` go into the entries' metadata. */
  settle(facts: Readonly<Record<string, unknown>> = {}): Entry[] {
    const active = [...this.claims.values()]
      .filter(({ state }) => state !== 'closed')
      .sort((a, b) => a.openedAtMs - b.openedAtMs || (a.reference < b.reference ? -1 : 1));
    let room = this.roomMicros;
    // Parked: what is to be taken has not come in yet.
    if (room === null) return [];
    if (active.length === 0) return this.bookLost(facts);
    const block = this.ownBlock;
    const pinned = this.pinnedByClaims(block);
    for (const claim of active) if (claim.slices.length > 0) this.put({ ...claim, slices: [] });
    const entries: Entry[] = [];
    for (const claim of active.filter(({ state }) => state === 'closing')) {
      const wanted = claim.grantedMicros - claim.spentMicros;
      const taken = wanted < room ? wanted : room;
      room -= taken;
      entries.push(...this.take({ ...claim, slices: [] }, micros(taken), pinned, facts));
    }
    for (const kind of ['refund', 'dispute']) {
      for (const claim of active.filter((c) => c.kind === kind && c.state === 'open')) {
        const held = claim.grantedMicros < room ? claim.grantedMicros : room;
        room -= held;
        this.put({ ...claim, slices: this.pin(micros(held), pinned) });
      }
    }
    return [...entries, ...this.bookLost(facts)];
  }

  /** Between bad_debt and the account that waits for the wallet; the wallet's balance does not move. */
  private bookLost(facts: Readonly<Record<string, unknown>>): Entry[] {
    const { draft, nowMs } = this;
    const lines: Line[] = [];
    for (const claim of this.claims.values()) {
      invariant(claim.kind !== 'lease', 'a lease claims nothing back');
      const { type, to: account } = ENTRY_BY_KIND[claim.kind];
      const lost = uncoveredMicros(claim);
      const difference = lost - (this.lost.get(claim.reference) ?? 0n);
      this.lost.set(claim.reference, lost);
      if (difference === 0n) continue;
      const isMore = difference > 0n;
      lines.push({
        type,
        from: isMore ? 'bad_debt' : account,
        to: isMore ? account : 'bad_debt',
        amountMicros: micros(isMore ? difference : -difference),
        blockSequence: null,
        reference: `bad_debt:${claim.reference}:${draft.nextSequence}`,
        slice: 0,
        channel: null,
        quantity: null,
        metadata: { ...this.paymentFacts(), ...facts },
        occurredAtMs: nowMs,
      });
    }
    return lines.length === 0 ? [] : draft.book(lines, nowMs);
  }

  private get ownBlock(): Block | undefined {
    return this.payment ? this.draft.findBlock(this.payment.sequence) : undefined;
  }

  private pinnedByClaims(block: Block | undefined): bigint {
    if (!block) return 0n;
    const slices = [...this.claims.values()].flatMap((claim) => claim.slices);
    const own = slices.filter(({ blockSequence }) => blockSequence === block.sequence);
    return own.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
  }

  /** Of the payment's block, what nobody else keeps; of a lapsed one only what its claims kept before. */
  private ownFree(block: Block | undefined, keptMicros: bigint): bigint {
    if (!block) return 0n;
    const free = block.remainingMicros - (this.draft.pinned.get(block.sequence) ?? 0n);
    if (isSpendable(block, this.nowMs)) return free;
    return keptMicros < free ? keptMicros : free;
  }

  private pin(amountMicros: Micros, keptMicros: bigint): EscrowSlice[] {
    const block = this.ownBlock;
    const free = this.ownFree(block, keptMicros);
    const own = amountMicros < free ? amountMicros : free;
    const slices: EscrowSlice[] = [];
    if (block && own > 0n) {
      slices.push({ blockSequence: block.sequence, amountMicros: micros(own) });
    }
    const rest = amountMicros - own;
    if (rest > 0n) slices.push({ blockSequence: null, amountMicros: micros(rest) });
    return slices;
  }

  /** From the payment's own block first; then from other credit, for a refund paid credit alone; the rest is debt. */
  private take(
    claim: Escrow,
    amountMicros: Micros,
    keptMicros: bigint,
    facts: Readonly<Record<string, unknown>>,
  ): Entry[] {
    const { draft, nowMs } = this;
    invariant(claim.kind !== 'lease', 'a lease claims nothing back');
    const spentMicros = micros(claim.spentMicros + amountMicros);
    const isDone = spentMicros === claim.grantedMicros;
    this.put({
      ...claim,
      spentMicros,
      state: isDone ? 'closed' : 'closing',
      closedAtMs: isDone ? nowMs : null,
    });
    if (amountMicros === 0n) return [];
    const own = this.pin(amountMicros, keptMicros);
    const debt = own.find(({ blockSequence }) => blockSequence === null)?.amountMicros;
    const slices = debt === undefined ? own : this.spread(own, debt, claim.kind);
    const { type, to } = ENTRY_BY_KIND[claim.kind];
    // A claim that is booked in parts needs another reference for each further part.
    const isFirst = claim.spentMicros === 0n;
    const reference = isFirst ? claim.reference : `${claim.reference}:${draft.nextSequence}`;
    const lines = slices.map((part, slice): Line => ({
      type,
      from: 'wallet',
      to,
      amountMicros: part.amountMicros,
      blockSequence: part.blockSequence,
      reference,
      slice,
      channel: null,
      quantity: null,
      metadata: { ...this.paymentFacts(), ...facts },
      occurredAtMs: nowMs,
    }));
    return draft.book(lines, nowMs);
  }

  private spread(own: readonly EscrowSlice[], debt: Micros, kind: ClaimKind): EscrowSlice[] {
    const { draft, nowMs } = this;
    const taken = own.filter(({ blockSequence }) => blockSequence !== null);
    const pinned = new Map(draft.pinned);
    for (const { blockSequence, amountMicros } of taken) {
      pinned.set(blockSequence, (pinned.get(blockSequence) ?? 0n) + amountMicros);
    }
    const payers = draft.blocks.filter((block) => kind === 'dispute' || block.kind === 'paid');
    return mergeSlices(taken, drawDown(payers, debt, nowMs, pinned));
  }

  /** Which payment it was, as an entry of the claim names it. */
  paymentFacts(): Readonly<Record<string, unknown>> {
    const intent = this.payment?.metadata?.['payment_intent'];
    return {
      payment: this.reference,
      ...(typeof intent === 'string' ? { payment_intent: intent } : {}),
    };
  }
}

/** Decided against the wallet, and not to be had of the payment. */
const uncoveredMicros = ({ state, grantedMicros, spentMicros }: Escrow): bigint =>
  state === 'closing' ? grantedMicros - spentMicros : 0n;

/** Books the claims that came before their payment, now that it is in the books. */
export function settleParked(draft: WalletDraft, payment: Entry, nowMs: number): Entry[] {
  if (payment.type !== 'topup' || draft.escrows.length === 0) return [];
  const { reference } = payment;
  const claims = draft.escrows.filter(
    ({ kind, holder }) => kind !== 'lease' && holder === reference,
  );
  return new PaymentClaims(draft, reference, claims, payment, nowMs, true).settle();
}

/** What of a claim is set aside at the moment. */
export const heldMicros = (claim: Escrow): Micros => micros(escrowedMicros(claim));
