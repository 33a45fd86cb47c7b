import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { invariant, newId, type Clock } from '@orbit/kernel';
import { ZERO_MICROS, type Micros } from '@orbit/money';
import { answered, notFound } from '@orbit/orb-api';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { ChangeCommand, ChangeContext } from '../../books/application/commands.js';
import type { BesideWrite, WalletKey } from '../../books/application/ports.js';
import { requireTrusted } from '../../books/application/require-trusted.js';
import type { BlockReader } from '../../books/application/shared-ports.js';
import { withdrawnEvents } from '../../blocks/domain/withdrawn-events.js';
import type { Wallet } from '../../books/domain/wallet.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import { applyClawbacks } from '../../payments/domain/clawbacks.js';
import * as changes from '../domain/credit-changes.js';
import { EMPTY_STATEMENT, projectStatement } from '../domain/statement.js';
import { grantedRoom, NO_ROOM, roomBesideUsage } from '../domain/pending-draws.js';
import type { BlockTerms, CreditBlocks, Statements, BlockWithTerms } from './credit-ports.js';
import { rowView } from './credit-views.js';
import type { KeepPending } from './pending-usage.js';
import * as read from './read-entry.js';

/** The change of a request, decided inside the ledger's transaction. */
interface EntryChange {
  readonly key: WalletKey;
  readonly opensWallet?: true;
  /** Booked once under it, whoever asks; absent: as often as it is asked for. */
  readonly reference?: string;
  /** The block that it names; its payment, where it has one, is looked at too. */
  readonly blockSequence?: bigint;
  readonly references?: readonly string[];
  /** The terms of the new block. */
  readonly terms?: BlockTerms;
  readonly room?: (wallet: Pick<Wallet, 'blocks' | 'escrows'>, nowMs: number) => Micros;
  readonly apply: (draft: WalletDraft, context: ChangeContext) => changes.CreditOutcome;
}

export interface BookedEntry {
  readonly answer: OrbAnswer;
}

/** The rows written beside the entries, given the answer that shows them. */
export type BesideAnswer = (answer: {
  readonly status: number;
  readonly body: string;
}) => readonly BesideWrite[];

const NO_TERMS: BlockTerms = {
  ...{ metadata: {}, perUnitCostBasis: null, source: 'manual', publicId: null },
};

/** An increment that is the grant of a block that was sold. */
export interface SaleGrant {
  readonly id: string;
  readonly source: BlockTerms['source'];
  /** Of the block, as they are by now. */
  readonly metadata: BlockTerms['metadata'];
  /** Written with the entries. */
  readonly beside: (sequence: bigint, entry: string) => BesideWrite;
}

