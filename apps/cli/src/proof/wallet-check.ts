/** Recomputes one wallet from its rows: chain, seals, running balance, blocks, escrows. */
import { BlockReplay } from './block-replay.js';
import { chain, deltaOf, genesis, merkle, splitHashes } from './hashes.js';
import type {
  BlockRecord,
  EntryRecord,
  EscrowRecord,
  Finding,
  Report,
  SealRecord,
  WalletRecord,
} from './record.js';
import type { KeptLeaf, RootChain } from './root-chain.js';
import type { NamedField, Near } from './suspect.js';

interface OpenSeal {
  readonly row: SealRecord;
  readonly hashes: readonly string[];
  readonly first: bigint;
  readonly leaf: KeptLeaf['leaf'];
  readonly isProven: boolean;
  readonly isTree: boolean | undefined;
  isReported?: boolean;
}

interface WaitingEntry {
  readonly row: EntryRecord;
  readonly sealed: string | null;
  readonly computed: string;
  readonly previous: string;
  readonly near: Near;
  readonly seal: OpenSeal;
}

/** Says which column of an entry was changed. */
type NameField = (
  entry: EntryRecord,
  previousHash: string,
  sealedHash: string | null,
  near: Near,
) => NamedField;

const CHANNELS_KEPT = 100;

export class WalletCheck {
  #sequence = 0n;
  #balance = 0n;
  #hash: string;
  /** The seal that the next entries belong to, and the chain as it is recomputed from them. */
  #seal: OpenSeal | null = null;
  #sealedTo = 0n;
  #recomputed: string[] = [];
  readonly #blocks = new Map<string, BlockRecord>();
  readonly #replay = new BlockReplay();
  readonly #pinned = new Map<string | null, bigint>();
  readonly #channels = new Set<string>();
  #before: EntryRecord | null = null;
  /** An entry that does not fit its seal waits for the one behind it, which may explain more. */
  #waiting: WaitingEntry | null = null;
  #hasArithmeticFault = false;

  private readonly report: Report;

  constructor(
    readonly wallet: WalletRecord,
    private readonly roots: RootChain,
    report: Report,
    private readonly name: NameField,
  ) {
    this.report = (finding: Finding) =>
      report({ wallet_no: wallet.wallet_no, wallet_id: wallet.wallet_id, ...finding });
    this.#hash = genesis(wallet);
  }

  block(row: BlockRecord): void {
    this.#blocks.set(row.sequence, row);
  }

  escrow(row: EscrowRecord): void {
    let left = 0n;
    for (const { block, amount } of row.slices) {
      left += BigInt(amount);
      this.#pinned.set(block, (this.#pinned.get(block) ?? 0n) + BigInt(amount));
    }
    const escrow = { table: 'escrow', escrow_id: row.escrow_id };
    if (left < 0n)
      this.report({ ...escrow, field: 'slices', problem: 'less than nothing is left' });
    if (left + BigInt(row.spent_micros) > BigInt(row.granted_micros)) {
      const problem = `${left} left and ${row.spent_micros} spent are more than was granted`;
      this.report({ ...escrow, field: 'slices', problem });
    }
  }

  /** Comes before its first entry. */
  seal(row: SealRecord): void {
    this.#endSeal();
    const fault = (field: string, problem: string): void =>
      this.report({ table: 'seal', sequence: row.first_sequence, field, problem });
    const hashes = splitHashes(row.hashes);
    const first = BigInt(row.first_sequence);
    if (first !== this.#sealedTo + 1n) {
      fault('first_sequence', `the seal from sequence ${this.#sealedTo + 1n} is missing`);
      // The chain cannot be followed over the hole; it goes on with what the entries themselves give.
    }
    const length = BigInt(row.last_sequence) - first + 1n;
    if (BigInt(hashes.length) !== length) fault('hashes', `are ${hashes.length}, not ${length}`);
    const kept = this.roots.leafOf(row);
    if (kept === null) fault('root_no', `there is no root ${row.root_no}`);
    else if (kept.leaf === null) {
      fault('leaf_index', `root ${row.root_no} has no leaf ${row.leaf_index}`);
    }
    const digest = hashes.length > 0 ? merkle(hashes) : null;
    const isProven = kept !== null && digest === kept.leaf;
    this.#seal = { row, hashes, first, leaf: kept?.leaf ?? null, isProven, isTree: kept?.isTree };
    this.#sealedTo = BigInt(row.last_sequence);
    this.#recomputed = [];
  }

