import { ALLOWANCE_KEY } from '@orbit/allowances';
import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Entry, Wallet } from '../../books/domain/wallet.js';
import { RecordedEntries } from './book-recorded.js';
import {
  claimedCommand,
  claimKey,
  type ChargeCommand,
  type CreditCommand,
} from '../../books/application/commands.js';
import { decideBatch } from '../../books/application/decide-batch.js';
import { LEDGER_RULES } from '../../ledger-rules.js';
import { walletKey } from '../../books/application/ports.js';

export type HistoricCommand = ChargeCommand | CreditCommand;

/** The history of one wallet, as the books have it and as Kafka still holds it. */
export interface WalletHistory {
  readonly wallet: Wallet;
  /** By sequence. */
  readonly entries: readonly Entry[];
  /** All of them, as they are at the end. */
  readonly blocks: readonly Block[];
  /** While an escrow was open it kept credit from charges; what it kept when is not on record. */
  readonly escrowTimes: readonly { readonly fromMs: number; readonly toMs: number | null }[];
  /** The message under whose reference entries were booked; undefined when the topic does not hold it. */
  commandOf(reference: string): HistoricCommand | undefined;
}

export interface RedecidedWallet {
  readonly entries: readonly Entry[];
  readonly blocks: readonly Block[];
  readonly balanceMicros: bigint;
  readonly sequence: bigint;
  readonly counts: RedecidedCounts;
  /** Why deciding stopped, when it came out so differently that the rest has nothing to stand on. */
  readonly fault: { readonly sequence: bigint; readonly why: string } | null;
}

/** Entries by how they were arrived at. */
export interface RedecidedCounts {
  /** Decided again from the message that asked for them. */
  redecided: number;
  /** Taken as they are: an operator's or a schedule's doing, or paid around or from an escrow. */
  given: number;
  /** Came over a topic that does not hold the message any more; taken as they are. */
  uncovered: number;
}

const CLAIM = 'shadow';
/** References of what comes over Kafka and is decided again here. */
const FROM_TOPIC = /^(charge|topup):/;

/**
 * Walks the books of one wallet and decides every charge and top-up again with the code that decides live ones,
 * at the instant of its booking. Pure.
 *
 * Recorded facts are not decided again: that Redis had room for a charge without a hold, and policies (overdraft,
 * pause) as they were then, follow from its having been posted. How long late usage could draw on expired credit then
 * follows from which credit paid, where the present grace does not say the same. Notices depend on thresholds of their
 * day and are left out.
 */
export function redecideWallet(history: WalletHistory): RedecidedWallet {
  const run = new Redecision(history);
  for (const group of groupsOf(history.entries)) {
    if (!run.take(group)) break;
  }
  return run.result();
}

/** Entries that one command booked: neighbours under one reference. */
function groupsOf(entries: readonly Entry[]): [Entry, ...Entry[]][] {
  const groups: [Entry, ...Entry[]][] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last && last[0].reference === entry.reference) last.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

class Redecision {
  private wallet: Wallet;
  private readonly entries: Entry[] = [];
  private readonly blocks = new Map<bigint, Block>();
  private readonly counts: RedecidedCounts = { redecided: 0, given: 0, uncovered: 0 };
  private fault: RedecidedWallet['fault'] = null;

  private readonly recorded: RecordedEntries;

  constructor(private readonly history: WalletHistory) {
    this.recorded = new RecordedEntries(history);
    this.wallet = {
      ...history.wallet,
      balanceMicros: ZERO_MICROS,
      sequence: 0n,
      version: 0n,
      alertLevel: 'depleted',
      awaitsSpend: false,
      pausedReason: null,
      overdraftMicros: ZERO_MICROS,
      blocks: [],
      escrows: [],
    };
  }

  /** False when the rest cannot be compared. */
  take(group: readonly [Entry, ...Entry[]]): boolean {
    const [{ reference, sequence, bookedAtMs }] = group;
    const command = this.history.commandOf(reference);
    const isDecidable = command !== undefined && this.isDecidable(command, bookedAtMs);
    if (isDecidable) this.counts.redecided += group.length;
    else if (command === undefined && FROM_TOPIC.test(reference)) {
      this.counts.uncovered += group.length;
    } else this.counts.given += group.length;
    try {
      if (isDecidable) this.keep(this.decideAsThen(asTaken(command, group), group));
      else this.book(group);
    } catch (error) {
      this.fault = { sequence, why: error instanceof Error ? error.message : String(error) };
      return false;
    }
    const last = group.at(-1);
    if (this.wallet.sequence === last?.sequence) return true;
    this.fault = { sequence, why: 'another number of entries came out' };
    return false;
  }

  result(): RedecidedWallet {
    const { entries, counts, fault, wallet } = this;
    return {
      entries,
      blocks: [...this.blocks.values()],
      balanceMicros: wallet.balanceMicros,
      sequence: wallet.sequence,
      counts,
      fault,
    };
  }

