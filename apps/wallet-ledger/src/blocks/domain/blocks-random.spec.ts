// Goal: whatever is done to the blocks of a wallet in whatever order, the books say exactly what is left.
// Method: seeded random histories; after each step the entries are added up anew and compared with the blocks.
import { seededRandom, type SeededRandom } from '@orbit/testing';
import { micros, type Micros } from '@orbit/money';
import { adjustWallet } from '../../wallets/domain/adjust.js';
import { amendBlock, extendBlock, voidBlock } from './blocks-terms.js';
import { decideCharge } from '../../charges/domain/charge.js';
import { bookCredit } from '../../books/domain/credit.js';
import { draftOf } from '../../books/domain/draft-fixture.js';
import { drawDown, isSpendable, pinnedByBlock } from '../../books/domain/draw-down.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import { grantPeriod, type GrantSchedule } from './grant-schedule.js';
import { periodStart } from './grant-schedule-calendar.js';
import { postedState } from '../../books/domain/hot-state.js';
import { reversalReference, reverseCharge } from '../../charges/domain/reversal.js';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry, Escrow } from '../../books/domain/wallet.js';

const HISTORIES = 80;
const STEPS = 60;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 2, 1);
const SEED = seededRandom().seed;

/** One random history; its log says what was done, so that a failure can be read. */
class History {
  draft: WalletDraft;
  nowMs = START_MS;
  readonly log: string[] = [];
  /** Of all batches so far; a new draft forgets what was booked before it. */
  readonly entries: Entry[] = [];
  private readonly drained = new Map<bigint, Block>();
  private readonly charges: string[] = [];
  private period = 0;
  private count = 0;

  constructor(private readonly random: SeededRandom) {
    this.draft = draftOf([], { overdraftMicros: micros(random.chance(0.3) ? 5_000_000n : 0n) });
  }

  step(): void {
    this.count += 1;
    const name = this.random.pick(STEP_NAMES);
    const before = this.draft.entries.length;
    this.log.push(`${this.count} ${name} at +${(this.nowMs - START_MS) / HOUR_MS} h`);
    this[name]();
    this.entries.push(...this.draft.entries.slice(before));
    for (const block of this.draft.blocks) this.drained.set(block.sequence, block);
    if (this.random.chance(0.2)) this.commit();
  }

  /** The next batch starts from what is stored: drained blocks are seen only by who names them. */
  private commit(): void {
    this.draft = new WalletDraft(this.draft.current, this.allBlocks());
  }

  allBlocks(): Block[] {
    const now = new Map(this.draft.blocks.map((block) => [block.sequence, block]));
    return [...this.drained.values()].map((block) => now.get(block.sequence) ?? block);
  }

  entriesOf = (reference: string): Entry[] =>
    [
      ...this.entries,
      ...this.draft.entries.filter((entry) => !this.entries.includes(entry)),
    ].filter((entry) => entry.reference === reference);

  private amount(max = 20): Micros {
    return micros(BigInt(this.random.integer(1, max * 100)) * 10_000n);
  }

  private reference = (name: string): string => `${name}:${this.count}`;

  private someBlock(): bigint {
    const blocks = this.draft.blocks.map(({ sequence }) => sequence);
    return blocks.length === 0 ? 0n : this.random.pick(blocks as [bigint, ...bigint[]]);
  }

  wait(): void {
    this.nowMs += this.random.integer(1, 72) * HOUR_MS;
  }

  grant(): void {
    const expires = this.random.chance(0.7);
    const later = this.random.chance(0.2) ? this.random.integer(1, 24) * HOUR_MS : 0;
    const effectiveAtMs = this.nowMs + later;
    bookCredit(
      this.draft,
      {
        type: 'grant',
        reference: this.reference('grant'),
        amountMicros: this.amount(),
        kind: this.random.pick(['paid', 'promotional']),
        priority: this.random.integer(0, 1),
        effectiveAtMs,
        expiresAtMs: expires ? effectiveAtMs + this.random.integer(1, 96) * HOUR_MS : null,
        occurredAtMs: this.nowMs,
        metadata: {},
      },
      this.nowMs,
    );
  }

