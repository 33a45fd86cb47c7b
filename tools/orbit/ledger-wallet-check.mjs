/** Recomputes one wallet from its rows: chain, seals, running balance, blocks, escrows. */
import { BlockReplay } from './ledger-blocks.mjs';
import { chain, deltaOf, genesis, merkle, splitHashes } from './ledger-proof.mjs';

const CHANNELS_KEPT = 100;

export class WalletCheck {
  #sequence = 0n;
  #balance = 0n;
  #hash;
  /** The seal that the next entries belong to, and the chain as it is recomputed from them. */
  #seal = null;
  #sealedTo = 0n;
  #recomputed = [];
  #blocks = new Map();
  #replay = new BlockReplay();
  #pinned = new Map();
  #channels = new Set();
  #before = null;
  /** An entry that does not fit its seal waits for the one behind it, which may tell more. */
  #waiting = null;
  #hasArithmeticFault = false;

  /** `name`: says which column of an entry was changed. */
  constructor(wallet, roots, report, name) {
    this.name = name;
    this.wallet = wallet;
    this.roots = roots;
    this.report = (finding) =>
      report({ wallet_no: wallet.wallet_no, wallet_id: wallet.wallet_id, ...finding });
    this.#hash = genesis(wallet);
  }

  block(row) {
    this.#blocks.set(row.sequence, row);
  }

  escrow(row) {
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
  seal(row) {
    this.#endSeal();
    const fault = (field, problem) =>
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

  entry(row) {
    const sequence = BigInt(row.sequence);
    const fault = (at, field, problem) =>
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

  /** After its last row. Answers what the entries made of the wallet. */
  finish() {
    this.#endSeal();
    const { wallet } = this;
    const fault = (field, problem) => this.report({ table: 'wallet', field, problem });
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

  #checkHash(row, sequence) {
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

  #near() {
    return {
      balanceBefore: this.#balance,
      blocks: [...this.#replay.sequences()].slice(0, CHANNELS_KEPT),
      channels: [...this.#channels],
      others: this.#before === null ? [] : [this.#before],
    };
  }

  /** Says what was wrong with the entry that waits, now that the one behind it is known. */
  #flush(next) {
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
      this.#seal.isTold = true;
      if (next !== null) this.#hash = computed;
      return;
    }
    const others = next === null ? near.others : [...near.others, next];
    const { field, was, suspects } = this.name(row, previous, sealed, { ...near, others });
    const problem =
      field === null ? 'is not what was sealed' : `is not what was sealed: it was ${asText(was)}`;
    const more = suspects ? { suspects: suspects.join(', ') } : { is: row[field] ?? null, was };
    this.report({ table: 'entry', sequence, field, problem, ...more });
  }

  /** The last hash of a seal that its root does not know: right again with the recomputed one? */
  #provesLast(seal, at, computed) {
    if (at !== seal.hashes.length - 1 || seal.leaf === null) return false;
    return merkle([...seal.hashes.slice(0, -1), computed]) === seal.leaf;
  }

  #endSeal() {
    this.#flush(null);
    const seal = this.#seal;
    this.#seal = null;
    if (seal === null || seal.isProven || seal.isTold || seal.leaf === null) return;
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

  #skipTo(sequence, row) {
    const seal = this.#seal;
    if (seal !== null && sequence > seal.first) {
      this.#hash = seal.hashes[Number(sequence - seal.first) - 1] ?? this.#hash;
    }
    this.#sequence = sequence - 1n;
    this.#balance = BigInt(row.balance_after_micros) - deltaOf(row);
    this.#hasArithmeticFault = true;
  }

  #checkBalance(row, sequence) {
    const expected = this.#balance + deltaOf(row);
    if (BigInt(row.balance_after_micros) === expected) return;
    this.#hasArithmeticFault = true;
    // A sealed entry was named with its column already, or its predecessor was.
    if (this.#seal !== null && sequence <= this.#sealedTo) return;
    const problem = `the balance after it is ${row.balance_after_micros}; ${expected} would follow`;
    const field = 'amount_micros or balance_after_micros';
    this.report({ table: 'entry', sequence: row.sequence, field, problem });
  }

  #checkBlocks() {
    // After a missing or changed entry the remainders follow from nothing.
    if (this.#hasArithmeticFault) return;
    this.#replay.check(this.#blocks, this.#pinned, this.report);
  }
}

/** Metadata is an object; the others are texts and numbers. */
const asText = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
