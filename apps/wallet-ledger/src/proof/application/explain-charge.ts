import { ALLOWANCE_KEY, allowanceChargeId, readAllowance } from '@orbit/allowances';
import {
  ratingOf,
  type ChargeExplanation,
  type ExplainedEntry,
  type ExplainedPlan,
  type ExplainedSlice,
} from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { formatAmount, micros } from '@orbit/money';
import { blockId } from '../../books/domain/identifiers.js';
import type { SealableEntry } from '../domain/seal.js';
import { ENTRY_TYPES } from '../../books/domain/wallet.js';
import type { ProofReader, SealOfEntry, StoredBlock, StoredCharge } from './explain-ports.js';
import { authorizationView, planView, type HoldNames } from './explain-origin.js';
import { deltaOf, entryView, originView, reversalViews, sealView } from './explain-views.js';

/** Further back than this, what a block had left is not worked out: it would read every entry since. */
const ENTRIES_BACK_MAX = 100_000n;

/** The rest of a block before and after the charge. */
interface Remainder {
  readonly beforeMicros: bigint;
  readonly afterMicros: bigint;
}

/** Explains one charge in full, so that a person can check it without us. */
export class ExplainCharge {
  constructor(
    private readonly reader: ProofReader,
    private readonly holdIdOf: HoldNames,
  ) {}

  /** Null when the ledger has not decided it, or when it is another organization's. */
  async run(organizationId: string, chargeId: string): Promise<ChargeExplanation | null> {
    const charge = await this.reader.findCharge(organizationId, chargeId);
    if (!charge) return null;
    if (charge.rejection) return explainRejection(charge, chargeId);
    const { wallet, entries, reversed } = charge;
    const blocks = await this.readBlocks(charge);
    const remainders = await this.remaindersOf(charge, blocks);
    const sequences = [...entries, ...reversed].map(({ sequence }) => sequence);
    const seals = await this.reader.readSeals(wallet.walletNo, sequences);
    const bySequence = new Map(seals.map((seal) => [seal.sequence, seal]));
    const viewOf = (entry: SealableEntry): ExplainedEntry =>
      entryView(entry, wallet.currency, sealOf(charge, bySequence.get(entry.sequence), entry));
    const views = entries.map(viewOf);
    const spends = entries.filter(({ type }) => type === ENTRY_TYPES.spend);
    const [first] = spends;
    const last = entries.at(-1);
    invariant(first && last, 'a posted charge has entries');
    const totalMicros = micros(spends.reduce((sum, { amountMicros }) => sum + amountMicros, 0n));
    const spent = { chargeId, amountMicros: totalMicros };
    return {
      charge_id: chargeId,
      wallet_id: wallet.walletId,
      status: 'posted',
      reason: null,
      request: {
        charge_id: chargeId,
        amount: formatAmount(totalMicros, wallet.currency),
        currency: wallet.currency,
        channel: first.channel,
        quantity: first.quantity,
        metadata: (first.metadata ?? {}) as Readonly<Record<string, unknown>>,
        occurred_at: new Date(first.occurredAtMs).toISOString(),
      },
      rating: ratingOf(first.metadata as Readonly<Record<string, unknown>> | null),
      authorization: authorizationView(wallet, spent, first, this.holdIdOf),
      plan: planView(charge, blocks) ?? (await this.planBeside(organizationId, chargeId, first)),
      slices: spends.map((entry) => sliceView(entry, wallet.currency, blocks, remainders)),
      entries: views,
      balance_before: views[0]?.balance_before ?? null,
      balance_after: views.at(-1)?.balance_after ?? null,
      decided_at: new Date(last.bookedAtMs).toISOString(),
      reversals: reversalViews(reversed, wallet.currency, viewOf),
    };
  }

  /** A plan's part of a charge of money is a charge of its own, booked in the same transaction. */
  private async planBeside(
    organizationId: string,
    chargeId: string,
    { metadata }: SealableEntry,
  ): Promise<ExplainedPlan | null> {
    const part = readAllowance(
      (metadata as Readonly<Record<string, unknown>> | null)?.[ALLOWANCE_KEY],
    );
    const partId = part === null ? null : allowanceChargeId(chargeId);
    if (partId === null) return null;
    const charge = await this.reader.findCharge(organizationId, partId);
    const plan = charge && planView(charge, await this.readBlocks(charge));
    return plan && { ...plan, charge_id: partId };
  }

