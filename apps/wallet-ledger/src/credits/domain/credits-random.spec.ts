// Goal: whatever is done to credits in whatever order, wallet = Σ blocks − overdraft, the statement ends at the balance
// whether entries are told at once or one by one, and what is refused changes nothing.
// The proof makes the same blocks of the entries alone.
// Method: seeded random histories of all five entries, deletions, charges, expiry and escrows.
import { micros, type Micros } from '@orbit/money';
import { seededRandom, type SeededRandom } from '@orbit/testing';
import { decideCharge } from '../../charges/domain/charge.js';
import { draftOf } from '../../books/domain/draft-fixture.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry } from '../../books/domain/wallet.js';
import { RecordedEntries } from '../../proof/application/book-recorded.js';
import * as credits from './credit-changes.js';
import { deleteBlock } from './delete-block.js';
import {
  EMPTY_STATEMENT,
  projectStatement,
  type Deletions,
  type StatementRow,
} from './statement.js';
import { deltaOf } from './statement-effects.js';

const HISTORIES = 30;
const STEPS = 60;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 4, 1);
const SEED = seededRandom().seed;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

class History {
  draft = draftOf([]);
  nowMs = START_MS;
  refusals = 0;
  readonly deleted = new Set<bigint>();
  readonly entries: Entry[] = [];
  private readonly blocks = new Map<bigint, Block>();
  private count = 0;

  constructor(private readonly random: SeededRandom) {}

  step(): void {
    this.count += 1;
    const before = this.draft.entries.length;
    const name = this.random.pick(STEPS_OF_HISTORY);
    const outcome = this[name]();
    const booked = this.draft.entries.slice(before);
    if (outcome && 'refusal' in outcome) {
      this.refusals += 1;
      expect([name, outcome.refusal, booked]).toEqual([name, outcome.refusal, []]);
    }
    this.entries.push(...booked);
    for (const block of this.draft.blocks) this.blocks.set(block.sequence, block);
    if (this.random.chance(0.3)) {
      this.draft = new WalletDraft(this.draft.current, this.allBlocks());
    }
  }

  allBlocks(): Block[] {
    return [...this.blocks.values()];
  }

  increment(): credits.CreditOutcome {
    const ends = this.random.chance(0.6);
    const effectiveAtMs = this.random.chance(0.2) ? this.nowMs + 5 * HOUR_MS : null;
    const expiresAtMs = ends ? this.nowMs + this.random.integer(1, 96) * HOUR_MS : null;
    const asked = { ...this.note(), effectiveAtMs, expiresAtMs, amountMicros: this.amount() };
    return credits.increment(this.draft, { ...asked, costBasisMicros: 0n }, this.nowMs);
  }

  decrement(): credits.CreditOutcome {
    const asked = { ...this.note(), amountMicros: this.amount() };
    return credits.decrement(this.draft, asked, this.nowMs);
  }

  void(): credits.CreditOutcome {
    return credits.voidPart(this.draft, this.part(), this.nowMs);
  }

  move(): credits.CreditOutcome {
    const expiresAtMs = this.nowMs + this.random.integer(-24, 96) * HOUR_MS;
    const part = this.part();
    const amountMicros = this.random.chance(0.3) ? null : part.amountMicros;
    return credits.moveExpiry(this.draft, { ...part, amountMicros, expiresAtMs }, this.nowMs);
  }

  amend(): credits.CreditOutcome {
    const part = this.part();
    const reference = credits.amendmentReference(part.blockSequence);
    const isOf = (entry: Entry): boolean => entry.blockSequence === part.blockSequence;
    const decrementedMicros = this.entries
      .filter((entry) => isOf(entry) && entry.reference.startsWith('credit'))
      .reduce((sum, entry) => sum + (entry.type === 'spend' ? entry.amountMicros : 0n), 0n);
    const amendments = this.entries.filter((entry) => entry.reference === reference);
    const before = { decrementedMicros, amendments };
    return credits.amendDecrement(this.draft, { ...part, reference }, before, this.nowMs);
  }

  remove(): credits.CreditOutcome | { readonly refusal: string } {
    const { blockSequence } = this.part();
    const history = this.entries.filter((entry) => entry.blockSequence === blockSequence);
    if (this.deleted.has(blockSequence)) return { refusal: 'unknown_block' };
    const outcome = deleteBlock(this.draft, blockSequence, history, this.nowMs);
    if (!('refusal' in outcome)) this.deleted.add(blockSequence);
    return outcome;
  }

  /** As the store reads them. */
  deletions(): Deletions {
    const redraws = new Map<bigint, Entry[]>();
    for (const entry of this.entries) {
      const standsFor = entry.metadata?.['stands_for'];
      const isGone = entry.blockSequence !== null && this.deleted.has(entry.blockSequence);
      if (entry.type !== 'spend' || typeof standsFor !== 'string' || isGone) continue;
      redraws.set(BigInt(standsFor), [...(redraws.get(BigInt(standsFor)) ?? []), entry]);
    }
    return { blocks: this.deleted, redraws };
  }

  charge(): void {
    const charge = { chargeId: `c${this.count}`, amountMicros: this.amount(), quantity: 1 };
    const at = { occurredAtMs: this.nowMs, isAuthorized: this.random.chance(0.3), leaseId: null };
    const channel = this.random.pick(['sms', 'voice']);
    const asked = { ...charge, ...at, channel, metadata: {} };
    decideCharge(this.draft, asked, true, this.nowMs);
  }