  charge(): void {
    const isAuthorized = this.random.chance(0.3);
    const late = this.random.chance(0.5) ? this.random.integer(0, 72) * HOUR_MS : 0;
    const chargeId = `c${this.count}`;
    const { draft, nowMs } = this;
    const spendable = draft.spendableAt(nowMs);
    const outcome = decideCharge(
      draft,
      {
        chargeId,
        amountMicros: this.amount(12),
        channel: 'sms',
        quantity: 1,
        metadata: {},
        occurredAtMs: nowMs - late,
        isAuthorized,
        leaseId: null,
      },
      this.random.chance(0.9),
      nowMs,
    );
    if (outcome.status !== 'posted') return;
    this.charges.push(chargeId);
    if (isAuthorized) return;
    const after = draft.spendableAt(nowMs);
    if (after < 0n && after < spendable) throw new Error('a charge without a hold was not covered');
  }

  sweep(): void {
    const shown = postedState(this.draft.current, this.nowMs).postedMicros;
    sweepExpired(this.draft, this.nowMs);
    if (postedState(this.draft.current, this.nowMs).postedMicros !== shown) {
      throw new Error('the sweep changed what anybody saw');
    }
  }

  reverse(): void {
    if (this.charges.length === 0) return;
    const chargeId = this.random.pick(this.charges as [string, ...string[]]);
    reverseCharge(
      this.draft,
      {
        chargeId,
        amountMicros: this.random.chance(0.5) ? null : this.amount(12),
        reference: this.reference('r'),
        extendToMs: this.random.chance(0.2) ? this.nowMs + 24 * HOUR_MS : null,
        metadata: {},
      },
      {
        charged: this.entriesOf(`charge:${chargeId}`),
        reversed: this.entriesOf(reversalReference(chargeId)),
        nowMs: this.nowMs,
      },
    );
  }

  extend(): void {
    const hours = this.random.integer(-24, 72);
    extendBlock(
      this.draft,
      {
        blockSequence: this.someBlock(),
        reference: this.reference('extension'),
        metadata: {},
        expiresAtMs: this.random.chance(0.1) ? null : this.nowMs + hours * HOUR_MS,
        reopens: this.random.chance(0.3),
      },
      this.nowMs,
    );
  }

  void(): void {
    if (!this.random.chance(0.4)) return;
    const reference = this.reference('void');
    const change = { blockSequence: this.someBlock(), reference, metadata: {} };
    voidBlock(this.draft, change, this.nowMs);
  }

  amend(): void {
    const reference = this.reference('amendment');
    const change = { blockSequence: this.someBlock(), reference, metadata: {} };
    amendBlock(this.draft, { ...change, amountMicros: this.amount() }, this.nowMs);
  }

  adjust(): void {
    const amount = this.amount(8);
    adjustWallet(
      this.draft,
      {
        amountMicros: micros(this.random.chance(0.5) ? amount : -amount),
        reference: this.reference('adjustment'),
        metadata: {},
        allowsNegative: this.random.chance(0.2),
      },
      this.nowMs,
    );
  }

  pin(): void {
    const { draft, nowMs } = this;
    const slices = drawDown(draft.blocks, this.amount(6), nowMs, draft.pinned);
    const ofBlocks = slices.filter(({ blockSequence }) => blockSequence !== null);
    if (ofBlocks.length === 0) return;
    const escrow = { escrowId: `lease_${this.count}`, state: 'open', slices: ofBlocks };
    draft.putEscrow(escrow as unknown as Escrow);
  }

  unpin(): void {
    const [escrow] = this.draft.escrows;
    if (escrow) this.draft.putEscrow({ ...escrow, state: 'closed', slices: [] });
  }

  renew(): void {
    const schedule = SCHEDULE;
    if (periodStart(schedule, this.period) > this.nowMs) return;
    const { nowMs, entriesOf } = this;
    const outcome = grantPeriod(this.draft, schedule, this.period, { nowMs, entriesOf });
    if (outcome.status === 'changed') this.period += 1;
  }
}

const STEP_NAMES = [
  'wait',
  'grant',
  'grant',
  'charge',
  'charge',
  'charge',
  'sweep',
  'reverse',
  'extend',
  'void',
  'amend',
  'adjust',
  'pin',
  'unpin',
  'renew',
] as const;

const SCHEDULE: GrantSchedule = {
  scheduleId: 's',
  walletNo: 1n,
  reference: 'r',
  kind: 'promotional',
  priority: 0,
  costBasisMicros: 0n,
  amountMicros: micros(3_000_000n),
  cadence: 'day',
  anchorAtMs: START_MS,
  timeZone: 'Europe/Berlin',
  expiresWithPeriod: true,
  rolloverCapMicros: micros(4_000_000n),
  rolloverPeriodsMax: 2,
  endsAtMs: null,
  nextPeriod: 0,
  nextAtMs: null,
  createdAtMs: 0,
  cancelledAtMs: null,
};

