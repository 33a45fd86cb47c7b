import { OrbitError } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import { ZERO_MICROS } from '@orbit/money';
import { chargeReference } from '../domain/identifiers.js';
import { settleRemainders } from '../domain/price-remainder.js';
import type { Block, Entry, Wallet } from '../domain/wallet.js';
import {
  referenceOf,
  type ChangeCommand,
  type ChargeCommand,
  type CommandResult,
} from './commands.js';
import { toldOf } from './ledger-events.js';
import {
  changeClaim,
  claimKey,
  decideBatch,
  lookupsOf,
  type BatchState,
  type ClaimedCommand,
  type CommittedGroup,
} from './decide-batch.js';
import {
  outcomeKey,
  WriteConflict,
  type ClaimRequest,
  type HotBalancesPort,
  type KeptEvent,
  type LedgerStore,
  type LedgerTransaction,
  type OutcomeKey,
  type WalletKey,
} from './ports.js';
import { LateClaims } from './late-claims.js';
import type { LedgerRules } from './ledger-rules.js';
import { hotStateOf } from './settlements.js';
import { WalletCache } from './wallet-cache.js';

/** Every try after the first starts from what is stored, so a third one means that somebody else is busy on these wallets. */
const TRIES_MAX = 4;
/**
 * A claim lapses some time after its reader died (LEDGER_CLAIM_TTL_MS, at least twice this). A group that
 * was held up for longer claims anew: its commit must not come when somebody else may have taken its room.
 */
const CLAIM_AGE_MS_MAX = 10_000;
/** After a repeated message, so many groups look up every reference before they write. */
const CAUTIOUS_GROUPS = 20;

/**
 * Decides commands and writes what came out, in one transaction and a constant number of statements.
 *
 * Trusts before it checks: wallets come from memory, and references are not looked up, because both are
 * checked by the write itself (version fence, unique reference). What the write refuses is decided anew
 * from what is stored. A rejection writes no reference, so before a charge is rejected it is looked up.
 */
export class CommitGroup {
  private readonly cache = new WalletCache();
  /** Groups left that look up first; positive at the start, because a restart reads messages again. */
  private cautious = CAUTIOUS_GROUPS;

  constructor(
    private readonly store: LedgerStore,
    private readonly hotBalances: HotBalancesPort,
    private readonly clock: Clock,
    private readonly rules: LedgerRules,
  ) {}

  async run(commands: readonly ClaimedCommand[]): Promise<CommittedGroup> {
    const hasChanges = commands.some(({ command }) => command.kind !== 'charge');
    const keys = new Map<string, WalletKey>();
    for (const { command, wallet } of commands) keys.set(wallet, command.key);
    for (let attempt = 1; ; attempt++) {
      const isCareful = hasChanges || attempt > 1 || this.cautious > 0;
      try {
        const group = await this.attempt(commands, keys, isCareful, hasChanges || attempt > 1);
        if (this.cautious > 0) this.cautious -= 1;
        for (const [key, wallet] of group.wallets) this.cache.put(key, wallet);
        return { ...group, wasRetried: attempt > 1 };
      } catch (error) {
        this.cache.forget(keys.keys());
        if (!(error instanceof WriteConflict)) throw error;
        if (error.kind === 'duplicate') this.cautious = CAUTIOUS_GROUPS;
        if (attempt === TRIES_MAX) {
          throw new OrbitError(
            'unavailable',
            'Another writer owns one of these wallets by now, or PostgreSQL is too slow; the batch is read again.',
            { cause: error },
          );
        }
      }
    }
  }

