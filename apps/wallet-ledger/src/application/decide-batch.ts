import { invariant } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import { decideCharge } from '../domain/charge.js';
import { bookCredit } from '../domain/credit.js';
import { WalletDraft } from '../domain/wallet-draft.js';
import type { Block, Entry, Escrow, LeaseGrant, Wallet } from '../domain/wallet.js';
import {
  referenceOf,
  type ChangeCommand,
  type ChangeContext,
  type ChargeCommand,
  type CommandResult,
  type LedgerCommand,
} from './commands.js';
import {
  outcomeKey,
  walletKey,
  type ClaimGrant,
  type KnownOutcome,
  type Rejection,
} from './ports.js';
import { replay } from './replay-outcome.js';

/** Everything that a decision depends on. */
export interface BatchState {
  readonly nowMs: number;
  readonly wallets: ReadonlyMap<string, Wallet>;
  /** Blocks with nothing left that changes of this batch must see. */
  readonly drained: ReadonlyMap<bigint, readonly Block[]>;
  /** Escrows that changes of this batch must see, closed ones too. */
  readonly closed: readonly Escrow[];
  /** Grants of leases that changes of this batch must see. */
  readonly leaseGrants: readonly LeaseGrant[];
  /** By `outcomeKey`. */
  readonly known: ReadonlyMap<string, KnownOutcome>;
  /** By claim key: what Redis granted to charges without a hold, and to changes. */
  readonly grants: ReadonlyMap<string, ClaimGrant>;
  /** By outcome key: what lapsed credit was counted on to pay of a charge, which claimed only the rest. */
  readonly late?: ReadonlyMap<string, Micros>;
}

export interface DecidedBatch {
  readonly results: readonly CommandResult[];
  readonly drafts: ReadonlyMap<string, WalletDraft>;
  readonly rejections: readonly Rejection[];
  /** Charges (by outcome key) whose lease did not cover them: they need room in Redis, as any charge without a hold. */
  readonly uncovered: ReadonlySet<string>;
}

/** A claim belongs to one reader and one wallet. */
export const claimKey = (claimId: string, wallet: string): string => `${claimId} ${wallet}`;

/** Names the room that a change claims; has a space, which no charge id has. */
export const changeClaim = (index: number): string => `change #${index}`;

export interface ClaimedCommand {
  readonly command: LedgerCommand;
  readonly claimId: string;
}

/** Pure: the same state and commands give the same entries. */
export function decideBatch(state: BatchState, commands: readonly ClaimedCommand[]): DecidedBatch {
  const drafts = new Map<string, WalletDraft>();
  for (const [key, wallet] of state.wallets) {
    drafts.set(key, new WalletDraft(wallet, state.drained.get(wallet.walletNo)));
  }
  const run = new BatchDecision(state, drafts);
  const results = commands.map((claimed, index) => run.decide(claimed, index));
  return { results, drafts, rejections: run.rejections, uncovered: run.uncovered };
}

/** What a change may look up, before the batch is decided. */
export function lookupsOf(
  { known, closed, leaseGrants, nowMs }: Omit<BatchState, 'grants'>,
  wallet: Wallet,
  reads: ChangeCommand['reads'],
): Omit<ChangeContext, 'isGranted'> {
  const { walletNo } = wallet;
  return {
    nowMs,
    entriesOf: (reference) => {
      invariant(
        reads.references?.includes(reference),
        'a change reads the references that it named',
      );
      const found = known.get(outcomeKey({ walletNo, reference }));
      return found?.status === 'booked' ? found.entries : [];
    },
    escrowOf: (idOrReference) => {
      const isIt = isNamed(idOrReference);
      return (
        wallet.escrows.find(isIt) ??
        closed.find((escrow) => escrow.walletNo === walletNo && isIt(escrow))
      );
    },
    grantOf: (reference) =>
      leaseGrants.find((grant) => grant.walletNo === walletNo && grant.reference === reference),
  };
}

const isNamed =
  (idOrReference: string) =>
  ({ escrowId, reference }: Escrow): boolean =>
    escrowId === idOrReference || reference === idOrReference;

