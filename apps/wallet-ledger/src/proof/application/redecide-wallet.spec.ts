// Goal: history that is decided again comes out the same, whatever stands in it; what was tampered with does not.
// Method: a small wallet is driven by the live decision code, then its history is handed to redecideWallet.
import { micros, type Micros } from '@orbit/money';
import { seededRandom, type SeededRandom } from '@orbit/testing';
import { adjustWallet } from '../../wallets/domain/adjust.js';
import { amendBlock, extendBlock, voidBlock } from '../../blocks/domain/blocks-terms.js';
import { reversalReference, reverseCharge } from '../../charges/domain/reversal.js';
import { LEDGER_RULES } from '../../ledger-rules.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry, Wallet } from '../../books/domain/wallet.js';
import { claimedCommand, claimKey } from '../../books/application/commands.js';
import { decideBatch } from '../../books/application/decide-batch.js';
import { walletKey } from '../../books/application/ports.js';
import { redecideWallet, type HistoricCommand, type RedecidedWallet } from './redecide-wallet.js';

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const SEED = seededRandom().seed;
const key = { organizationId: 'org_1', currency: 'USD' } as const;
const opened: Wallet = {
  ...key,
  walletNo: 1n,
  walletId: 'wal_1',
  balanceMicros: micros(0n),
  sequence: 0n,
  version: 0n,
  overdraftMicros: micros(5_000_000n),
  lowBalanceMicros: micros(3_000_000n),
  alertLevel: 'depleted',
  awaitsSpend: false,
  pausedReason: null,
  lastToppedUpAtMs: null,
  rejectedCount: 0n,
  lateUsageGraceMs: 48 * 3_600_000,
  allowsLateCapture: false,
  outagePolicy: 'closed',
  outageBudgetMicros: micros(0n),
  blocks: [],
  escrows: [],
};

/** A ledger of one wallet in memory. */
class SmallLedger {
  wallet = opened;
  readonly entries: Entry[] = [];
  readonly blocks = new Map<bigint, Block>();
  readonly commands = new Map<string, HistoricCommand>();

  topUp(id: string, amount: Micros, atMs: number): this {
    const reference = `topup:${id}`;
    return this.take(
      reference,
      { kind: 'credit', key, credit: credit(reference, amount, null) },
      atMs,
    );
  }

  /** An operator's doing: no message tells it. */
  grant(id: string, amount: Micros, atMs: number, expiresAtMs: number | null): this {
    const given = credit(`grant:${id}`, amount, expiresAtMs);
    return this.run(
      { kind: 'credit', key, credit: { ...given, type: 'grant', kind: 'promotional' } },
      atMs,
    );
  }

  charge(id: string, amount: Micros, atMs: number, occurredAtMs = atMs): this {
    const charge = { ...sms, chargeId: id, amountMicros: amount, occurredAtMs };
    return this.take(`charge:${id}`, { kind: 'charge', key, charge, replyTo: null }, atMs);
  }

  /** An operator's policy: no entry tells it. */
  withGrace(lateUsageGraceMs: number): this {
    this.wallet = { ...this.wallet, lateUsageGraceMs };
    return this;
  }

  sweep(atMs: number): this {
    return this.change((draft) => sweepExpired(draft, atMs));
  }

  /** Anything else, by the domain's own functions. */
  change(apply: (draft: WalletDraft) => unknown): this {
    const draft = new WalletDraft(this.wallet, [...this.blocks.values()]);
    apply(draft);
    return this.keep(draft);
  }

  entriesOf(reference: string): Entry[] {
    return this.entries.filter((entry) => entry.reference === reference);
  }

  redecide(changes: Partial<Parameters<typeof redecideWallet>[0]> = {}): RedecidedWallet {
    return redecideWallet({
      wallet: this.wallet,
      entries: this.entries,
      blocks: [...this.blocks.values()],
      escrowTimes: [],
      commandOf: (reference) => this.commands.get(reference),
      ...changes,
    });
  }

  private take(reference: string, command: HistoricCommand, atMs: number): this {
    this.commands.set(reference, command);
    return this.run(command, atMs);
  }

