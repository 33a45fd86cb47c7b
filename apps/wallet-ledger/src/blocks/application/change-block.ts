import { OrbitError, type BookedView } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { formatAmount, ZERO_MICROS, type Micros } from '@orbit/money';
import { bookCredit, costBasisOf } from '../../books/domain/credit.js';
import {
  amendBlock,
  extendBlock,
  roomOfAmendment,
  roomOfVoid,
  voidBlock,
} from '../domain/blocks-terms.js';
import { applyClawbacks } from '../../payments/domain/clawbacks.js';
import { parseBlockId } from '../../books/domain/identifiers.js';
import type { Block, ChangeOutcome, Credit, Entry } from '../../books/domain/wallet.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { FreeCredit } from './block-ports.js';
import type { BlockReader } from '../../books/application/shared-ports.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { ChangeCommand, RefusedFields } from '../../books/application/commands.js';
import type { WalletKey } from '../../books/application/ports.js';
import { withdrawnEvents } from '../domain/withdrawn-events.js';
import { requireTrusted } from '../../books/application/require-trusted.js';
import {
  ASKED_END,
  bookedView,
  refuseOtherRequest,
  type Booked,
} from '../../books/application/wallet-views.js';

type Room = typeof roomOfVoid;

/** One block of an organization, and why it is changed. */
export interface BlockRequest {
  readonly organizationId: string;
  readonly blockId: string;
  readonly reference: string;
  readonly reason: string;
}

