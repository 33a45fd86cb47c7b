import { micros } from '@orbit/money';
import { addReturnedBlock } from './returned-block.js';
import { withdrawnLeft, type TakenBack } from './taken-back.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry, Escrow } from '../../books/domain/wallet.js';

/** The part of PaymentClawbacks that regaining needs. */
interface ClawbacksOfPayment {
  readonly payment: Entry | null;
  readonly ownBlock: Block | undefined;
  readonly clawbackWithSpending: Escrow | undefined;
  readonly takenBack: TakenBack;
  readonly spentMicros: bigint;
  paymentFacts(): Readonly<Record<string, unknown>>;
  book(lines: readonly Line[]): Entry[];
}

/**
 * A refund or a dispute came while the payment's block had nothing to give (it was spent, or a lease kept it), so other
 * credit or debt paid it. Then the credit came back to the block (a reversal, the end of a lease) and left it again,
 * because the block is voided or has expired: the payment would be taken back twice. So what has left pays the clawback
 * after all, and the wallet regains as much. What an operator takes of a block that is still alive is another matter:
 * it was there to be taken.
 */
export function regain(draft: WalletDraft, clawbacks: ClawbacksOfPayment, nowMs: number): Entry[] {
  const { payment, ownBlock: block, clawbackWithSpending: clawback } = clawbacks;
  if (!payment || !block || !clawback) return [];
  const taken = clawbacks.takenBack;
  const { withdrawnUsedMicros, expiredUsedMicros, ownUsedMicros } = taken;
  const others = clawbacks.spentMicros - withdrawnUsedMicros - expiredUsedMicros - ownUsedMicros;
  const withdrawn = smaller(others, block.voidedAtMs === null ? 0n : withdrawnLeft(taken));
  const expired = smaller(others - withdrawn, block.expiredMicros);
  const regained = withdrawn + expired;
  if (regained <= 0n) return [];
  if (expired > 0n) {
    draft.replaceBlock({ ...block, expiredMicros: micros(block.expiredMicros - expired) });
  }
  const account = clawback.kind === 'dispute' ? 'disputes' : 'refunds';
  const type = clawback.kind === 'dispute' ? 'dispute' : 'refund';
  const lineOf = (
    way: Pick<Line, 'type' | 'from' | 'to' | 'blockSequence'>,
    amountMicros: bigint,
    slice: number,
  ): Line => ({
    ...way,
    amountMicros: micros(amountMicros),
    reference: `${clawback.reference}:${draft.nextSequence}`,
    slice,
    channel: null,
    quantity: null,
    metadata: clawbacks.paymentFacts(),
    occurredAtMs: nowMs,
  });
  const own = { type, to: account, blockSequence: payment.sequence } as const;
  const back = { type: 'reversal', from: account, to: 'wallet' } as const;
  const debt = smaller(regained, draft.debtMicros);
  const ways = [
    [{ ...own, from: 'adjustments' }, withdrawn],
    [{ ...own, from: 'breakage' }, expired],
    [{ ...back, blockSequence: null }, debt],
  ] as const;
  const moved = ways.filter(([, amount]) => amount > 0n);
  const entries = clawbacks.book(moved.map(([way, amount], slice) => lineOf(way, amount, slice)));
  if (debt === regained) return entries;
  addReturnedBlock(draft, regained - debt, nowMs);
  const rest = lineOf({ ...back, blockSequence: 'own' }, regained - debt, 0);
  return [...entries, ...clawbacks.book([rest])];
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
