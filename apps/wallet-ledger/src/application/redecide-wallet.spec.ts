// Goal: history that is decided again comes out the same, whatever stands in it; what was tampered with does not.
// Method: a small wallet is driven by the live decision code, then its history is handed to redecideWallet.
import { micros, type Micros } from '@orbit/money';
import { sweepExpired } from '../domain/expiry.js';
import { WalletDraft } from '../domain/wallet-draft.js';
import type { Block, Entry, Wallet } from '../domain/wallet.js';
import { claimedCommand, claimKey, decideBatch } from './decide-batch.js';
import { walletKey } from './ports.js';
import { redecideWallet, type HistoricCommand, type RedecidedWallet } from './redecide-wallet.js';

const START_MS = Date.UTC(2026, 0, 1);
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
  pausedReason: null,
  lastToppedUpAtMs: null,
  rejectedCount: 0n,
  lateUsageGraceMs: 0,
  settlesLate: false,
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

  charge(id: string, amount: Micros, atMs: number): this {
    const charge = { ...sms, chargeId: id, amountMicros: amount, occurredAtMs: atMs };
    return this.take(`charge:${id}`, { kind: 'charge', key, charge, replyTo: null }, atMs);
  }

  sweep(atMs: number): this {
    const draft = new WalletDraft(this.wallet);
    sweepExpired(draft, atMs);
    return this.keep(draft);
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
    const grants = new Map([[claimKey('c', walletKey(key)), { granted, held: new Set<string>() }]]);
    const wallets = new Map([[walletKey(key), this.wallet]]);
    const state = {
      nowMs,
      wallets,
      drained: new Map(),
      closed: [],
      leaseGrants: [],
      known: new Map(),
      grants,
    };
    const { drafts, results } = decideBatch(state, [claimedCommand(command, 'c')]);
    expect(results[0]?.status).toBe('booked');
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

  test('stops and says where when the rest has nothing to stand on', () => {
    const ledger = history();
    const { sequence } = ledger.entries.find(({ reference }) => reference === 'charge:c2')!;
    const entries = ledger.entries.filter((entry) => entry.sequence !== sequence + 1n);
    const again = ledger.redecide({ entries });
    expect(again.fault).toEqual({ sequence, why: 'another number of entries came out' });
  });
});