class BatchDecision {
  readonly rejections: Rejection[] = [];
  readonly uncovered = new Set<string>();
  /** Outcomes of this very batch, so that a charge that stands in it twice is one. */
  private readonly decided = new Map<string, KnownOutcome>();

  constructor(
    private readonly state: BatchState,
    private readonly drafts: ReadonlyMap<string, WalletDraft>,
  ) {}

  decide({ command, claimId }: ClaimedCommand, index: number): CommandResult {
    const draft = this.drafts.get(walletKey(command.key));
    if (!draft) return { status: 'refused', reason: 'unknown_wallet' };
    const reference = referenceOf(command);
    if (reference === null) return this.change(command as ChangeCommand, claimId, index, draft);
    const key = outcomeKey({ walletNo: draft.walletNo, reference });
    const known = this.decided.get(key) ?? this.state.known.get(key);
    if (known) return replay(command, known, draft.settings, this.state.nowMs);
    switch (command.kind) {
      case 'charge':
        return this.charge(command, claimId, draft, key);
      case 'credit': {
        const entry = bookCredit(draft, command.credit, this.state.nowMs);
        if (entry === 'balance_limit') return { status: 'refused', reason: entry };
        return this.booked(draft, [entry], key);
      }
      case 'change':
        return this.change(command, claimId, index, draft, key);
    }
  }

  private charge(
    { charge, key: wallet }: ChargeCommand,
    claimId: string,
    draft: WalletDraft,
    key: string,
  ): CommandResult {
    const { nowMs, grants, late } = this.state;
    const claimedMicros = micros(charge.amountMicros - (late?.get(key) ?? 0n));
    const isGranted =
      charge.isAuthorized ||
      (grants.get(claimKey(claimId, walletKey(wallet)))?.granted.has(charge.chargeId) ?? false);
    const outcome = decideCharge(draft, charge, isGranted, nowMs, claimedMicros);
    if (outcome.status === 'posted') return this.booked(draft, outcome.entries, key);
    if (charge.leaseId !== null && outcome.reason === 'insufficient_funds') this.uncovered.add(key);
    const rejection: Rejection = {
      walletNo: draft.walletNo,
      chargeId: charge.chargeId,
      reason: outcome.reason,
      amountMicros: charge.amountMicros,
      channel: charge.channel,
      rejectedAtMs: nowMs,
    };
    this.rejections.push(rejection);
    this.decided.set(key, { status: 'rejected', rejection });
    draft.countRejection();
    return {
      status: 'rejected',
      wallet: draft.settings,
      reason: outcome.reason,
      atMs: nowMs,
      isReplay: false,
    };
  }

  private change(
    command: ChangeCommand,
    claimId: string,
    index: number,
    draft: WalletDraft,
    key: string | null = null,
  ): CommandResult {
    const before = lookupsOf(this.state, draft.settings, command.reads);
    const grant = this.state.grants.get(claimKey(claimId, walletKey(command.key)));
    const isGranted = grant?.granted.has(changeClaim(index)) ?? false;
    const outcome = command.apply(draft, {
      ...before,
      isGranted,
      // Commands of this batch that came before this one are seen first.
      entriesOf: (reference) => {
        const own = this.decided.get(outcomeKey({ walletNo: draft.walletNo, reference }));
        return own?.status === 'booked' ? own.entries : before.entriesOf(reference);
      },
      escrowOf: (idOrReference) =>
        draft.changedEscrows().find(isNamed(idOrReference)) ?? before.escrowOf(idOrReference),
      grantOf: (reference) =>
        draft.grants.find((grant) => grant.reference === reference) ?? before.grantOf(reference),
    });
    if (outcome.status === 'refused') return outcome;
    return this.booked(draft, outcome.entries, key);
  }

  private booked(draft: WalletDraft, entries: readonly Entry[], key: string | null): CommandResult {
    if (key !== null) this.decided.set(key, { status: 'booked', entries });
    return { status: 'booked', wallet: draft.settings, entries, isReplay: false };
  }
}