  private run(command: HistoricCommand, nowMs: number): this {
    const granted = new Set(command.kind === 'charge' ? [command.charge.chargeId] : []);
    const claimed = new Map([
      [claimKey('c', walletKey(key)), { granted, held: new Set<string>() }],
    ]);
    const wallets = new Map([[walletKey(key), this.wallet]]);
    const state = {
      nowMs,
      wallets,
      drained: new Map(),
      closed: [],
      taken: [],
      leaseFundings: [],
      known: new Map(),
      claimed,
    };
    const { drafts, results } = decideBatch(LEDGER_RULES, state, [claimedCommand(command, 'c')]);
    if (results[0]?.status !== 'booked') return this;
    return this.keep(drafts.get(walletKey(key))!);
  }

  private keep(draft: WalletDraft): this {
    this.entries.push(...draft.entries);
    for (const { block } of draft.changedBlocks()) this.blocks.set(block.sequence, block);
    this.wallet = draft.current;
    return this;
  }
}

const sms = { channel: 'sms', quantity: 1, metadata: {}, isAuthorized: false, leaseId: null };
const credit = (reference: string, amountMicros: Micros, expiresAtMs: number | null) => ({
  type: 'topup' as const,
  reference,
  amountMicros,
  kind: 'paid' as const,
  priority: 0,
  effectiveAtMs: null,
  expiresAtMs,
  occurredAtMs: START_MS,
  metadata: {},
});
const usd = (dollars: number): Micros => micros(BigInt(Math.round(dollars * 1_000_000)));
const withoutNotices = (entries: readonly Entry[]): object[] =>
  entries.map(({ notices: _, ...entry }) => entry);

/** Promotional credit that lapses, a charge over two blocks, one into the overdraft, a top-up that repays it. */
const history = (): SmallLedger =>
  new SmallLedger()
    .topUp('t1', usd(10), START_MS)
    .grant('g1', usd(3), START_MS + 1, START_MS + 100)
    .charge('c1', usd(2), START_MS + 10)
    .charge('c2', usd(4), START_MS + 20)
    .grant('g2', usd(1), START_MS + 30, START_MS + 40)
    .sweep(START_MS + 50)
    .charge('c3', usd(9), START_MS + 60)
    .topUp('t2', usd(5), START_MS + 70);

describe('redecideWallet', () => {
  test('T30 gives the same entries, blocks and balance', () => {
    const ledger = history();
    const again = ledger.redecide();
    expect(again.fault).toBeNull();
    expect(withoutNotices(again.entries)).toEqual(withoutNotices(ledger.entries));
    expect(again.blocks).toEqual([...ledger.blocks.values()]);
    expect(again.balanceMicros).toBe(ledger.wallet.balanceMicros);
    expect(again.counts).toEqual({ redecided: 7, given: 3, uncovered: 0 });
  });

  test('takes what the topic holds no more as it is, and counts it', () => {
    const ledger = history();
    ledger.commands.delete('charge:c2');
    ledger.commands.delete('topup:t1');
    const again = ledger.redecide();
    expect(withoutNotices(again.entries)).toEqual(withoutNotices(ledger.entries));
    expect(again.counts).toEqual({ redecided: 4, given: 3, uncovered: 3 });
  });

  test('takes charges as they are while an escrow kept credit from them', () => {
    const ledger = history();
    const escrowTimes = [{ fromMs: START_MS + 15, toMs: START_MS + 20 }];
    const again = ledger.redecide({ escrowTimes });
    expect(withoutNotices(again.entries)).toEqual(withoutNotices(ledger.entries));
    expect(again.counts).toEqual({ redecided: 5, given: 5, uncovered: 0 });
  });

  test('comes out differently when an entry took from another block than it had to', () => {
    const ledger = history();
    const entries = ledger.entries.map((entry) =>
      entry.reference === 'charge:c1' ? { ...entry, blockSequence: 1n } : entry,
    );
    const again = ledger.redecide({ entries });
    expect(withoutNotices(again.entries)).not.toEqual(withoutNotices(entries));
  });

  test('T15 takes the grace for late usage as it was then, whatever it is now', () => {
    const late = START_MS + HOUR_MS;
    const ledger = new SmallLedger()
      .grant('g1', usd(3), START_MS, START_MS + 100)
      .topUp('t1', usd(10), START_MS + 1)
      .withGrace(2 * HOUR_MS)
      .charge('c1', usd(1), late, START_MS + 50)
      .sweep(late + 1)
      .charge('c2', usd(1), late + 2, START_MS + 50)
      .withGrace(0)
      .charge('c3', usd(1), late + 3, START_MS + 50);
    for (const graceMs of [0, 2 * HOUR_MS]) {
      const again = ledger.withGrace(graceMs).redecide();
      expect(again.fault).toBeNull();
      expect(withoutNotices(again.entries)).toEqual(withoutNotices(ledger.entries));
      expect(bySequence(again.blocks)).toEqual(bySequence([...ledger.blocks.values()]));
      expect(again.counts.redecided).toBe(5);
    }
  });

  test('stops and says where when the rest has nothing to stand on', () => {
    const ledger = history();
    const { sequence } = ledger.entries.find(({ reference }) => reference === 'charge:c2')!;
    const entries = ledger.entries.filter((entry) => entry.sequence !== sequence + 1n);
    const again = ledger.redecide({ entries });
    expect(again.fault).toEqual({ sequence, why: 'another number of entries came out' });
  });

  test(`T30 gives the same after whatever is done to blocks (ORBIT_SEED=${SEED})`, () => {
    const random = seededRandom(SEED);
    for (let history = 0; history < 30; history++) {
      const ledger = randomHistory(random);
      const again = ledger.redecide();
      expect(again.fault).toBeNull();
      expect(withoutNotices(again.entries)).toEqual(withoutNotices(ledger.entries));
      expect(bySequence(again.blocks)).toEqual(bySequence([...ledger.blocks.values()]));
      expect(again.counts.redecided).toBeGreaterThan(0);
    }
  });
});

