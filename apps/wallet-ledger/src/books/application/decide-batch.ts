import { invariant } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import { bookCredit } from '../domain/credit.js';
import { isTaking } from '../domain/entry-kinds.js';
import { occurredAtMs, timesOf } from '../domain/times.js';
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
import type { LedgerRules } from './ledger-rules.js';
import {
  outcomeKey,
  walletKey,
  type BesideWrite,
  type ClaimGrant,
  type KeptEvent,
  type KnownOutcome,
  type Rejection,
} from './ports.js';
import { idConflict, replay } from './replay-outcome.js';

/** Everything that a decision depends on. */
export interface BatchState {
  /** Real time; the time of a wallet's account follows from it and the wallet. */
  readonly nowMs: number;
  readonly wallets: ReadonlyMap<string, Wallet>;
  /** Blocks with nothing left that changes of this batch must see. */
  readonly drained: ReadonlyMap<bigint, readonly Block[]>;
  /** Escrows that changes of this batch must see, closed ones too. */
  readonly closed: readonly Escrow[];
  /** Entries that say what was taken back of payments which changes of this batch are about. */
  readonly taken: readonly Entry[];
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
  readonly beside: readonly BesideWrite[];
  /** Charges (by outcome key) whose lease did not cover them: they need room in Redis, as any charge without a hold. */
  readonly uncovered: ReadonlySet<string>;
}

/** What was decided, and written. */
export interface CommittedGroup extends Pick<DecidedBatch, 'results'> {
  /** As they are now, by `walletKey`; made once, because every step after the decision asks for them. */
  readonly wallets: ReadonlyMap<string, Wallet>;
  readonly grants: ReadonlyMap<string, ClaimGrant>;
  readonly nowMs: number;
  /** What the write put into the outbox. */
  readonly outbox: readonly KeptEvent[];
  /** An earlier try may have reserved room that the last one no longer asked for: what is known claims nothing. */
  readonly wasRetried: boolean;
}

/** A claim belongs to one reader and one wallet. */
export const claimKey = (claimId: string, wallet: string): string => `${claimId} ${wallet}`;

/** Names the room that a change claims; has a space, which no charge id has. */
export const changeClaim = (index: number): string => `change #${index}`;

/** A command of a batch. */
export interface ClaimedCommand {
  readonly command: LedgerCommand;
  /** `walletKey` of its wallet, made once: everything is found by it. */
  readonly wallet: string;
  readonly claimId: string;
}

export const claimedCommand = (command: LedgerCommand, claimId: string): ClaimedCommand => ({
  command,
  wallet: walletKey(command.key),
  claimId,
});

/** Pure: the same state and commands give the same entries. */
export function decideBatch(
  rules: LedgerRules,
  state: BatchState,
  commands: readonly ClaimedCommand[],
): DecidedBatch {
  const drafts = new Map<string, WalletDraft>();
  for (const [key, wallet] of state.wallets) {
    drafts.set(key, new WalletDraft(wallet, state.drained.get(wallet.walletNo)));
  }
  const run = new BatchDecision(rules, state, drafts);
  const results = commands.map((claimed, index) => run.decide(claimed, index));
  const { rejections, uncovered, beside } = run;
  return { results, drafts, rejections, uncovered, beside };
}

/** What a change may look up, before the batch is decided. */
export function lookupsOf(
  { known, closed, taken, leaseGrants, nowMs }: Omit<BatchState, 'grants'>,
  wallet: Wallet,
  reads: ChangeCommand['reads'],
): Omit<ChangeContext, 'isGranted'> {
  const { walletNo } = wallet;
  const { accountMs, realMs } = timesOf(wallet, nowMs);
  return {
    nowMs: accountMs,
    realMs,
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
    escrowsOf: (payment) => {
      const known = closed.filter((escrow) => escrow.walletNo === walletNo);
      return distinct([...wallet.escrows, ...known]).filter(isClaimOn(payment));
    },
    takenOf: (sequence) =>
      taken.filter((entry) => entry.walletNo === walletNo && entry.blockSequence === sequence),
    grantOf: (reference) =>
      leaseGrants.find((grant) => grant.walletNo === walletNo && grant.reference === reference),
  };
}

const isNamed =
  (idOrReference: string) =>
  ({ escrowId, reference }: Escrow): boolean =>
    escrowId === idOrReference || reference === idOrReference;

const isClaimOn =
  (payment: string) =>
  ({ kind, holder }: Escrow): boolean =>
    kind !== 'lease' && holder === payment;

/** The first of each id. */
const distinct = (escrows: readonly Escrow[]): Escrow[] => [
  ...new Map([...escrows].reverse().map((escrow) => [escrow.escrowId, escrow])).values(),
];

/** A wallet of the batch. */
interface WalletDecision {
  readonly draft: WalletDraft;
  /** Outcomes of this very batch by reference, so that a charge that stands in it twice is one. */
  readonly decided: Map<string, KnownOutcome>;
}

class BatchDecision {
  readonly rejections: Rejection[] = [];
  readonly beside: BesideWrite[] = [];
  readonly uncovered = new Set<string>();
  private readonly wallets = new Map<string, WalletDecision>();

  constructor(
    private readonly rules: LedgerRules,
    private readonly state: BatchState,
    drafts: ReadonlyMap<string, WalletDraft>,
  ) {
    for (const [wallet, draft] of drafts) this.wallets.set(wallet, { draft, decided: new Map() });
  }