/** Books what `POST …/credits/ledger_entry` asks for, as ordinary entries of the wallet. */
export class BookEntry {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly blocks: CreditBlocks,
    private readonly statements: Statements,
    private readonly payments: Pick<BlockReader, 'listPayments'>,
    private readonly pending: Pick<KeepPending, 'change'>,
    private readonly clock: Clock,
  ) {}

  /** Errors: Refused; CommandFault of `beside`; OrbitError `unavailable`. */
  async run(
    call: OrbCall,
    beside: BesideAnswer,
    sale: SaleGrant | null = null,
  ): Promise<BookedEntry | { readonly refusal: changes.CreditRefusal }> {
    const reference = `credit:${sale?.id ?? newId('req', this.clock.nowMs())}`;
    const note = read.readNote(call.body);
    const asked = { reference, metadata: read.noteMetadata(note) };
    const change = sale ? this.grant(call, asked, sale) : await this.changeOf(call, asked);
    if (change.opensWallet) await this.changeWallet.open(change.key, null, call.account.id);
    // Its balance is to be what can be seen: what expired is booked first.
    const wallet = await this.changeWallet.sweepWallet(change.key);
    if (!wallet) return { refusal: 'unknown_block' };
    if (change.room) await requireTrusted(this.changeWallet, change.key);
    return this.book(call, change, wallet.walletNo, beside, sale);
  }

  private async changeOf(call: OrbCall, note: changes.CreditNote): Promise<EntryChange> {
    const { body } = call;
    switch (body['entry_type']) {
      case 'increment':
        return this.increment(call, note);
      case 'decrement': {
        const asked = { ...note, amountMicros: read.readAmount(body['amount']) };
        return {
          key: keyOf(call),
          opensWallet: true,
          apply: (draft, { nowMs }) => changes.decrement(draft, asked, nowMs),
        };
      }
      case 'void':
        return this.void(call, note);
      case 'expiration_change':
        return this.moveExpiry(call, note);
      default:
        invariant(body['entry_type'] === 'amendment', 'the contract knows five types of entries');
        return this.amend(call, note);
    }
  }

  private grant(call: OrbCall, note: changes.CreditNote, sale: SaleGrant): EntryChange {
    const { asked, terms } = readIncrement(call, note);
    const { id: publicId, source, metadata } = sale;
    return {
      key: keyOf(call),
      opensWallet: true,
      reference: note.reference,
      terms: { ...terms, source, metadata, publicId },
      // What was paid for is booked, however late.
      apply: (draft, { nowMs }) => changes.increment(draft, { ...asked, isSold: true }, nowMs),
    };
  }

  private increment(call: OrbCall, note: changes.CreditNote): EntryChange {
    // Nobody would write the invoice: what is sold comes by invoicing.
    if ((call.body['invoice_settings'] ?? null) !== null) {
      throw read.violation('invoice_settings: credit with an invoice is sold by invoicing.');
    }
    const { asked, terms } = readIncrement(call, note);
    return {
      key: keyOf(call),
      opensWallet: true,
      terms,
      apply: (draft, { nowMs }) => changes.increment(draft, asked, nowMs),
    };
  }

  private async void(call: OrbCall, note: changes.CreditNote): Promise<EntryChange> {
    const { body } = call;
    const amountMicros = read.readAmount(body['amount']);
    const { key, block } = await this.findBlock(call);
    const reason = body['void_reason'];
    const metadata = { ...note.metadata, ...(reason ? { void_reason: reason } : {}) };
    const part = { ...note, metadata, amountMicros, blockSequence: block.sequence };
    return {
      key,
      blockSequence: block.sequence,
      room: (wallet, nowMs) => changes.roomOfPart(wallet, part, nowMs),
      apply: (draft, { nowMs }) => changes.voidPart(draft, part, nowMs),
    };
  }

  private async moveExpiry(call: OrbCall, note: changes.CreditNote): Promise<EntryChange> {
    const { body } = call;
    const target = read.readInstant(body['target_expiry_date'], 'target_expiry_date', call);
    invariant(target !== null, 'the contract requires target_expiry_date');
    const amountMicros = read.microsOrNull(body['amount']);
    const { key, block, ...terms } = await this.findBlockToMove(call);
    const move = { ...note, amountMicros, blockSequence: block.sequence, expiresAtMs: target };
    return {
      key,
      blockSequence: block.sequence,
      terms: { ...terms, source: 'manual', publicId: null },
      room: (wallet, nowMs) => changes.roomOfMove(wallet, move, nowMs),
      apply: (draft, { nowMs }) => changes.moveExpiry(draft, move, nowMs),
    };
  }

  private async amend(call: OrbCall, { metadata }: changes.CreditNote): Promise<EntryChange> {
    const amountMicros = read.readAmount(call.body['amount']);
    const { key, block, walletNo } = await this.findBlock(call);
    const reference = changes.amendmentReference(block.sequence);
    const part = { reference, metadata, amountMicros, blockSequence: block.sequence };
    const zone = read.zoneOf(call);
    const decrementedMicros = await this.statements.decrementedOf(walletNo, zone, block.sequence);
    return {
      key,
      blockSequence: block.sequence,
      references: [reference],
      apply: (draft, { nowMs, entriesOf }) => {
        const amendments = entriesOf(reference);
        return changes.amendDecrement(draft, part, { decrementedMicros, amendments }, nowMs);
      },
    };
  }

  /** The block that the request names, where it is this customer's. */
  private async findBlock(call: OrbCall): Promise<BlockWithTerms & { readonly key: WalletKey }> {
    const { block_id: id, currency } = call.body;
    const named = await this.blocks.locate(String(id));
    const found = named && (await this.blocks.find(named.walletNo, named.sequence));
    const key = found && (await this.blocks.findKey(found.walletNo));
    if (!found || key?.organizationId !== call.customer?.id || !key) {
      throw new read.Refused(notFound('credit block', String(id)));
    }
    if (typeof currency === 'string' && currency !== key.currency) {
      throw read.violation(`currency is ${currency}, but the block is of ${key.currency}.`);
    }
    return { ...found, key };
  }

  private async findBlockToMove(
    call: OrbCall,
  ): Promise<BlockWithTerms & { readonly key: WalletKey }> {
    const { block_id: id, expiry_date: expiry } = call.body;
    const expiresAtMs = read.readInstant(expiry, 'expiry_date', call);
    if (typeof id === 'string') {
      const found = await this.findBlock(call);
      if (expiresAtMs !== null && found.block.expiresAtMs !== expiresAtMs) {
        throw read.violation('expiry_date is not when this block expires.');
      }
      return found;
    }
    if (expiresAtMs === null) throw read.fault('expiry_date or block_id must name the block');
    const key = keyOf(call);
    const wallet = await this.changeWallet.sweepWallet(key);
    const left = wallet ? await this.blocks.listLeft(wallet.walletNo) : [];
    const [found, other] = left.filter(({ block }) => block.expiresAtMs === expiresAtMs);
    if (!found) throw read.violation('expiry_date: no block with a balance expires then.');
    if (other)
      throw read.violation('expiry_date: several blocks expire then. Name one by block_id.');
    return { ...found, key };
  }

  private async book(
    call: OrbCall,
    change: EntryChange,
    walletNo: bigint,
    beside: BesideAnswer,
    sale: SaleGrant | null,
  ): Promise<BookedEntry | { readonly refusal: changes.CreditRefusal }> {
    const { key, room, blockSequence, references = [] } = change;
    const sequences = blockSequence === undefined ? [] : [blockSequence];
    const payments = await this.payments.listPayments(walletNo, sequences);
    const known = await this.blocks.listLeft(walletNo);
    const terms = new Map<bigint, BlockTerms>(known.map((one) => [one.block.sequence, one]));
    let refusal: changes.CreditRefusal | null = null;
    let claimed = NO_ROOM;
    let body = '';
    const command: ChangeCommand = {
      kind: 'change',
      key,
      reference: change.reference ?? null,
      reads: { blocks: sequences, references: [...references, ...payments], payments },
      claims: (wallet, { nowMs }) => {
        claimed = room ? roomBesideUsage(wallet, (held) => room(held, nowMs)) : NO_ROOM;
        return claimed.claimedMicros;
      },
      apply: (draft, context) => {
        const needed = room?.(draft, context.nowMs) ?? ZERO_MICROS;
        const startMicros = draft.balance;
        const outcome: changes.CreditOutcome =
          needed > grantedRoom(claimed, context.isGranted)
            ? { refusal: 'held' }
            : change.apply(draft, context);
        refusal = 'refusal' in outcome ? outcome.refusal : null;
        if ('refusal' in outcome) return { status: 'refused', reason: 'conflict' };
        const { entries } = outcome;
        applyClawbacks(draft, payments, context);
        const state = { ...EMPTY_STATEMENT, balanceMicros: startMicros };
        const { rows } = projectStatement(state, entries, () => '');
        const row = rows.filter(({ type }) => type === call.body['entry_type']).at(-1);
        invariant(row && call.customer, 'an entry that was booked is a row of the statement');
        const block = row.blockSequence === null ? null : draft.findBlock(row.blockSequence);
        const of = row.type === 'increment' ? change.terms : terms.get(row.blockSequence ?? 0n);
        const shown = block ? { walletNo, block, ...(of ?? NO_TERMS) } : null;
        const context_ = { walletNo, currency: key.currency, customer: call.customer };
        body = answered(201, rowView({ row, block: shown }, context_)).body ?? '';
        return { status: 'changed', entries };
      },
      beside: (entries) => {
        const own = entries.find(({ blockSequence: of, sequence }) => of === sequence);
        const kept = own && change.terms;
        const written = kept ? [this.blocks.termsWrite(walletNo, own.sequence, kept)] : [];
        const sold = own && sale ? [sale.beside(own.sequence, body)] : [];
        return [...written, ...sold, ...beside({ status: 201, body })];
      },
      events: (_wallet, entries) => withdrawnEvents(key, payments, entries),
    };
    try {
      const claimId = `credit ${newId('req', this.clock.nowMs())}`;
      await this.pending.change(walletNo, { command }, claimId);
    } catch (error) {
      if (refusal !== null) return { refusal };
      throw error;
    }
    return { answer: { status: 201, body } };
  }
}