  private async readBlocks({
    wallet,
    entries,
  }: StoredCharge): Promise<ReadonlyMap<bigint, StoredBlock>> {
    const sequences = [...new Set(entries.flatMap((entry) => entry.blockSequence ?? []))];
    if (sequences.length === 0) return new Map();
    const found = await this.reader.readBlocks(wallet.walletNo, sequences);
    return new Map(found.map((stored) => [stored.block.sequence, stored]));
  }

  /** From what is left today back over the entries since; empty when those are too many. */
  private async remaindersOf(
    { wallet, entries, lastSequence }: StoredCharge,
    blocks: ReadonlyMap<bigint, StoredBlock>,
  ): Promise<ReadonlyMap<bigint, Remainder>> {
    const last = entries.at(-1)?.sequence ?? 0n;
    const remainders = new Map<bigint, Remainder>();
    if (blocks.size === 0 || lastSequence - last > ENTRIES_BACK_MAX) return remainders;
    const moves = await this.reader.sumBlockMoves(wallet.walletNo, last, [...blocks.keys()]);
    for (const [sequence, { block }] of blocks) {
      const afterMicros = block.remainingMicros - (moves.get(sequence) ?? 0n);
      const own = entries.filter(({ blockSequence }) => blockSequence === sequence);
      const movedMicros = own.reduce((sum, entry) => sum + deltaOf(entry), 0n);
      remainders.set(sequence, { afterMicros, beforeMicros: afterMicros - movedMicros });
    }
    return remainders;
  }
}

const sealOf = (
  { wallet }: StoredCharge,
  found: SealOfEntry | undefined,
  entry: SealableEntry,
): ExplainedEntry['seal'] => (found ? sealView(wallet, found, entry) : { status: 'pending' });

function sliceView(
  entry: SealableEntry,
  currency: string,
  blocks: ReadonlyMap<bigint, StoredBlock>,
  remainders: ReadonlyMap<bigint, Remainder>,
): ExplainedSlice {
  const { walletNo, blockSequence, amountMicros } = entry;
  const amount = formatAmount(micros(amountMicros), currency);
  if (blockSequence === null) return { block_id: null, amount, block: null };
  const stored = blocks.get(blockSequence);
  invariant(stored, 'a slice names a block of its wallet');
  const { block, origin } = stored;
  const remainder = remainders.get(blockSequence);
  const text = (value: bigint | undefined): string | null =>
    value === undefined ? null : formatAmount(micros(value), currency);
  return {
    block_id: blockId(walletNo, blockSequence),
    amount,
    block: {
      kind: block.kind,
      priority: block.priority,
      expires_at: block.expiresAtMs === null ? null : new Date(block.expiresAtMs).toISOString(),
      origin: originView(origin, currency),
      remaining_before: text(remainder?.beforeMicros),
      remaining_after: text(remainder?.afterMicros),
    },
  };
}

/** A rejection moved nothing: there is no entry, no slice and nothing to seal. */
function explainRejection(
  { wallet, rejection }: StoredCharge,
  chargeId: string,
): ChargeExplanation {
  invariant(rejection, 'a charge without entries was rejected');
  return {
    charge_id: chargeId,
    wallet_id: wallet.walletId,
    status: 'rejected',
    reason: rejection.reason,
    request: {
      charge_id: chargeId,
      amount: formatAmount(rejection.amountMicros, wallet.currency),
      currency: wallet.currency,
      channel: rejection.channel,
      quantity: null,
      metadata: {},
      occurred_at: null,
    },
    rating: null,
    authorization: { authorization_id: null, lease_id: null },
    plan: null,
    slices: [],
    entries: [],
    balance_before: null,
    balance_after: null,
    decided_at: new Date(rejection.rejectedAtMs).toISOString(),
    reversals: [],
  };
}
