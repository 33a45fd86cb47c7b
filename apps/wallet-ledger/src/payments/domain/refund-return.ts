import { invariant } from '@orbit/kernel';
import { micros } from '@orbit/money';
import type { PaymentClawbacks, PaymentContext } from './clawbacks.js';
import { addReturnedBlock } from './returned-block.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Entry, Escrow } from '../../books/domain/wallet.js';

/**
 * A refund that was booked comes back. What all clawbacks of the payment used last comes back first, so that the books
 * stand as if this refund had never been: first to the wallet (the blocks that paid it, the payment's own block, the
 * debt that stands; what later credit repaid of it comes as a block of its own), then to breakage, then to what an
 * operator had taken back.
 */
export function giveBack(
  draft: WalletDraft,
  clawbacks: PaymentClawbacks,
  clawback: Escrow,
  context: PaymentContext,
  metadata: Readonly<Record<string, unknown>>,
): Entry[] {
  const { spentMicros } = clawback;
  if (spentMicros === 0n) return [];
  const parts = partsOf(clawbacks, spentMicros);
  const returns = new Returns(clawbacks, clawback, context.nowMs, metadata);
  let left = parts.wallet;
  const toBlock = (blockSequence: bigint, amountMicros: bigint): void => {
    const part = amountMicros < left ? amountMicros : left;
    if (part <= 0n || !draft.findBlock(blockSequence)) return;
    left -= part;
    returns.add('wallet', blockSequence, part);
  };
  const own = clawbacks.payment?.sequence;
  for (const entry of context.entriesOf(clawback.reference)) {
    const { blockSequence, amountMicros, type, from } = entry;
    if (type !== 'refund' || from !== 'wallet' || blockSequence === null) continue;
    if (blockSequence !== own) toBlock(blockSequence, amountMicros);
  }
  // All clawbacks of the payment together, and not this one alone: another may stand for what this one used.
  if (own !== undefined) toBlock(own, clawbacks.takenBack.ownUsedMicros);
  const { debtMicros } = draft;
  const debt = debtMicros < left ? debtMicros : left;
  if (debt > 0n) returns.add('wallet', null, debt);
  left -= debt;
  if (own !== undefined) {
    if (parts.expired > 0n) {
      const block = draft.findBlock(own);
      invariant(block, 'the block of a payment that clawbacks took from is read');
      const expiredMicros = micros(block.expiredMicros + parts.expired);
      draft.replaceBlock({ ...block, expiredMicros });
      returns.add('breakage', own, parts.expired);
    }
    if (parts.withdrawn > 0n) returns.add('adjustments', own, parts.withdrawn);
  }
  const entries = returns.book();
  if (left === 0n) return entries;
  addReturnedBlock(draft, left, context.nowMs);
  returns.add('wallet', 'own', left);
  return [...entries, ...returns.book()];
}

/** Its parts: in the wallet, expired, and taken back before. */
function partsOf(clawbacks: PaymentClawbacks, amountMicros: bigint) {
  const { withdrawnUsedMicros, expiredUsedMicros } = clawbacks.takenBack;
  const inWallet = clawbacks.spentMicros - withdrawnUsedMicros - expiredUsedMicros;
  const wallet = inWallet < amountMicros ? inWallet : amountMicros;
  const rest = amountMicros - wallet;
  const expired = expiredUsedMicros < rest ? expiredUsedMicros : rest;
  return { wallet, expired, withdrawn: rest - expired };
}

/** Collects the lines of one return; a second booking goes on counting their slices. */
class Returns {
  private lines: Line[] = [];
  private count = 0;

  constructor(
    private readonly clawbacks: PaymentClawbacks,
    private readonly clawback: Escrow,
    private readonly nowMs: number,
    private readonly metadata: Readonly<Record<string, unknown>>,
  ) {}

  add(to: Line['to'], blockSequence: Line['blockSequence'], amountMicros: bigint): void {
    this.lines.push({
      type: 'reversal',
      from: 'refunds',
      to,
      amountMicros: micros(amountMicros),
      blockSequence,
      reference: `refund_failed:${this.clawback.reference}`,
      slice: this.count,
      channel: null,
      quantity: null,
      metadata: this.metadata,
      occurredAtMs: this.nowMs,
    });
    this.count += 1;
  }

  book(): Entry[] {
    const lines = this.lines.splice(0);
    return lines.length === 0 ? [] : this.clawbacks.book(lines);
  }
}