  private isDecidable(command: HistoricCommand, atMs: number): boolean {
    if (command.kind === 'credit') return true;
    if (command.charge.leaseId !== null) return false;
    return !this.history.escrowTimes.some(
      ({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs <= toMs),
    );
  }

  /** With the wallet's present grace; where that gives another result, with the shortest that lets pay what paid. */
  private decideAsThen(command: HistoricCommand, group: readonly [Entry, ...Entry[]]): WalletDraft {
    const [{ bookedAtMs }] = group;
    const { lateUsageGraceMs } = this.history.wallet;
    const draft = this.decide(command, bookedAtMs, lateUsageGraceMs);
    if (
      command.kind === 'credit' ||
      command.charge.isAuthorized ||
      moveAlike(draft.entries, group)
    ) {
      return draft;
    }
    const asThen = this.decide(command, bookedAtMs, this.latenessOf(group, bookedAtMs));
    return moveAlike(asThen.entries, group) ? asThen : draft;
  }

  /** For how long the credit that paid had expired; below zero when none of it had. */
  private latenessOf(group: readonly Entry[], atMs: number): number {
    const ages = group.map(({ blockSequence }) => {
      const block = blockSequence === null ? undefined : this.blocks.get(blockSequence);
      return atMs - (block?.expiresAtMs ?? Infinity);
    });
    return Math.max(-1, ...ages);
  }

  private decide(command: HistoricCommand, nowMs: number, lateUsageGraceMs: number): WalletDraft {
    const key = walletKey(this.wallet);
    const granted = new Set(command.kind === 'charge' ? [command.charge.chargeId] : []);
    const { results, drafts } = decideBatch(
      LEDGER_RULES,
      {
        nowMs,
        wallets: new Map([
          [
            key,
            {
              ...this.wallet,
              lateUsageGraceMs,
              overdraftMicros: roomFor(command, this.wallet),
            },
          ],
        ]),
        drained: new Map(),
        closed: [],
        taken: [],
        leaseFundings: [],
        known: new Map(),
        claimed: new Map([[claimKey(CLAIM, key), { granted, held: new Set<string>() }]]),
      },
      [claimedCommand(command, CLAIM)],
    );
    const [result] = results;
    const draft = drafts.get(key);
    invariant(result && draft, 'one command has one result');
    invariant(
      result.status === 'booked',
      `${result.status === 'booked' ? '' : `${result.status} as ${result.reason}: `}what was booked is booked again`,
    );
    return draft;
  }

  private book(group: readonly Entry[]): void {
    const drained = [...this.blocks.values()].filter(
      ({ remainingMicros }) => remainingMicros === 0n,
    );
    const draft = new WalletDraft(this.wallet, drained);
    for (const entry of group) this.recorded.book(draft, entry);
    this.keep(draft);
  }

  private keep(draft: WalletDraft): void {
    this.entries.push(...draft.entries);
    for (const { block } of draft.changedBlocks()) this.blocks.set(block.sequence, block);
    const { lateUsageGraceMs } = this.history.wallet;
    this.wallet = { ...draft.current, pausedReason: null, lateUsageGraceMs };
  }
}

/**
 * The authorization of a charge as the ledger took it then, which its entries say: it may not have trusted the
 * message.
 */
function asTaken(command: HistoricCommand, group: readonly [Entry, ...Entry[]]): HistoricCommand {
  if (command.kind === 'credit' || !command.charge.isAuthorized) return command;
  const spent = group.find(({ type }) => type === 'spend') ?? group[0];
  if (spent.authorizedBy !== null) return command;
  const { [ALLOWANCE_KEY]: _, ...metadata } = command.charge.metadata;
  const isKept = ALLOWANCE_KEY in (spent.metadata ?? {});
  const charge = { ...command.charge, isAuthorized: false };
  return { ...command, charge: isKept ? charge : { ...charge, metadata } };
}

/** The same amounts between the same blocks and accounts. */
function moveAlike(ours: readonly Entry[], theirs: readonly Entry[]): boolean {
  return (
    ours.length === theirs.length &&
    ours.every((entry, n) => {
      const other = theirs[n];
      return (
        entry.type === other?.type &&
        entry.amountMicros === other.amountMicros &&
        entry.blockSequence === other.blockSequence
      );
    })
  );
}

/** A posted charge had room then, by whatever policy: enough for it and for any debt. A credit needs none. */
function roomFor(command: HistoricCommand, { balanceMicros, blocks }: Wallet): Micros {
  if (command.kind === 'credit') return ZERO_MICROS;
  // Debt is what blocks hold beyond the balance, and blocks that have expired cannot be set against it.
  const held = blocks.reduce((sum, { remainingMicros }) => sum + remainingMicros, 0n);
  const debtMicros = held - balanceMicros;
  return micros(command.charge.amountMicros + (debtMicros > 0n ? debtMicros : 0n));
}