  pin(): void {
    const { pinned } = this.draft;
    const isFree = (block: Block): boolean =>
      block.remainingMicros > 0n && !pinned.has(block.sequence);
    const block = this.draft.blocks.find(isFree);
    if (!block || this.draft.escrows.length > 1) return;
    const amountMicros = micros(block.remainingMicros / 2n);
    this.draft.putEscrow({
      ...{ walletNo: 1n, escrowId: `e${this.count}`, kind: 'lease', state: 'open' },
      ...{ reference: `lease:${this.count}`, holder: null, spentMicros: micros(0n) },
      ...{ grantedMicros: amountMicros, slices: [{ blockSequence: block.sequence, amountMicros }] },
      ...{ openedAtMs: this.nowMs, expiresAtMs: null, closedAtMs: null },
    });
  }

  unpin(): void {
    const [escrow] = this.draft.escrows;
    if (escrow) this.draft.putEscrow({ ...escrow, state: 'closed', slices: [] });
  }

  wait(): void {
    this.nowMs += this.random.integer(1, 30) * HOUR_MS;
    sweepExpired(this.draft, this.nowMs);
  }

  private amount(): Micros {
    return micros(BigInt(this.random.integer(1, 2_000)) * 10_001n);
  }

  private note(): credits.CreditNote {
    return { reference: `credit:${this.count}`, metadata: {} };
  }

  private part() {
    const sequences = this.allBlocks().map(({ sequence }) => sequence);
    const blockSequence = sequences.length === 0 ? 0n : this.random.pick(sequences as [bigint]);
    return { ...this.note(), blockSequence, amountMicros: this.amount() };
  }
}

const STEPS_OF_HISTORY = [
  ...(['increment', 'increment', 'decrement', 'void', 'move', 'amend', 'amend'] as const),
  ...(['charge', 'wait', 'pin', 'unpin', 'remove'] as const),
] as const;

/** What the entries and the blocks deny; nothing, when they agree. */
function deniedBy({ draft, entries }: History, all: readonly Block[]): readonly string[] {
  const now = new Map(draft.blocks.map((block) => [block.sequence, block]));
  const moved = new Map<bigint | null, bigint>();
  let balance = 0n;
  for (const entry of entries) {
    const { blockSequence, sequence } = entry;
    balance += deltaOf(entry);
    if (blockSequence === sequence) continue;
    moved.set(blockSequence, (moved.get(blockSequence) ?? 0n) + deltaOf(entry));
  }
  const denied: string[] = [];
  let remaining = 0n;
  for (const known of all) {
    const block = now.get(known.sequence) ?? known;
    const { sequence, amountMicros, repaidMicros, remainingMicros: left } = block;
    remaining += left;
    const isRight = left === amountMicros - repaidMicros + (moved.get(sequence) ?? 0n);
    if (!isRight) denied.push(`block ${sequence} holds what its entries left`);
    if (left < 0n || left > amountMicros) denied.push(`block ${sequence} is within its amount`);
    if ((draft.pinned.get(sequence) ?? 0n) > left) denied.push(`block ${sequence} holds its pins`);
  }
  if (draft.balance !== balance) denied.push('the balance is the sum of the entries');
  if (remaining - draft.debtMicros !== balance) denied.push('blocks less debt are the balance');
  return denied;
}

/** The blocks that the proof makes of the entries alone, without deciding anything again. */
function replayed(entries: readonly Entry[], blocks: readonly Block[]): readonly Block[] {
  const recorded = new RecordedEntries({ entries, blocks });
  const draft = draftOf([]);
  for (const entry of entries) recorded.book(draft, entry);
  return blocks.map(({ sequence }) => draft.findBlock(sequence)!);
}

const chained = (rows: readonly StatementRow[]): void => {
  let running = 0n;
  for (const row of rows) {
    expect(row.startingMicros).toBe(running);
    const isStill = row.type === 'expiration_change' || row.type === 'void_initiated';
    running += isStill ? 0n : row.amountMicros;
    expect(row.endingMicros).toBe(running);
  }
};

/** Tells the entries in pieces, as reads come by; rows that stand are replaced by their number. */
function toldIn(history: History, pieces: readonly number[]): readonly StatementRow[] {
  const { entries } = history;
  const deletions = history.deletions();
  const rows = new Map<bigint, StatementRow>();
  let state = EMPTY_STATEMENT;
  let from = 0;
  for (const length of [...pieces, entries.length]) {
    const next = entries.slice(from, from + length);
    const told = projectStatement(state, next, dayOf, deletions);
    for (const row of told.rows) rows.set(row.number, row);
    state = told.state;
    from += length;
  }
  return [...rows.values()].sort((a, b) => (a.number < b.number ? -1 : 1));
}

test(`${HISTORIES} histories keep their books and their statement (seed ${SEED})`, () => {
  let refusals = 0;
  let deletions = 0;
  for (let n = 0; n < HISTORIES; n++) {
    const random = seededRandom(SEED + n);
    const history = new History(random);
    for (let step = 0; step < STEPS; step++) {
      history.step();
      expect(deniedBy(history, history.allBlocks())).toEqual([]);
    }
    const blocks = history.allBlocks();
    expect(replayed(history.entries, blocks)).toEqual(blocks);
    const once = toldIn(history, []);
    chained(once);
    expect(once.filter((row) => history.deleted.has(row.blockSequence ?? -1n))).toEqual([]);
    deletions += history.deleted.size;
    expect(once.at(-1)?.endingMicros ?? 0n).toBe(history.draft.balance);
    const pieces = Array.from({ length: 40 }, () => random.integer(0, 5));
    expect(toldIn(history, pieces)).toEqual(once);
    refusals += history.refusals;
  }
  expect(refusals).toBeGreaterThan(HISTORIES);
  expect(deletions).toBeGreaterThan(HISTORIES);
});
