import { isAllowanceUnit } from '@orbit/allowances';
import {
  OrbitError,
  type CreditSaleOpened,
  type CreditSaleState,
  type OrbCall,
} from '@orbit/contracts';
import { isoInstant, type AccountClock } from '@orbit/kernel';
import { answered, refused } from '@orbit/orb-api';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import { CommandFault } from '../../books/application/ports.js';
import { keyOf, readIncrement, type BookEntry } from './book-entry.js';
import { numberAfter } from '../domain/statement.js';
import type { CreditBlocks } from './credit-ports.js';
import { amountNumber, pendingRowView } from './credit-views.js';
import { Refused, violation } from './read-entry.js';
import type { SoldBlock, SoldBlocks } from './sale-ports.js';
import { refusalOf } from './serve-ledger-entry.js';

export interface SaleToOpen {
  readonly id: string;
  readonly call: OrbCall;
  readonly source: SoldBlock['source'];
}

/**
 * Blocks that invoicing sells: kept beside the books until they are granted, booked once, taken back when their invoice
 * is void. Errors: OrbitError `unavailable`, `not_found`; the database's own.
 */
export class SellCredits {
  constructor(
    private readonly bookEntry: BookEntry,
    private readonly changeWallet: Pick<ChangeWallet, 'sweepWallet'>,
    private readonly blocks: Pick<CreditBlocks, 'locate' | 'find'>,
    private readonly sold: SoldBlocks,
    private readonly clock: AccountClock,
  ) {}

  async open({ id, call, source }: SaleToOpen): Promise<CreditSaleOpened> {
    const nowMs = await this.clock.nowMs(call.account.id);
    const refusal = await this.keep({ id, call, source }, nowMs);
    if (refusal) return { refusal: refused(refusal.refusal), entry: null, effective_at: null };
    const sold = await this.find(id);
    const wallet = await this.changeWallet.sweepWallet(sold.key);
    const view = pendingRowView(
      sold,
      numberAfter(wallet?.sequence ?? 0n),
      wallet?.balanceMicros ?? 0n,
    );
    const { effectiveAtMs } = sold;
    return {
      refusal: null,
      entry: answered(201, view).body ?? null,
      effective_at: effectiveAtMs === null ? null : isoInstant(effectiveAtMs),
    };
  }

  async grant(id: string, expiresAt: string | null): Promise<CreditSaleState> {
    const sold = await this.find(id);
    if (sold.status !== 'pending') return stateOf(sold);
    const { call, source, metadata } = sold;
    const expiry = expiresAt === null ? {} : { expiry_date: expiresAt };
    try {
      const booked = await this.bookEntry.run(
        { ...call, body: { ...call.body, ...expiry } },
        () => [],
        {
          id,
          source,
          metadata,
          beside: (sequence, entry) => this.sold.grantWrite(id, sequence, entry),
        },
      );
      // What is sold and does not fit now is tried again.
      if ('refusal' in booked) {
        throw new OrbitError('unavailable', refusalOf(booked.refusal, call).refusal.detail);
      }
    } catch (error) {
      if (!(error instanceof CommandFault)) throw error;
    }
    return stateOf(await this.find(id));
  }

  /** Of a block that was granted, what is left of it now. Errors: `unavailable` while some of it is set aside or held. */
  async cancel(id: string): Promise<CreditSaleState> {
    await this.sold.cancelPending(id);
    const sold = await this.find(id);
    if (sold.status !== 'active') return stateOf(sold);
    await this.takeBack(sold);
    await this.sold.cancelGranted(id);
    return stateOf(await this.find(id));
  }

  private async takeBack({ id, key, call }: SoldBlock): Promise<void> {
    await this.changeWallet.sweepWallet(key);
    const located = await this.blocks.locate(id);
    const found = located && (await this.blocks.find(located.walletNo, located.sequence));
    // A block that was deleted, expired or used up has nothing to give.
    if (!found || found.block.remainingMicros === 0n) return;
    const body = {
      entry_type: 'void',
      block_id: id,
      amount: amountNumber(found.block.remainingMicros).text,
      description: 'The invoice of this block is void.',
    };
    const voided = await this.bookEntry.run({ ...call, body }, () => []);
    if (!('refusal' in voided) || OVER.has(voided.refusal)) return;
    throw new OrbitError('unavailable', `The block cannot be taken back now: ${voided.refusal}.`);
  }

  private async keep({ id, call, source }: SaleToOpen, nowMs: number): Promise<Refused | null> {
    try {
      const key = keyOf(call);
      const { asked, terms } = readIncrement(call, { reference: '', metadata: {} });
      const { amountMicros, effectiveAtMs, expiresAtMs } = asked;
      if (isAllowanceUnit(key.currency))
        return violation(refusalOf('reserved_unit', call).refusal.detail);
      if (expiresAtMs !== null && expiresAtMs <= nowMs) {
        return violation(refusalOf('already_over', call).refusal.detail);
      }
      const { metadata } = terms;
      const ends = { effectiveAtMs, expiresAtMs };
      const block = { id, key, call, source, amountMicros, ...ends, metadata, createdAtMs: nowMs };
      await this.sold.insert(block);
      return null;
    } catch (error) {
      if (error instanceof Refused) return error;
      throw error;
    }
  }

  private async find(id: string): Promise<SoldBlock> {
    const sold = await this.sold.find(id);
    if (!sold) throw new OrbitError('not_found', `${id} is no sale.`);
    return sold;
  }
}

const OVER: ReadonlySet<string> = new Set(['block_is_over', 'nothing_left', 'unknown_block']);

const stateOf = ({ status, entry, sequence }: SoldBlock): CreditSaleState => ({
  ...{ status, entry, sequence: sequence === null ? null : String(sequence) },
});
