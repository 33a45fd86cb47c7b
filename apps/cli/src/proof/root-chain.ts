/** Checks the chain of roots and keeps their leaves, against which the seals are checked. */
import { merkle, rootOf, splitHashes } from './hashes.js';
import type { Report, RootRecord, SealRecord } from './record.js';

/** The root before, as far as the next one needs it. */
interface CheckedRoot {
  readonly root: RootRecord;
  readonly leaves: readonly string[];
  readonly computed: string;
  readonly isWhole: boolean;
  readonly isFaulty: boolean;
  readonly before: string | null;
}

interface KnownRoot {
  readonly leaves: readonly string[];
  readonly isTree: boolean;
  seen: number;
  entries: number;
  readonly entryCount: number;
}

/** The leaf of a seal in its root; `leaf` is null where the root has none at that place. */
export interface KeptLeaf {
  readonly leaf: string | null;
  readonly isTree: boolean;
}

export class RootChain {
  #previous: CheckedRoot | null = null;
  /** The roots by number, as far as later records need them. */
  readonly #roots = new Map<string, KnownRoot>();

  /** `published`: roots that somebody noted when they were published (`ledger.sealed`, a log line), by number. */
  constructor(
    private readonly report: Report,
    private readonly published: Map<string, string> = new Map(),
  ) {}

  get count(): number {
    return this.#roots.size;
  }

  /** Roots come in the order of their numbers. */
  accept(root: RootRecord): void {
    const previous = this.#previous;
    const leaves = splitHashes(root.leaves);
    const current = { root, leaves, computed: rootOf(root) };
    const isWhole = current.computed === root.root;
    const isTree = leaves.length > 0 && merkle(leaves) === root.merkle_root;
    const expectedNo = BigInt(previous?.root.root_no ?? 0) + 1n;
    this.#judge(previous, root);
    if (BigInt(root.root_no) !== expectedNo) {
      this.#fault(String(expectedNo), 'root_no', 'the root is missing');
    } else if (isWhole && root.previous_root !== (previous?.root.root ?? null)) {
      // The later root is sound, so the earlier one is not what it was.
      if (previous === null)
        this.#fault('1', 'previous_root', 'the first root names one before it');
      else if (!previous.isFaulty && previous.computed !== root.previous_root) {
        this.#fault(previous.root.root_no, 'root', `was ${root.previous_root}: it was rewritten`);
      }
    }
    if (isWhole && !isTree) {
      this.#fault(root.root_no, 'leaves', 'the tree over them has another root');
    }
    const noted = this.published.get(root.root_no);
    if (noted !== undefined && noted !== root.root) {
      this.#fault(root.root_no, 'root', `${noted} was published: this is another history`);
    }
    this.published.delete(root.root_no);
    const { entry_count: entryCount } = root;
    this.#roots.set(root.root_no, { leaves, isTree, seen: 0, entries: 0, entryCount });
    this.#previous = {
      ...current,
      isWhole,
      isFaulty: !isWhole,
      before: previous?.root.root ?? null,
    };
  }

  /** A root that does not fit its content: the one after it says which of the two was changed. */
  #judge(suspect: CheckedRoot | null, next: RootRecord | null): void {
    if (suspect === null || suspect.isWhole) return;
    const { root, computed, leaves, before } = suspect;
    if (next?.previous_root === computed) {
      this.#fault(root.root_no, 'root', `was ${computed}`);
      return;
    }
    const repairs = {
      merkle_root: leaves.length > 0 ? merkle(leaves) : null,
      wallet_count: leaves.length,
      previous_root: before,
    };
    const repaired = Object.entries(repairs).find(
      ([field, value]) => rootOf({ ...root, [field]: value }) === root.root,
    );
    if (repaired) this.#fault(root.root_no, repaired[0], `was ${repaired[1]}`);
    else this.#fault(root.root_no, null, 'root, entry_count or sealed_at was changed');
  }

  #fault(root_no: string, field: string | null, problem: string): void {
    this.report({ table: 'seal_root', root_no, field, problem });
  }

  /** The digest that its root keeps for this seal; null when there is no such root. */
  leafOf(seal: SealRecord): KeptLeaf | null {
    const root = this.#roots.get(seal.root_no);
    if (!root) return null;
    root.seen += 1;
    root.entries += Number(BigInt(seal.last_sequence) - BigInt(seal.first_sequence)) + 1;
    return { leaf: root.leaves[seal.leaf_index] ?? null, isTree: root.isTree };
  }

  /** After the last root: the one that nothing follows. */
  endOfRoots(): void {
    this.#judge(this.#previous, null);
  }

  /** After the last seal: what should have been under the roots. */
  finish(): void {
    for (const [root_no, root] of this.#roots) {
      if (root.seen !== root.leaves.length) {
        const problem = `${root.leaves.length} seals were made under it, ${root.seen} are there`;
        this.#fault(root_no, 'leaves', problem);
      } else if (root.entries !== root.entryCount) {
        this.#fault(root_no, 'entry_count', `its seals hold ${root.entries} entries`);
      }
    }
    for (const [root_no, root] of this.published) {
      this.#fault(root_no, 'root', `${root} was published and is not there`);
    }
  }
}