const delta = ({ from, to, amountMicros }: Entry): bigint =>
  (to === 'wallet' ? amountMicros : 0n) - (from === 'wallet' ? amountMicros : 0n);
const sum = <T>(items: readonly T[], of: (item: T) => bigint): bigint =>
  items.reduce((total, item) => total + of(item), 0n);

/** What must hold after every step, added up from nothing but the entries. */
function faultOf(history: History): string | null {
  const { draft, entries } = history;
  const blocks = history.allBlocks();
  const pinned = pinnedByBlock(draft.escrows);
  if (sum(entries, delta) !== draft.balance) return 'the balance is the sum of its entries';
  const isUnrepaid = ({ type, metadata }: Entry): boolean =>
    type === 'reversal' && metadata?.['repaid'] === true;
  for (const block of blocks) {
    const own = entries.filter(({ blockSequence }) => blockSequence === block.sequence);
    const isBrought = ({ sequence, type }: Entry): boolean =>
      sequence === block.sequence || type === 'amendment';
    const taken = -sum(
      own.filter((entry) => !isBrought(entry)),
      delta,
    );
    const unrepaid = sum(own.filter(isUnrepaid), delta);
    const lapsed = -sum(
      own.filter(({ type }) => type === 'expiry' || type === 'reopen'),
      delta,
    );
    const { amountMicros, remainingMicros, repaidMicros, expiredMicros, sequence } = block;
    if (amountMicros !== sum(own.filter(isBrought), delta)) return `amount of ${sequence}`;
    if (remainingMicros !== amountMicros - repaidMicros - unrepaid - taken) {
      return `what is left of ${sequence} follows from its entries`;
    }
    if (expiredMicros !== lapsed) return `breakage of ${sequence} is counted once`;
    if (remainingMicros < 0n || remainingMicros > amountMicros) return `bounds of ${sequence}`;
    if ((pinned.get(sequence) ?? 0n) > remainingMicros) return `pins of ${sequence} are covered`;
  }
  const remaining = sum(blocks, (block) => block.remainingMicros);
  const debt = -sum(
    entries.filter(({ blockSequence }) => blockSequence === null),
    delta,
  );
  const repaid =
    sum(blocks, (block) => block.repaidMicros) + sum(entries.filter(isUnrepaid), delta);
  if (remaining - draft.balance !== debt - repaid || debt < repaid)
    return 'blocks = balance + debt';
  const breakage = sum(entries, ({ from, to, amountMicros }) =>
    to === 'breakage' ? amountMicros : from === 'breakage' ? -amountMicros : 0n,
  );
  if (breakage !== sum(blocks, (block) => block.expiredMicros)) return 'breakage = what lapsed';
  return spendingFault(history, blocks);
}

function spendingFault(
  { draft, entries, nowMs }: History,
  blocks: readonly Block[],
): string | null {
  const byCharge = new Map<string, bigint>();
  for (const { type, reference, amountMicros } of entries) {
    const chargeId = reference.slice(reference.indexOf(':') + 1);
    const part = type === 'spend' ? amountMicros : type === 'reversal' ? -amountMicros : 0n;
    if (part !== 0n) byCharge.set(chargeId, (byCharge.get(chargeId) ?? 0n) + part);
  }
  for (const [chargeId, net] of byCharge) if (net < 0n) return `${chargeId} reversed too far`;
  const pinned = pinnedByBlock(draft.escrows);
  const free = sum(blocks, (block) =>
    isSpendable(block, nowMs) ? block.remainingMicros - (pinned.get(block.sequence) ?? 0n) : 0n,
  );
  const { overdraftMicros } = draft.settings;
  const expected = free - draft.debtMicros + overdraftMicros;
  return expected === draft.spendableAt(nowMs) ? null : 'what may be spent is what is free';
}

test(`T30 blocks: ${HISTORIES} random histories keep the books exact after each step (ORBIT_SEED=${SEED})`, () => {
  for (let n = 0; n < HISTORIES; n++) {
    const seed = SEED + n;
    const history = new History(seededRandom(seed));
    for (let step = 0; step < STEPS; step++) {
      history.step();
      const fault = faultOf(history);
      if (fault !== null) {
        throw new Error(`ORBIT_SEED=${seed}: ${fault}\n${history.log.join('\n')}`);
      }
    }
  }
});

test(`T30 blocks: the same history again books the same entries (ORBIT_SEED=${SEED})`, () => {
  const run = (): readonly Entry[] => {
    const history = new History(seededRandom(SEED));
    for (let step = 0; step < STEPS * 4; step++) history.step();
    return history.entries;
  };
  expect(run()).toEqual(run());
});