/** Grants blocks and changes them; every change is an entry, once per reference. */
export class ChangeBlock {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly blocks: BlockReader,
    private readonly clock: Clock,
    private readonly freeCredit: FreeCredit,
  ) {}

  /** The first grant in a currency or unit opens the wallet. Errors: OrbitError `invalid_field`, `idempotency_key_conflict`. */
  async grant(key: WalletKey, grant: Omit<Credit, 'type' | 'occurredAtMs'>): Promise<BookedView> {
    const occurredAtMs = this.clock.nowMs();
    const { expiresAtMs } = grant;
    const reference = `grant:${grant.reference}`;
    const until = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
    // The block may be extended; what was asked for stays in the entry.
    const metadata = { ...grant.metadata, [ASKED_END]: until };
    const credit: Credit = { ...grant, metadata, type: 'grant', reference, occurredAtMs };
    await this.changeWallet.open(key, null);
    const booked = await this.changeWallet.change({
      kind: 'change',
      key,
      reference,
      reads: {},
      apply: (draft, { nowMs }) => {
        if (expiresAtMs !== null && expiresAtMs <= nowMs) {
          return { status: 'refused', reason: 'already_over' };
        }
        const entry = bookCredit(draft, { ...credit, occurredAtMs: nowMs }, nowMs);
        if (entry === 'balance_limit') return { status: 'refused', reason: entry };
        return { status: 'changed', entries: [entry] };
      },
    });
    const block = booked.isReplay ? await this.grantedBlock(key, booked) : null;
    refuseOtherRequest(booked, ([entry]) => isSameGrant(credit, entry, block));
    return bookedView(key, grant.reference, booked, block ? block.expiresAtMs : expiresAtMs);
  }

  /** The block of a grant that was booked before; it has the number of its entry. */
  private async grantedBlock(key: WalletKey, { entries }: Booked): Promise<Block | null> {
    const sequence = entries[0]?.sequence ?? 0n;
    const { blocks } = await this.blocks.listAll(key, { limit: 1, beforeSequence: sequence + 1n });
    return blocks.find((block) => block.sequence === sequence) ?? null;
  }

  /** `expiresAtMs` null: never. `reopens`: also what expired longer ago than the wallet's grace. */
  extend(request: BlockRequest, expiresAtMs: number | null, reopens: boolean): Promise<BookedView> {
    const to = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
    return this.change('extension', request, {
      conflict:
        'The block was voided, ends no earlier than that, or expired longer ago than the grace of the wallet: for that, set reopen.',
      // What expired comes back to the balance.
      fields: { balance_limit: 'expires_at' },
      apply: (draft, change, nowMs) =>
        extendBlock(draft, { ...change, expiresAtMs, reopens }, nowMs),
      isSame: (entries) => entries.at(-1)?.metadata?.['to'] === to,
    });
  }

  /** Errors: also OrbitError `conflict` with the maximum while open authorizations count on it, unless debt is allowed. */
  void(request: BlockRequest, allowsNegative = false): Promise<BookedView> {
    return this.change('void', request, {
      conflict: 'The block is over or has nothing left: there is nothing to take back.',
      ...(allowsNegative ? {} : { room: roomOfVoid }),
      apply: voidBlock,
      isSame: () => true,
    });
  }

  /** Errors: as `void`. */
  amend(request: BlockRequest, amountMicros: Micros, allowsNegative = false): Promise<BookedView> {
    const room: Room = (held, blockSequence, nowMs) =>
      roomOfAmendment(held, { blockSequence, amountMicros }, nowMs);
    return this.change('amendment', request, {
      conflict: 'The block is over, or has this amount already.',
      ...(allowsNegative ? {} : { room }),
      apply: (draft, change, nowMs) => amendBlock(draft, { ...change, amountMicros }, nowMs),
      isSame: ([entry]) => entry?.metadata?.['to_micros'] === String(amountMicros),
    });
  }

  private async change(
    name: string,
    { organizationId, blockId, reference, reason }: BlockRequest,
    step: {
      /** The message for a caller whom the state of the block refuses. */
      readonly conflict: string;
      readonly fields?: RefusedFields;
      /** The amount that it takes out of the pot that holds take from; absent: nothing is asked. */
      readonly room?: Room;
      readonly apply: (
        draft: WalletDraft,
        change: { blockSequence: bigint; reference: string; metadata: { reason: string } },
        nowMs: number,
      ) => ChangeOutcome;
      readonly isSame: (entries: readonly Entry[]) => boolean;
    },
  ): Promise<BookedView> {
    const parsed = parseBlockId(blockId);
    const key = parsed && (await this.blocks.findKey(organizationId, parsed.walletNo));
    if (!key) throw new OrbitError('not_found', 'There is no such block.');
    const blockSequence = parsed.sequence;
    const full = `${name}:${reference}`;
    const change = { blockSequence, reference: full, metadata: { reason } };
    const { room } = step;
    // A clawback of a payment may count on what the change takes or gives back.
    const payments = await this.blocks.listPayments(parsed.walletNo, [blockSequence]);
    if (room) await requireTrusted(this.changeWallet, key);
    const events: ChangeCommand['events'] = (_wallet, entries) =>
      withdrawnEvents(key, payments, entries);
    let claimedMicros: Micros = ZERO_MICROS;
    let isHeld = false;
    const command: ChangeCommand = {
      kind: 'change',
      key,
      reference: full,
      ...(step.fields && { fields: step.fields }),
      reads: { blocks: [blockSequence], references: payments, payments },
      claims: (wallet, { nowMs }) =>
        (claimedMicros = room?.(wallet, blockSequence, nowMs) ?? ZERO_MICROS),
      apply: (draft, context) => {
        const { nowMs, isGranted } = context;
        const neededMicros = room?.(draft, blockSequence, nowMs) ?? ZERO_MICROS;
        isHeld = neededMicros > (isGranted ? claimedMicros : ZERO_MICROS);
        if (isHeld) return { status: 'refused', reason: 'held' };
        const outcome = step.apply(draft, change, nowMs);
        if (outcome.status === 'changed') applyClawbacks(draft, payments, context);
        return outcome;
      },
    };
    const booked = await this.changeWallet
      .change({ ...command, events }, full, step.conflict)
      .catch(async (error: unknown) => {
        throw isHeld ? await this.heldError(key, claimedMicros) : error;
      });
    refuseOtherRequest(booked, (entries) => {
      const isSameBlock = entries[0]?.blockSequence === blockSequence;
      return isSameBlock && step.isSame(entries);
    });
    return bookedView(key, reference, booked);
  }

  private async heldError(key: WalletKey, wantedMicros: Micros): Promise<OrbitError> {
    const available = (await this.freeCredit.availableOf(key)) ?? ZERO_MICROS;
    const free = available < wantedMicros ? available : wantedMicros;
    const max = formatAmount(free > 0n ? free : ZERO_MICROS, key.currency);
    return new OrbitError(
      'conflict',
      `Open authorizations count on this credit: at most ${max} can be taken now. Wait until they end, or set allow_negative.`,
      { details: { max } },
    );
  }
}

/**
 * Whether the first request asked for the same credit. Of entries from before the end was written down only the present
 * end is known: an earlier one is taken for the same, as the block may have been extended; a later was never asked for.
 */
function isSameGrant(asked: Credit, entry: Entry | undefined, block: Block | null): boolean {
  if (!entry || !block || entry.amountMicros !== asked.amountMicros) return false;
  const endMs = asked.expiresAtMs ?? Number.POSITIVE_INFINITY;
  const first = entry.metadata?.[ASKED_END];
  const isSameEnd =
    first === undefined
      ? block.expiresAtMs === null || endMs <= block.expiresAtMs
      : first === asked.metadata[ASKED_END];
  return (
    block.kind === asked.kind &&
    block.priority === asked.priority &&
    block.costBasisMicros === costBasisOf(asked) &&
    block.effectiveAtMs === (asked.effectiveAtMs ?? block.createdAtMs) &&
    isSameEnd &&
    entry.metadata?.['description'] === asked.metadata['description']
  );
}
