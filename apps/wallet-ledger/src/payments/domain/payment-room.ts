import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { isSpendable } from '../../books/domain/draw-down.js';
import type { Block, Entry, Escrow } from '../../books/domain/wallet.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import {
  addUpTaken,
  expiredOf,
  withdrawnLeft,
  type Sources,
  type TakenBack,
} from './taken-back.js';

/** The room that a payment leaves its clawbacks: what they have taken of it, what is left, and where that lies. Changes nothing. */
export class PaymentRoom {
  /** Null while the payment is not in the books. */
  readonly payment: Entry | null;
  protected readonly clawbacks = new Map<string, Escrow>();
  /** Entries that say what was taken back of the payment. */
  protected readonly taken: Entry[];
  /** The amount that clawbacks kept of the payment's block, and do not keep yet again: of a block that is over nothing else is pinned. */
  protected keptMicros = 0n;

  constructor(
    protected readonly draft: WalletDraft,
    protected readonly reference: string,
    clawbacks: readonly Escrow[],
    payment: Entry | undefined,
    taken: readonly Entry[],
    protected readonly nowMs: number,
  ) {
    this.payment = payment ?? null;
    this.taken = [...taken];
    for (const clawback of clawbacks) this.clawbacks.set(clawback.reference, clawback);
  }

  find(reference: string): Escrow | undefined {
    return this.clawbacks.get(reference);
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

  /** Undefined when it is drained and was not read. */
  get ownBlock(): Block | undefined {
    return this.payment ? this.draft.findBlock(this.payment.sequence) : undefined;
  }

  protected pinnedByClawbacks(block: Block | undefined): bigint {
    if (!block) return 0n;
    const slices = [...this.clawbacks.values()].flatMap((clawback) => clawback.slices);
    const own = slices.filter(({ blockSequence }) => blockSequence === block.sequence);
    return own.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
  }

  /** Of the payment's block, what nobody else keeps; of one that is over only what its clawbacks kept before. */
  protected ownFree(block: Block | undefined): bigint {
    if (!block) return 0n;
    const free = this.unpinned(block);
    if (isSpendable(block, this.nowMs)) return free;
    return this.keptMicros < free ? this.keptMicros : free;
  }

  private unpinned(block: Block): bigint {
    return block.remainingMicros - (this.draft.pinned.get(block.sequence) ?? 0n);
  }

  protected get sources(): Sources {
    const block = this.ownBlock;
    const own = this.ownFree(block);
    return {
      withdrawn: withdrawnLeft(this.takenBack),
      own,
      unswept: block ? this.unpinned(block) - own : 0n,
      expired: expiredOf(block),
    };
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