/** The terms of an increment. Its invoice settings are read by the service that writes invoices. Errors: Refused. */
export function readIncrement(
  call: OrbCall,
  note: changes.CreditNote,
): { readonly asked: changes.Increment; readonly terms: BlockTerms } {
  const { body } = call;
  const basis = read.readCostBasis(body['per_unit_cost_basis']);
  if (Array.isArray(body['filters']) && body['filters'].length > 0) {
    throw read.violation('filters: credit of single items cannot be kept here yet. Leave it out.');
  }
  const asked: changes.Increment = {
    ...note,
    amountMicros: read.readAmount(body['amount']),
    costBasisMicros: basis.micros,
    effectiveAtMs: read.readInstant(body['effective_date'], 'effective_date', call),
    expiresAtMs: read.readInstant(body['expiry_date'], 'expiry_date', call),
  };
  const { effectiveAtMs, expiresAtMs } = asked;
  if (expiresAtMs !== null && effectiveAtMs !== null && expiresAtMs <= effectiveAtMs) {
    throw read.violation('expiry_date must be after effective_date.');
  }
  const { metadata } = read.readNote(body);
  const terms: BlockTerms = {
    ...{ metadata, perUnitCostBasis: basis.text, source: 'manual', publicId: null },
  };
  return { asked, terms };
}

export const keyOf = (call: OrbCall): WalletKey => {
  invariant(call.customer, 'credits are a customer’s');
  return { organizationId: call.customer.id, currency: read.readUnit(call.body['currency'], call) };
};