  entry(row: EntryRecord): void {
    const sequence = BigInt(row.sequence);
    const fault = (at: bigint, field: string | null, problem: string): void =>
      this.report({ table: 'entry', sequence: String(at), field, problem });
    if (sequence !== this.#sequence + 1n) {
      if (sequence <= this.#sequence) {
        fault(sequence, 'sequence', `comes after sequence ${this.#sequence}: inserted or moved`);
        return;
      }
      this.#flush(null);
      fault(this.#sequence + 1n, null, `the entry is missing; the next one is ${sequence}`);
      this.#skipTo(sequence, row);
    }
    this.#checkHash(row, sequence);
    this.#checkBalance(row, sequence);
    this.#replay.entry(row, this.#balance);
    if (row.channel !== null && this.#channels.size < CHANNELS_KEPT)
      this.#channels.add(row.channel);
    this.#sequence = sequence;
    this.#balance = BigInt(row.balance_after_micros);
    this.#before = row;
  }

  /** After its last row. Returns what the entries made of the wallet. */
  finish(): bigint {
    this.#endSeal();
    const { wallet } = this;
    const fault = (field: string, problem: string): void =>
      this.report({ table: 'wallet', field, problem });
    const last = BigInt(wallet.sequence);
    if (this.#sequence < last || this.#sealedTo > this.#sequence) {
      const problem = 'the entry is missing at the end';
      const sequence = String(this.#sequence + 1n);
      this.report({ table: 'entry', sequence, field: null, problem });
    } else if (this.#sequence > last) {
      const problem = `is ${last}; the last entry is ${this.#sequence}, inserted or forgotten`;
      fault('sequence', problem);
    } else if (BigInt(wallet.balance_micros) !== this.#balance) {
      fault('balance_micros', `is ${wallet.balance_micros}; the last entry left ${this.#balance}`);
    }
    this.#checkBlocks();
    return this.#balance;
  }

  #checkHash(row: EntryRecord, sequence: bigint): void {
    const seal = this.#seal;
    if (seal === null || sequence > this.#sealedTo || sequence < seal.first) {
      this.#flush(null);
      this.#hash = chain(this.#hash, row);
      return;
    }
    const sealed = seal.hashes[Number(sequence - seal.first)] ?? null;
    const computed = chain(this.#hash, row);
    this.#flush(row);
    // The sealed hash goes on, so that one changed entry is one finding and not all that follow it.
    if (computed !== sealed) {
      this.#waiting = { row, sealed, computed, previous: this.#hash, near: this.#near(), seal };
    }
    this.#recomputed.push(computed);
    this.#hash = sealed ?? computed;
  }

  #near(): Near {
    return {
      balanceBefore: this.#balance,
      blocks: [...this.#replay.sequences()].slice(0, CHANNELS_KEPT),
      channels: [...this.#channels],
      others: this.#before === null ? [] : [this.#before],
    };
  }

  /** Says what was wrong with the entry that waits, now that the one behind it is known. */
  #flush(next: EntryRecord | null): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    const { row, sealed, computed, previous, near, seal } = waiting;
    const sequence = row.sequence;
    const at = Number(BigInt(sequence) - seal.first);
    const after = seal.hashes[at + 1];
    const isHashForged =
      !seal.isProven && next !== null && after !== undefined && chain(computed, next) === after;
    const isLastForged = !seal.isProven && this.#provesLast(seal, at, computed);
    if (isHashForged || isLastForged) {
      const problem = `the hash of sequence ${sequence} was ${computed}`;
      this.report({ table: 'seal', sequence: seal.row.first_sequence, field: 'hashes', problem });
      if (this.#seal !== null) this.#seal.isReported = true;
      if (next !== null) this.#hash = computed;
      return;
    }
    const others = next === null ? near.others : [...near.others, next];
    const { field, was, suspects } = this.name(row, previous, sealed, { ...near, others });
    const problem =
      field === null ? 'is not what was sealed' : `is not what was sealed: it was ${asText(was)}`;
    const more = suspects ? { suspects: suspects.join(', ') } : { is: columnOf(row, field), was };
    this.report({ table: 'entry', sequence, field, problem, ...more });
  }

  /** The last hash of a seal that its root does not know: right again with the recomputed one? */
  #provesLast(seal: OpenSeal, at: number, computed: string): boolean {
    if (at !== seal.hashes.length - 1 || seal.leaf === null) return false;
    return merkle([...seal.hashes.slice(0, -1), computed]) === seal.leaf;
  }

  #endSeal(): void {
    this.#flush(null);
    const seal = this.#seal;
    this.#seal = null;
    if (seal === null || seal.isProven || seal.isReported || seal.leaf === null) return;
    const { first_sequence: first, last_sequence: last, root_no, leaf_index } = seal.row;
    const fromEntries = this.#recomputed.length > 0 ? merkle(this.#recomputed) : null;
    const finding = { sequence: first, problem: '' };
    if (fromEntries !== null && fromEntries === seal.leaf) {
      finding.problem = `the hashes of ${first} to ${last} are not those of its entries`;
      this.report({ table: 'seal', field: 'hashes', ...finding });
    } else if (!seal.isTree && fromEntries !== null && fromEntries === merkle(seal.hashes)) {
      const problem = `leaf ${leaf_index} was changed: seal and entries agree on ${fromEntries}`;
      this.report({ table: 'seal_root', root_no, field: 'leaves', problem });
    } else {
      finding.problem = `entries ${first} to ${last} and their seal were rewritten: root ${root_no} knows others`;
      this.report({ table: 'entry', field: null, ...finding });
    }
  }

  #skipTo(sequence: bigint, row: EntryRecord): void {
    const seal = this.#seal;
    if (seal !== null && sequence > seal.first) {
      this.#hash = seal.hashes[Number(sequence - seal.first) - 1] ?? this.#hash;
    }
    this.#sequence = sequence - 1n;
    this.#balance = BigInt(row.balance_after_micros) - deltaOf(row);
    this.#hasArithmeticFault = true;
  }

  #checkBalance(row: EntryRecord, sequence: bigint): void {
    const expected = this.#balance + deltaOf(row);
    if (BigInt(row.balance_after_micros) === expected) return;
    this.#hasArithmeticFault = true;
    // A sealed entry was named with its column already, or its predecessor was.
    if (this.#seal !== null && sequence <= this.#sealedTo) return;
    const problem = `the balance after it is ${row.balance_after_micros}; ${expected} would follow`;
    const field = 'amount_micros or balance_after_micros';
    this.report({ table: 'entry', sequence: row.sequence, field, problem });
  }

  #checkBlocks(): void {
    // After a missing or changed entry the remainders follow from nothing.
    if (this.#hasArithmeticFault) return;
    this.#replay.check(this.#blocks, this.#pinned, this.report);
  }
}

/** Metadata is an object; the others are texts and numbers. */
const asText = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value as string);

const columnOf = (row: EntryRecord, field: string | null): unknown =>
  (row as unknown as Readonly<Record<string, unknown>>)[field ?? ''] ?? null;