  private attempt(
    commands: readonly ClaimedCommand[],
    keys: ReadonlyMap<string, WalletKey>,
    looksUp: boolean,
    readsWallets: boolean,
  ): Promise<Omit<CommittedGroup, 'wasRetried'>> {
    const nowMs = this.clock.nowMs();
    return this.store.inTransaction(async (tx) => {
      const wallets = await this.wallets(tx, keys, readsWallets);
      const references = outcomesOf(wallets, commands, looksUp);
      const known = references.length > 0 ? await tx.readOutcomes(references) : new Map();
      const changes = commands.filter(({ command }) => command.kind === 'change');
      const drained = await readDrained(tx, wallets, changes, known);
      const closed = await readClosed(tx, wallets, changes);
      const taken = await readTaken(tx, wallets, changes, known);
      const leaseGrants = await readGrants(tx, wallets, changes);
      const before = { nowMs, wallets, drained, closed, taken, leaseGrants, known };
      const claimedAtMs = this.clock.nowMs();
      let claimed = await this.claim(commands, before);
      let state: BatchState = { ...before, ...claimed };
      let decided = decideBatch(this.rules, state, commands);
      if (decided.uncovered.size > 0) {
        // Their leases do not cover these charges: they ask for room like any charge without a hold.
        claimed = await this.claim(commands, before, decided.uncovered);
        state = { ...before, ...claimed };
        decided = decideBatch(this.rules, state, commands);
      }
      if (!looksUp && decided.rejections.length > 0) {
        const doubted = decided.rejections.map(({ walletNo, chargeId }) => ({
          walletNo,
          reference: chargeReference(chargeId),
        }));
        const found = await tx.readOutcomes(doubted);
        if (found.size > 0) {
          state = { ...state, known: new Map([...known, ...found]) };
          decided = decideBatch(this.rules, state, commands);
        }
      }
      if (claimed.grants.size > 0 && this.clock.nowMs() - claimedAtMs > CLAIM_AGE_MS_MAX) {
        throw new WriteConflict('overdue');
      }
      const remainders = await settleRemainders(
        (keys) => tx.readRemainders(keys),
        decided.drafts.values(),
        nowMs,
      );
      const after = new Map<string, Wallet>();
      for (const [name, draft] of decided.drafts) after.set(name, draft.current);
      const changed = [...decided.drafts].filter(([, draft]) => draft.isChanged);
      const drafts = changed.map(([, draft]) => draft);
      const walletOf = ([name]: (typeof changed)[number]): Wallet => {
        const wallet = after.get(name);
        invariant(wallet, 'every draft is of a wallet');
        return wallet;
      };
      const outbox = outboxOf(commands, decided.results, after, nowMs);
      await tx.save({
        wallets: changed.map(walletOf),
        policies: changed.filter(([, draft]) => draft.hasNewPolicies).map(walletOf),
        blocks: drafts.flatMap((draft) => draft.changedBlocks()),
        escrows: drafts.flatMap((draft) => draft.changedEscrows()),
        grants: drafts.flatMap((draft) => draft.grants),
        entries: drafts.flatMap((draft) => draft.entries),
        rejections: decided.rejections,
        beside: decided.beside,
        remainders,
        outbox,
      });
      return { results: decided.results, wallets: after, grants: claimed.grants, nowMs, outbox };
    });
  }

  private async wallets(
    tx: LedgerTransaction,
    keys: ReadonlyMap<string, WalletKey>,
    readsAll: boolean,
  ): Promise<Map<string, Wallet>> {
    const found = new Map<string, Wallet>();
    const missing: WalletKey[] = [];
    for (const [name, key] of keys) {
      const cached = readsAll ? undefined : this.cache.get(name);
      if (cached) found.set(name, cached);
      else missing.push(key);
    }
    if (missing.length > 0) {
      for (const [name, wallet] of await tx.lockWallets(missing)) found.set(name, wallet);
    }
    return found;
  }

