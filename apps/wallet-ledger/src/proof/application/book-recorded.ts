import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry } from '../../books/domain/wallet.js';

/** The history that recorded entries belong to. */
export interface RecordedHistory {
  /** By sequence. */
  readonly entries: readonly Entry[];
  /** All of them, as they are at the end. */
  readonly blocks: readonly Block[];
}

/**
 * Books entries as they stand in the books, without deciding them again: the same lines, and what each did to its
 * block besides moving money. Terms that an entry changed are read from what it recorded (domain/blocks-terms.ts).
 */
export class RecordedEntries {
  private readonly blocks: ReadonlyMap<bigint, Block>;
  /** The end that a block had before its first extension; what was never extended still has it. */
  private readonly firstEnds = new Map<bigint, number | null>();

  constructor(history: RecordedHistory) {
    this.blocks = new Map(history.blocks.map((block) => [block.sequence, block]));
    for (const { type, blockSequence, metadata } of history.entries) {
      if (type !== 'extension' || blockSequence === null) continue;
      if (this.firstEnds.has(blockSequence)) continue;
      this.firstEnds.set(blockSequence, instantOf(metadata?.['from']));
    }
  }

  book(draft: WalletDraft, entry: Entry): void {
    const { from, to, amountMicros, blockSequence, sequence, bookedAtMs } = entry;
    const isOwn = to === 'wallet' && from !== 'wallet' && blockSequence === sequence;
    if (isOwn) draft.addBlock(this.ownBlock(entry, draft));
    const block = isOwn || blockSequence === null ? undefined : draft.findBlock(blockSequence);
    if (block) draft.replaceBlock({ ...block, ...before(entry, block, draft.debtMicros) });
    draft.book([lineOf(entry, isOwn)], bookedAtMs);
    // A smaller amount holds only after the money has left.
    const after = block && draft.findBlock(block.sequence);
    if (after && entry.type === 'amendment' && from === 'wallet') {
      draft.replaceBlock({ ...after, amountMicros: micros(after.amountMicros - amountMicros) });
    }
  }

  /** Credit first repays what the overdraft carried; what is over stays in the block. */
  private ownBlock({ sequence, amountMicros }: Entry, draft: WalletDraft): Block {
    const known = this.blocks.get(sequence);
    invariant(known, `the block of entry ${sequence} is in the books`);
    const end = this.firstEnds.get(sequence);
    const repaidMicros = smaller(draft.debtMicros, amountMicros);
    return {
      ...known,
      amountMicros,
      remainingMicros: micros(amountMicros - repaidMicros),
      expiredMicros: ZERO_MICROS,
      repaidMicros,
      expiresAtMs: end === undefined ? known.expiresAtMs : end,
      voidedAtMs: null,
    };
  }
}

/** The change that an entry makes to its block before its money moves. */
function before(entry: Entry, block: Block, debtMicros: bigint): Partial<Block> {
  const { type, from, to, amountMicros, metadata } = entry;
  switch (type) {
    case 'expiry':
      return { expiredMicros: micros(block.expiredMicros + amountMicros) };
    case 'reopen':
      return { expiredMicros: micros(block.expiredMicros - amountMicros) };
    case 'extension':
      return { expiresAtMs: instantOf(metadata?.['to']) };
    case 'void':
      // Of a part: what is left of the block lives on.
      return metadata?.['partial'] === true
        ? {}
        : { voidedAtMs: block.voidedAtMs ?? entry.bookedAtMs };
    case 'reversal':
      // A refund that failed had used what expired.
      if (to === 'breakage') return { expiredMicros: micros(block.expiredMicros + amountMicros) };
      return metadata?.['repaid'] === true
        ? { repaidMicros: micros(block.repaidMicros - amountMicros) }
        : {};
    case 'amendment': {
      if (to !== 'wallet') return {};
      const repaid = smaller(debtMicros, amountMicros);
      return {
        amountMicros: micros(block.amountMicros + amountMicros),
        repaidMicros: micros(block.repaidMicros + repaid),
        remainingMicros: micros(block.remainingMicros - repaid),
      };
    }
    case 'topup':
    case 'spend':
    case 'grant':
    case 'adjustment':
    case 'fee':
    case 'transfer':
      return {};
    case 'refund':
    case 'dispute':
      return from === 'breakage'
        ? { expiredMicros: micros(block.expiredMicros - amountMicros) }
        : {};
  }
}

function lineOf(entry: Entry, isOwn: boolean): Line {
  const { type, from, to, amountMicros, blockSequence } = entry;
  const { reference, slice, channel, quantity, metadata, authorizedBy, occurredAtMs } = entry;
  return {
    ...{ type, from, to, amountMicros, blockSequence: isOwn ? 'own' : blockSequence },
    ...{ reference, slice, channel, quantity, metadata, authorizedBy, occurredAtMs },
  };
}

const smaller = (a: bigint, b: bigint): Micros => micros(a < b ? a : b);
const instantOf = (text: unknown): number | null =>
  typeof text === 'string' ? Date.parse(text) : null;
