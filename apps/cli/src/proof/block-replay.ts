/** Replays what entries do to the credit blocks of one wallet: docs/proof.md, "Blocks". */
import { deltaOf } from './hashes.js';
import type { BlockRecord, EntryRecord, Report } from './record.js';

interface ReplayedBlock {
  remaining: bigint;
  amount: bigint;
  repaid: bigint;
  expired: bigint;
}
const COMPARED = ['remaining', 'amount', 'repaid', 'expired'] as const;

const TYPES = { expiry: 4, reversal: 7, amendment: 11, reopen: 13 };

export class BlockReplay {
  readonly #blocks = new Map<string, ReplayedBlock>();
  /** Of all blocks together. */
  #left = 0n;

  sequences(): Iterable<string> {
    return this.#blocks.keys();
  }

  /** `balanceBefore`: of the wallet. */
  entry(row: EntryRecord, balanceBefore: bigint): void {
    const delta = deltaOf(row);
    if (row.block_sequence === null) return;
    const block = this.#blockOf(row.block_sequence);
    if (delta === 0n) return;
    const isOwn = row.block_sequence === row.sequence;
    const isCredit = (isOwn || row.type === TYPES.amendment) && delta > 0n;
    // Credit that comes in first repays what the overdraft carried.
    const debt = this.#left - balanceBefore;
    const repaid = !isCredit || debt < 0n ? 0n : debt > delta ? delta : debt;
    block.remaining += delta - repaid;
    this.#left += delta - repaid;
    block.repaid += repaid;
    if (isOwn || row.type === TYPES.amendment) block.amount += delta;
    if (row.type === TYPES.expiry || row.type === TYPES.reopen) block.expired -= delta;
    // A reversal of debt goes back to the credit that had repaid it, and says so.
    if (row.type === TYPES.reversal && row.metadata?.repaid === true) block.repaid -= delta;
  }

  #blockOf(sequence: string): ReplayedBlock {
    const known = this.#blocks.get(sequence);
    if (known) return known;
    const block = { remaining: 0n, amount: 0n, repaid: 0n, expired: 0n };
    this.#blocks.set(sequence, block);
    return block;
  }

  /** Compares with the rows of the blocks, by sequence, and with what escrows keep of them. */
  check(
    rows: ReadonlyMap<string, BlockRecord>,
    pinned: ReadonlyMap<string | null, bigint>,
    report: Report,
  ): void {
    for (const [sequence, row] of rows) {
      const fault = (field: string, problem: string): void =>
        report({ table: 'credit_block', sequence, field, problem });
      const block = this.#blocks.get(sequence);
      if (block === undefined) {
        fault('sequence', 'no entry brought this block in');
        continue;
      }
      for (const name of COMPARED) {
        const field = `${name}_micros` as const;
        if (BigInt(row[field]) !== block[name]) {
          fault(field, `is ${row[field]}; the entries make it ${block[name]}`);
        }
      }
      const kept = pinned.get(sequence) ?? 0n;
      if (kept > block.remaining) fault('remaining_micros', `escrows keep ${kept} of it`);
    }
    for (const sequence of this.#blocks.keys()) {
      if (rows.has(sequence)) continue;
      report({ table: 'credit_block', sequence, field: null, problem: 'the block is missing' });
    }
  }
}
