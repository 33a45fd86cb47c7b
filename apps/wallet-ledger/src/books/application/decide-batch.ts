import { invariant } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import { bookCredit } from '../domain/credit.js';
import { occurredAtMs, timesOf } from '../domain/times.js';
import { WalletDraft } from '../domain/wallet-draft.js';
import type { Entry } from '../domain/wallet.js';
import { lookupsAfter, lookupsOf } from './change-context.js';
import {
  changeClaim,
  claimKey,
  referenceOf,
  type ChargeCommand,
  type ClaimedCommand,
  type CommandResult,
} from './commands.js';
import type { LedgerRules } from './ledger-rules.js';
import {
  outcomeKey,
  type BesideWrite,
  type ClaimResult,
  type KnownOutcome,
  type Rejection,
} from './ports.js';
import type { GroupRead } from './read-group.js';
import { idConflict, replay } from './replay-outcome.js';

/** The room that Redis gave to charges without a hold, and to changes (`claim-room.ts`). */
export interface ClaimedRoom {
  /** By claim key: what Redis answered. */
  readonly claimed: ReadonlyMap<string, ClaimResult>;
  /** By outcome key: what expired credit was counted on to pay of a charge, which claimed only the rest. */
  readonly late?: ReadonlyMap<string, Micros>;
}

/** Everything that a decision depends on. */
export interface BatchState extends GroupRead, ClaimedRoom {}

export interface DecidedBatch {
  readonly results: readonly CommandResult[];
  readonly drafts: ReadonlyMap<string, WalletDraft>;
  readonly rejections: readonly Rejection[];
  readonly beside: readonly BesideWrite[];
  /** Charges (by outcome key) whose lease did not cover them: they need room in Redis, as any charge without a hold. */
  readonly uncovered: ReadonlySet<string>;
}

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
        const parked = this.rules.applyParkedClawbacks(draft, entry, nowMs);
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
    given: { readonly occurredAtMs: number },
  ): { readonly occurredAtMs: number } {
    return { occurredAtMs: occurredAtMs(given.occurredAtMs, settings, this.state.nowMs) };
  }

  private charge(
    { charge: given }: ChargeCommand,
    { wallet, claimId }: ClaimedCommand,
    own: WalletDecision,
    reference: string,
  ): CommandResult {
    const { claimed, late } = this.state;
    const { draft } = own;
    const nowMs = this.accountMs(draft);
    const isStanding = (draft.settings.standsAtMs ?? null) !== null;
    const charge = isStanding ? { ...given, ...this.occurred(draft, given) } : given;
    const key = (): string => outcomeKey({ walletNo: draft.walletNo, reference });
    const lateMicros = late === undefined || late.size === 0 ? 0n : (late.get(key()) ?? 0n);
    const claimedMicros = micros(charge.amountMicros - lateMicros);
    const isGranted =
      charge.isAuthorized ||
      (claimed.get(claimKey(claimId, wallet))?.granted.has(charge.chargeId) ?? false);
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
    const result = this.state.claimed.get(claimKey(claimId, wallet));
    const isGranted = result?.granted.has(changeClaim(index)) ?? false;
    const outcome = command.apply(draft, { ...lookupsAfter(draft, before), isGranted });
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