const bySequence = (blocks: readonly Block[]): Block[] =>
  [...blocks].sort((a, b) => Number(a.sequence - b.sequence));

/** Charges (late ones, too), top-ups, and every change of a block that an operator has. */
function randomHistory(random: SeededRandom): SmallLedger {
  const ledger = new SmallLedger().topUp('t0', usd(10), START_MS);
  let nowMs = START_MS;
  for (let step = 1; step <= 40; step++) {
    nowMs += random.integer(0, 12) * HOUR_MS;
    const amount = micros(BigInt(random.integer(1, 900)) * 10_000n);
    const sequences = [...ledger.blocks.keys()] as [bigint, ...bigint[]];
    const change = {
      blockSequence: random.pick(sequences),
      reference: `step:${step}`,
      metadata: { reason: 'random' },
    };
    const pick = random.integer(1, 9);
    if (pick === 1) ledger.topUp(`t${step}`, amount, nowMs);
    else if (pick === 2) {
      ledger.grant(`g${step}`, amount, nowMs, nowMs + random.integer(1, 48) * HOUR_MS);
    } else if (pick === 3) ledger.sweep(nowMs);
    else if (pick === 4) ledger.change((draft) => voidBlock(draft, change, nowMs));
    else if (pick === 5) {
      const expiresAtMs = nowMs + random.integer(1, 60) * HOUR_MS;
      const extension = { ...change, expiresAtMs, reopens: random.chance(0.5) };
      ledger.change((draft) => extendBlock(draft, extension, nowMs));
    } else if (pick === 6) {
      ledger.change((draft) => amendBlock(draft, { ...change, amountMicros: amount }, nowMs));
    } else if (pick === 7) {
      const amountMicros = random.chance(0.5) ? amount : micros(-amount);
      const adjustment = { ...change, amountMicros, allowsNegative: random.chance(0.3) };
      ledger.change((draft) => adjustWallet(draft, adjustment, nowMs));
    } else if (pick === 8) reverseSome(ledger, random, nowMs);
    else ledger.charge(`c${step}`, amount, nowMs, nowMs - random.integer(0, 60) * HOUR_MS);
  }
  return ledger;
}

function reverseSome(ledger: SmallLedger, random: SeededRandom, nowMs: number): void {
  const charged = ledger.entries.filter(({ type }) => type === 'spend');
  if (charged.length === 0) return;
  const { reference } = random.pick(charged as [Entry, ...Entry[]]);
  const chargeId = reference.slice('charge:'.length);
  const extendToMs = random.chance(0.3) ? nowMs + HOUR_MS : null;
  const reversal = { chargeId, amountMicros: null, reference: `r${nowMs}`, extendToMs };
  ledger.change((draft) =>
    reverseCharge(
      draft,
      { ...reversal, metadata: {} },
      {
        charged: ledger.entriesOf(reference),
        reversed: ledger.entriesOf(reversalReference(chargeId)),
        nowMs,
      },
    ),
  );
}
