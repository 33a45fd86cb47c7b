import { invariant } from '@orbit/kernel';
import { decideCharge } from '../domain/charge.js';
import { bookCredit } from '../domain/credit.js';
import { WalletDraft } from '../domain/wallet-draft.js';
import type { Block, Entry, Escrow, Wallet } from '../domain/wallet.js';
import {
  referenceOf,
  type ChangeCommand,
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
  /** By `outcomeKey`. */
  readonly known: ReadonlyMap<string, KnownOutcome>;
  /** By claim key: what Redis granted to charges without a hold. */
  readonly grants: ReadonlyMap<string, ClaimGrant>;
}

export interface DecidedBatch {
  readonly results: readonly CommandResult[];
  readonly drafts: ReadonlyMap<string, WalletDraft>;
  readonly rejections: readonly Rejection[];
}

/** A claim belongs to one reader and one wallet. */
export const claimKey = (claimId: string, wallet: string): string => `${claimId} ${wallet}`;

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
  const results = commands.map((claimed) => run.decide(claimed));
  return { results, drafts, rejections: run.rejections };
}

class BatchDecision {
  readonly rejections: Rejection[] = [];
  /** Outcomes of this very batch, so that a charge that stands in it twice is one. */
  private readonly decided = new Map<string, KnownOutcome>();

  constructor(
    private readonly state: BatchState,
    private readonly drafts: ReadonlyMap<string, WalletDraft>,
  ) {}

  decide({ command, claimId }: ClaimedCommand): CommandResult {
    const draft = this.drafts.get(walletKey(command.key));
    if (!draft) return { status: 'refused', reason: 'unknown_wallet' };
    const reference = referenceOf(command);
    if (reference === null) return this.change(command as ChangeCommand, draft);
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
        return this.change(command, draft, key);
    }
  }

  private charge(
    { charge, key: wallet }: ChargeCommand,
    claimId: string,
    draft: WalletDraft,
    key: string,
  ): CommandResult {
    const { nowMs, grants } = this.state;
    const isGranted =
      charge.isAuthorized ||
      (grants.get(claimKey(claimId, walletKey(wallet)))?.granted.has(charge.chargeId) ?? false);
    const outcome = decideCharge(draft, charge, isGranted, nowMs);
    if (outcome.status === 'posted') return this.booked(draft, outcome.entries, key);
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
    // Moves the version too: a rejection that was decided on an old wallet fails at the fence.
    draft.patch({ rejectedCount: draft.settings.rejectedCount + 1n });
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
    draft: WalletDraft,
    key: string | null = null,
  ): CommandResult {
    const { nowMs, known } = this.state;
    const outcome = command.apply(draft, {
      nowMs,
      entriesOf: (reference) => {
        invariant(
          command.reads.references?.includes(reference),
          'a change reads the references that it named',
        );
        const earlier = outcomeKey({ walletNo: draft.walletNo, reference });
        const found = this.decided.get(earlier) ?? known.get(earlier);
        return found?.status === 'booked' ? found.entries : [];
      },
      escrowOf: (idOrReference) => {
        const isIt = ({ escrowId, reference }: Escrow): boolean =>
          escrowId === idOrReference || reference === idOrReference;
        const ofWallet = this.state.closed.filter(({ walletNo }) => walletNo === draft.walletNo);
        return draft.changedEscrows().find(isIt) ?? draft.escrows.find(isIt) ?? ofWallet.find(isIt);
      },
    });
    if (outcome.status === 'refused') return outcome;
    return this.booked(draft, outcome.entries, key);
  }

  private booked(draft: WalletDraft, entries: readonly Entry[], key: string | null): CommandResult {
    if (key !== null) this.decided.set(key, { status: 'booked', entries });
    return { status: 'booked', wallet: draft.settings, entries, isReplay: false };
  }
}