  /**
   * Charges without a hold, and changes that set money aside, take from the same pot as holds do: Redis
   * says which of them fit. A charge of a lease asks only when the lease does not cover it (`uncovered`);
   * late usage asks only for what lapsed credit does not pay.
   */
  private async claim(
    commands: readonly ClaimedCommand[],
    before: Omit<BatchState, 'grants'>,
    uncovered: ReadonlySet<string> = new Set(),
  ): Promise<Pick<BatchState, 'grants' | 'late'>> {
    const late = new LateClaims(this.rules, before.nowMs);
    const claims = new Map<string, { wallet: Wallet; claimId: string; charges: Claimed[] }>();
    for (const [index, { command, wallet: name, claimId }] of commands.entries()) {
      if (command.kind === 'credit') continue;
      if (command.kind === 'charge' && command.charge.isAuthorized) continue;
      if (command.kind === 'change' && !command.claims) continue;
      const wallet = before.wallets.get(name);
      if (!wallet) continue;
      const claimed =
        command.kind === 'charge'
          ? claimOfCharge(command, wallet, { known: before.known, uncovered, late })
          : claimOfChange(command, index, wallet, before);
      if (!claimed) continue;
      const key = claimKey(claimId, name);
      const claim = claims.get(key);
      if (claim) claim.charges.push(claimed);
      else claims.set(key, { wallet, claimId, charges: [claimed] });
    }
    if (claims.size === 0) return { grants: new Map(), late: late.covers };
    const requests = [...claims.values()].map(({ wallet, claimId, charges }) => ({
      wallet: hotStateOf(wallet, before.nowMs),
      claimId,
      charges,
    }));
    const grants = await this.hotBalances.claim(requests);
    const grantOf = new Map(
      [...claims.keys()].map((key, index) => {
        const grant = grants[index];
        invariant(grant, 'every claim is answered');
        return [key, grant];
      }),
    );
    return { grants: grantOf, late: late.covers };
  }
}

/** What a batch tells and a second reading of its messages would not. */
function outboxOf(
  commands: readonly ClaimedCommand[],
  results: readonly CommandResult[],
  wallets: ReadonlyMap<string, Wallet>,
  atMs: number,
): KeptEvent[] {
  return commands.flatMap(({ command, wallet }, index) => {
    const result = results[index];
    if (result?.status !== 'booked' || result.isReplay) return [];
    const isReadAgain = command.kind !== 'change' || command.isReadAgain === true;
    if (isReadAgain && !bookedBeside(result.entries)) return [];
    return toldOf(command, result, wallets.get(wallet)).map((event) => ({ ...event, atMs }));
  });
}

/**
 * Whether something was booked besides what was asked for: a refund that had come before its payment. A message that
 * is read again finds what stands under its own reference alone, and would tell no more than that.
 */
const bookedBeside = (entries: readonly Entry[]): boolean =>
  entries.some(({ reference }) => reference !== entries[0]?.reference);

type Claimed = ClaimRequest['charges'][number];

interface Askers {
  readonly known: BatchState['known'];
  readonly uncovered: ReadonlySet<string>;
  readonly late: LateClaims;
}

/** Null when it need not ask: it is known, or its lease or lapsed credit covers it. */
function claimOfCharge(
  { charge }: ChargeCommand,
  wallet: Wallet,
  { known, uncovered, late }: Askers,
): Claimed | null {
  if (known.size === 0 && charge.leaseId === null) return late.claimOf(charge, wallet);
  const key = outcomeKey({
    walletNo: wallet.walletNo,
    reference: chargeReference(charge.chargeId),
  });
  if (known.has(key)) return null;
  return charge.leaseId === null || uncovered.has(key) ? late.claimOf(charge, wallet) : null;
}

function claimOfChange(
  { claims, reads }: ChangeCommand,
  index: number,
  wallet: Wallet,
  before: Omit<BatchState, 'grants'>,
): Claimed | null {
  const amountMicros = claims?.(wallet, lookupsOf(before, wallet, reads)) ?? ZERO_MICROS;
  return amountMicros > 0n ? { chargeId: changeClaim(index), amountMicros } : null;
}

/**
 * References to look up: every one of the batch, and those that its changes want to see. Without `all`
 * only those of wallets that have rejected something: a charge that was rejected leaves no reference
 * among the entries, so the write would not refuse it.
 */
function outcomesOf(
  wallets: ReadonlyMap<string, Wallet>,
  commands: readonly ClaimedCommand[],
  all: boolean,
): OutcomeKey[] {
  const keys = new Map<string, OutcomeKey>();
  const add = (key: OutcomeKey): Map<string, OutcomeKey> => keys.set(outcomeKey(key), key);
  for (const { command, wallet: name } of commands) {
    const wallet = wallets.get(name);
    if (!wallet || (!all && wallet.rejectedCount === 0n)) continue;
    const { walletNo } = wallet;
    const reference = referenceOf(command);
    if (reference !== null) add({ walletNo, reference });
    if (command.kind !== 'change') continue;
    for (const wanted of command.reads.references ?? []) add({ walletNo, reference: wanted });
  }
  return [...keys.values()];
}

