import { invariant, type Clock } from '@orbit/kernel';
import { ZERO_MICROS } from '@orbit/money';
import { WalletDraft } from '../domain/wallet-draft.js';
import { postedState } from '../domain/hot-state.js';
import type { Wallet } from '../domain/wallet.js';
import { referenceOf, type CommandResult, type LedgerCommand } from './commands.js';
import { eventsOf, outcomeView } from './ledger-events.js';
import {
  referenceKey,
  walletKey,
  type HotBalancesPort,
  type HotWalletState,
  type KnownOutcome,
  type LedgerEvent,
  type LedgerEvents,
  type LedgerStore,
  type LedgerTransaction,
  type Rejection,
  type Replies,
  type SettledCharge,
  type Settlement,
} from './ports.js';

type ChargeCommand = Extract<LedgerCommand, { kind: 'charge' }>;

/** The hot balance that follows from a wallet at one instant. */
export function hotStateOf(wallet: Wallet, nowMs: number): HotWalletState {
  const { organizationId, currency, overdraftMicros, version, pausedReason } = wallet;
  const posted = postedState(wallet, nowMs);
  const policy = { overdraftMicros, escrowedMicros: ZERO_MICROS, settlesLate: false };
  return { organizationId, currency, version, pausedReason, ...policy, ...posted };
}

/**
 * Group commit: all commands of a batch in one transaction and a constant number of statements.
 *
 * Order of effects: read what is known → reserve room in Redis for charges without a hold → decide
 * (pure) → commit → set hot balances and free holds → publish results → tell who waits. A crash
 * after the commit is harmless: offsets are not committed yet, so the batch comes again, finds its
 * own rows, and everything after the commit happens again, the same.
 */
export class PostBatch {
  constructor(
    private readonly store: LedgerStore,
    private readonly hotBalances: HotBalancesPort,
    private readonly events: LedgerEvents,
    private readonly replies: Replies,
    private readonly clock: Clock,
  ) {}

  /**
   * All of the batch or none of it; commands apply in order, each sees the ones before it.
   * `claimId` names the reader of the batch (topic and partition): a batch that is read again
   * replaces the reservation that its first reading left behind.
   */
  async run(
    commands: readonly LedgerCommand[],
    claimId: string,
  ): Promise<readonly CommandResult[]> {
    const nowMs = this.clock.nowMs();
    const batch = await this.store.inTransaction(async (tx) => {
      const state = await this.read(tx, commands, nowMs);
      await this.claim(state, commands, claimId);
      const decided = decide(state, commands);
      await tx.save({
        wallets: decided.drafts.filter((d) => d.isChanged).map((d) => d.current),
        blocks: decided.drafts.flatMap((d) =>
          d.changedBlocks().map((block) => ({ walletNo: d.current.walletNo, block })),
        ),
        entries: decided.drafts.flatMap((d) => d.entries),
        rejections: decided.rejections,
      });
      return decided;
    });
    await this.hotBalances.settle(
      settlementsOf(batch.drafts, commands, batch.results, claimId, nowMs),
    );
    await this.publish(commands, batch.results, nowMs);
    return batch.results;
  }

  private async publish(
    commands: readonly LedgerCommand[],
    results: readonly CommandResult[],
    nowMs: number,
  ): Promise<void> {
    const events: LedgerEvent[] = [];
    const replies: { channel: string; body: unknown }[] = [];
    for (const [index, command] of commands.entries()) {
      const result = results[index];
      invariant(result, 'every command has a result');
      events.push(...eventsOf(command, result));
      if (command.kind === 'charge' && command.replyTo !== null) {
        const { chargeId, amountMicros } = command.charge;
        const body = outcomeView(chargeId, amountMicros, result);
        if (body) replies.push({ channel: command.replyTo, body });
      }
    }
    if (events.length > 0) await this.events.publish(events, nowMs);
    if (replies.length > 0) await this.replies.send(replies);
  }

  private async read(
    tx: LedgerTransaction,
    commands: readonly LedgerCommand[],
    nowMs: number,
  ): Promise<BatchState> {
    const keys = new Map(commands.map(({ key }) => [walletKey(key), key]));
    const wallets = await tx.lockWallets([...keys.values()]);
    const known = await tx.readOutcomes(
      commands.map((command) => ({ ...command.key, reference: referenceOf(command) })),
    );
    const drafts = new Map([...wallets].map(([key, wallet]) => [key, new WalletDraft(wallet)]));
    return { drafts, wallets, known, nowMs, granted: new Map() };
  }

  /** Charges without a hold take from the same pot as holds do: Redis says which of them fit. */
  private async claim(
    state: BatchState,
    commands: readonly LedgerCommand[],
    claimId: string,
  ): Promise<void> {
    const byWallet = new Map<string, ChargeCommand[]>();
    for (const command of commands) {
      if (command.kind !== 'charge' || command.charge.isAuthorized) continue;
      const key = walletKey(command.key);
      const reference = referenceOf(command);
      if (!state.wallets.has(key) || state.known.has(referenceKey({ ...command.key, reference })))
        continue;
      byWallet.set(key, [...(byWallet.get(key) ?? []), command]);
    }
    if (byWallet.size === 0) return;
    const requests = [...byWallet].map(([key, charges]) => {
      const wallet = state.wallets.get(key);
      invariant(wallet, 'a claim names a locked wallet');
      return {
        key,
        wallet: hotStateOf(wallet, state.nowMs),
        claimId,
        charges: charges.map(({ charge }) => charge),
      };
    });
    const grants = await this.hotBalances.claim(requests);
    for (const [index, { key }] of requests.entries()) {
      state.granted.set(key, grants[index] ?? new Set());
    }
  }
}