  decide(claimed: ClaimedCommand, index: number): CommandResult {
    const { command, wallet } = claimed;
    const own = this.wallets.get(wallet);
    if (!own) return { status: 'refused', reason: 'unknown_wallet' };
    const reference = referenceOf(command);
    if (reference === null) return this.change(claimed, index, own, null);
    const { draft } = own;
    const nowMs = this.accountMs(draft);
    const known = this.knownOf(own, reference);
    if (known) return replay(command, known, draft.settings, nowMs);
    if (command.kind === 'charge' && command.isIdUsed) return idConflict(draft.settings, nowMs);
    switch (command.kind) {
      case 'charge':
        return this.charge(command, claimed, own, reference);
      case 'credit': {
        const credit = { ...command.credit, ...this.occurred(draft, command.credit) };
        const entry = bookCredit(draft, credit, nowMs);
        if (entry === 'balance_limit') return { status: 'refused', reason: entry };
        const parked = this.rules.settleParked(draft, entry, nowMs);
        return this.booked(own, [entry, ...parked], reference);
      }
      case 'change':
        return this.change(claimed, index, own, reference);
    }
  }

  private knownOf({ draft, decided }: WalletDecision, reference: string): KnownOutcome | undefined {
    const own = decided.get(reference);
    if (own || this.state.known.size === 0) return own;
    return this.state.known.get(outcomeKey({ walletNo: draft.walletNo, reference }));
  }

  private accountMs({ settings }: WalletDraft): number {
    return timesOf(settings, this.state.nowMs).accountMs;
  }

  private occurred(
    { settings }: WalletDraft,
    told: { readonly occurredAtMs: number },
  ): { readonly occurredAtMs: number } {
    return { occurredAtMs: occurredAtMs(told.occurredAtMs, settings, this.state.nowMs) };
  }

  private charge(
    { charge: told }: ChargeCommand,
    { wallet, claimId }: ClaimedCommand,
    own: WalletDecision,
    reference: string,
  ): CommandResult {
    const { grants, late } = this.state;
    const { draft } = own;
    const nowMs = this.accountMs(draft);
    const isStanding = (draft.settings.standsAtMs ?? null) !== null;
    const charge = isStanding ? { ...told, ...this.occurred(draft, told) } : told;
    const key = (): string => outcomeKey({ walletNo: draft.walletNo, reference });
    const lateMicros = late === undefined || late.size === 0 ? 0n : (late.get(key()) ?? 0n);
    const claimedMicros = micros(charge.amountMicros - lateMicros);
    const isGranted =
      charge.isAuthorized ||
      (grants.get(claimKey(claimId, wallet))?.granted.has(charge.chargeId) ?? false);
    const outcome = this.rules.decideCharge(draft, charge, isGranted, nowMs, claimedMicros);
    if (outcome.status === 'posted') return this.booked(own, outcome.entries, reference);
    if (charge.leaseId !== null && outcome.reason === 'insufficient_funds') {
      this.uncovered.add(key());
    }
    const rejection: Rejection = {
      walletNo: draft.walletNo,
      chargeId: charge.chargeId,
      reason: outcome.reason,
      amountMicros: charge.amountMicros,
      channel: charge.channel,
      rejectedAtMs: nowMs,
    };
    this.rejections.push(rejection);
    own.decided.set(reference, { status: 'rejected', rejection });
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
    { command, wallet, claimId }: ClaimedCommand,
    index: number,
    own: WalletDecision,
    reference: string | null,
  ): CommandResult {
    const { draft } = own;
    invariant(command.kind === 'change', 'only a change may come without a reference');
    const before = lookupsOf(this.state, draft.settings, command.reads);
    const grant = this.state.grants.get(claimKey(claimId, wallet));
    const isGranted = grant?.granted.has(changeClaim(index)) ?? false;
    const outcome = command.apply(draft, {
      ...before,
      isGranted,
      // Commands of this batch that came before this one are seen too.
      entriesOf: (wanted) => {
        const booked = draft.entries.filter((entry) => entry.reference === wanted);
        return [...before.entriesOf(wanted), ...booked];
      },
      escrowOf: (idOrReference) =>
        draft.changedEscrows().find(isNamed(idOrReference)) ?? before.escrowOf(idOrReference),
      escrowsOf: (payment) =>
        distinct([
          ...draft.changedEscrows().filter(isClaimOn(payment)),
          ...before.escrowsOf(payment),
        ]),
      takenOf: (sequence) => {
        const booked = draft.entries.filter((entry) => entry.blockSequence === sequence);
        return [...before.takenOf(sequence), ...booked.filter(isTaking)];
      },
      grantOf: (wanted) =>
        draft.grants.find((grant) => grant.reference === wanted) ?? before.grantOf(wanted),
    });
    if (outcome.status === 'refused') return outcome;
    if (command.beside) this.beside.push(...command.beside(outcome.entries));
    return this.booked(own, outcome.entries, reference);
  }

  private booked(
    { draft, decided }: WalletDecision,
    entries: readonly Entry[],
    reference: string | null,
  ): CommandResult {
    if (reference !== null) decided.set(reference, { status: 'booked', entries });
    return { status: 'booked', wallet: draft.settings, entries, isReplay: false };
  }
}