/** Blocks that changes want to see, by number or because an entry that they read names them. */
async function readDrained(
  tx: LedgerTransaction,
  wallets: ReadonlyMap<string, Wallet>,
  commands: readonly ClaimedCommand[],
  known: BatchState['known'],
): Promise<Map<bigint, Block[]>> {
  const wanted = new Map<string, { walletNo: bigint; sequence: bigint }>();
  for (const { command, wallet } of commands) {
    const walletNo = wallets.get(wallet)?.walletNo;
    if (command.kind !== 'change' || walletNo === undefined) continue;
    const add = (sequence: bigint): unknown =>
      wanted.set(`${walletNo} ${sequence}`, { walletNo, sequence });
    for (const sequence of command.reads.blocks ?? []) add(sequence);
    for (const reference of command.reads.references ?? []) {
      const outcome = known.get(outcomeKey({ walletNo, reference }));
      if (outcome?.status !== 'booked') continue;
      for (const { blockSequence } of outcome.entries) {
        if (blockSequence !== null) add(blockSequence);
      }
    }
  }
  const found = new Map<bigint, Block[]>();
  if (wanted.size === 0) return found;
  for (const { walletNo, block } of await tx.readBlocks([...wanted.values()])) {
    found.set(walletNo, [...(found.get(walletNo) ?? []), block]);
  }
  return found;
}

async function readClosed(
  tx: LedgerTransaction,
  wallets: ReadonlyMap<string, Wallet>,
  commands: readonly ClaimedCommand[],
): Promise<BatchState['closed']> {
  const wanted = commands.flatMap(({ command, wallet }) => {
    const walletNo = wallets.get(wallet)?.walletNo;
    if (command.kind !== 'change' || walletNo === undefined) return [];
    return (command.reads.escrows ?? []).map((idOrReference) => ({ walletNo, idOrReference }));
  });
  const payments = commands.flatMap(({ command, wallet }) => {
    const walletNo = wallets.get(wallet)?.walletNo;
    if (command.kind !== 'change' || walletNo === undefined) return [];
    return (command.reads.payments ?? []).map((reference) => ({ walletNo, reference }));
  });
  const named = wanted.length === 0 ? [] : await tx.readEscrows(wanted);
  return payments.length === 0 ? named : [...named, ...(await tx.readPaymentEscrows(payments))];
}

/** What was taken back of the payments that changes are about; a payment's block has the number of its entry. */
async function readTaken(
  tx: LedgerTransaction,
  wallets: ReadonlyMap<string, Wallet>,
  commands: readonly ClaimedCommand[],
  known: BatchState['known'],
): Promise<BatchState['taken']> {
  const wanted = new Map<string, { walletNo: bigint; sequence: bigint }>();
  for (const { command, wallet } of commands) {
    const walletNo = wallets.get(wallet)?.walletNo;
    if (command.kind !== 'change' || walletNo === undefined) continue;
    for (const reference of command.reads.payments ?? []) {
      const key = outcomeKey({ walletNo, reference });
      const outcome = known.get(key);
      const [payment] = outcome?.status === 'booked' ? outcome.entries : [];
      if (payment) wanted.set(key, { walletNo, sequence: payment.sequence });
    }
  }
  return wanted.size === 0 ? [] : tx.readTaken([...wanted.values()]);
}

async function readGrants(
  tx: LedgerTransaction,
  wallets: ReadonlyMap<string, Wallet>,
  commands: readonly ClaimedCommand[],
): Promise<BatchState['leaseGrants']> {
  const wanted = commands.flatMap(({ command, wallet }) => {
    const walletNo = wallets.get(wallet)?.walletNo;
    if (command.kind !== 'change' || walletNo === undefined) return [];
    return (command.reads.grants ?? []).map((reference) => ({ walletNo, reference }));
  });
  return wanted.length === 0 ? [] : tx.readGrants(wanted);
}