interface BatchState {
  readonly drafts: Map<string, WalletDraft>;
  readonly wallets: ReadonlyMap<string, Wallet>;
  readonly known: Map<string, KnownOutcome>;
  readonly nowMs: number;
  /** Per wallet, the charge ids that Redis granted. */
  readonly granted: Map<string, ReadonlySet<string>>;
}

interface Decided {
  readonly results: readonly CommandResult[];
  readonly drafts: readonly WalletDraft[];
  readonly rejections: readonly Rejection[];
}

/** Pure: the same state and commands give the same entries. */
function decide(state: BatchState, commands: readonly LedgerCommand[]): Decided {
  const rejections: Rejection[] = [];
  const results = commands.map((command): CommandResult => {
    const key = walletKey(command.key);
    const draft = state.drafts.get(key);
    if (!draft) return { status: 'refused', reason: 'unknown_wallet' };
    const reference = referenceKey({ ...command.key, reference: referenceOf(command) });
    const known = state.known.get(reference);
    if (known) return replay(command, known, draft.current, state.nowMs);
    if (command.kind === 'credit') {
      const entry = draft.credit(command.credit, state.nowMs);
      if (entry === 'balance_limit') return { status: 'refused', reason: entry };
      state.known.set(reference, { status: 'booked', entries: [entry] });
      return { status: 'booked', wallet: draft.current, entries: [entry], isReplay: false };
    }
    const { charge } = command;
    const isGranted =
      charge.isAuthorized || (state.granted.get(key)?.has(charge.chargeId) ?? false);
    const outcome = draft.charge(charge, isGranted, state.nowMs);
    if (outcome.status === 'posted') {
      state.known.set(reference, { status: 'booked', entries: outcome.entries });
      return { status: 'booked', wallet: draft.current, entries: outcome.entries, isReplay: false };
    }
    const rejection: Rejection = {
      walletNo: draft.current.walletNo,
      chargeId: charge.chargeId,
      reason: outcome.reason,
      amountMicros: charge.amountMicros,
      channel: charge.channel,
      rejectedAtMs: state.nowMs,
    };
    rejections.push(rejection);
    state.known.set(reference, { status: 'rejected', rejection });
    return {
      status: 'rejected',
      wallet: draft.current,
      reason: outcome.reason,
      atMs: state.nowMs,
      isReplay: false,
    };
  });
  return { results, drafts: [...state.drafts.values()], rejections };
}

/** The first answer again; another charge under the same id is a conflict and changes nothing. */
function replay(
  command: LedgerCommand,
  known: KnownOutcome,
  wallet: Wallet,
  nowMs: number,
): CommandResult {
  const conflict: CommandResult = {
    status: 'rejected',
    wallet,
    reason: 'charge_id_conflict',
    atMs: nowMs,
    isReplay: true,
  };
  if (known.status === 'rejected') {
    const { reason, amountMicros, channel, rejectedAtMs } = known.rejection;
    const isSame =
      command.kind === 'charge' &&
      command.charge.amountMicros === amountMicros &&
      command.charge.channel === channel;
    return isSame
      ? { status: 'rejected', wallet, reason, atMs: rejectedAtMs, isReplay: true }
      : conflict;
  }
  const { entries } = known;
  if (command.kind === 'charge') {
    const total = entries.reduce((sum, entry) => sum + entry.amountMicros, 0n);
    const isSame =
      total === command.charge.amountMicros && entries[0]?.channel === command.charge.channel;
    if (!isSame) return conflict;
  }
  return { status: 'booked', wallet, entries, isReplay: true };
}

function settlementsOf(
  drafts: readonly WalletDraft[],
  commands: readonly LedgerCommand[],
  results: readonly CommandResult[],
  claimId: string,
  nowMs: number,
): Settlement[] {
  const settled = new Map<string, SettledCharge[]>();
  for (const [index, command] of commands.entries()) {
    const result = results[index];
    if (command.kind !== 'charge' || !result || result.status === 'refused') continue;
    const isConflict = result.status === 'rejected' && result.reason === 'charge_id_conflict';
    // A conflicting message says nothing about the charge that holds the id; a conflicting hold of our
    // own (its id was known to the ledger, but no more to Redis) is freed, because it will never post.
    if (isConflict && !command.charge.isAuthorized) continue;
    const { chargeId, amountMicros } = command.charge;
    const outcome = result.status === 'booked' ? 'posted' : 'rejected';
    const key = walletKey(command.key);
    const list = settled.get(key);
    if (list) list.push({ chargeId, amountMicros, outcome });
    else settled.set(key, [{ chargeId, amountMicros, outcome }]);
  }
  return drafts.map((draft) => {
    const key = walletKey(draft.current);
    return {
      wallet: hotStateOf(draft.current, nowMs),
      charges: settled.get(key) ?? [],
      claimId,
    };
  });
}
