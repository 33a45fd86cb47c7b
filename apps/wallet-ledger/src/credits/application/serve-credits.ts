import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { invariant, type AccountClock } from '@orbit/kernel';
import { parseAmount } from '@orbit/money';
import {
  createdBetween,
  invalid,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type CreatedBetween,
} from '@orbit/orb-api';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { WalletKey } from '../../books/application/ports.js';
import type { Wallet } from '../../books/domain/wallet.js';
import type { CreditBlocks, Statements } from './credit-ports.js';
import { blockView, debtView, pendingRowView, pendingView, rowView } from './credit-views.js';
import type { SoldBlock, SoldBlocks } from './sale-ports.js';
import { STATEMENT_TYPES } from '../domain/statement-effects.js';
import { fault, readUnit, Refused, zoneOf } from './read-entry.js';

/** A page's row: where it stands, and how it is shown. */
interface Shown {
  readonly createdAt: Date;
  readonly position: bigint;
  readonly view: unknown;
}

/** Reads of a customer's credits. Errors: the database's own; refusals are answers. */
export class ServeCredits {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly blocks: CreditBlocks,
    private readonly statements: Statements,
    private readonly sold: Pick<SoldBlocks, 'listPending'>,
    private readonly clock: AccountClock,
  ) {}

  /** Blocks that can still be used; with `include_all_blocks` all of them. They add up to the balance. */
  listBlocks(call: OrbCall): Promise<OrbAnswer> {
    return answering(async () => {
      const operation = 'fetch-customer-credits';
      const page = pageQueryOf(operation, call);
      if (!page) return invalid(NOT_A_CURSOR);
      const key = keyOf(call);
      const effective = boundsOf(call, 'effective_date');
      const wallet = await this.changeWallet.sweepWallet(key);
      const nowMs = await this.clock.nowMs(call.account.id);
      const includesAll = call.query['include_all_blocks'] === true;
      const after = page.after?.position ?? null;
      const waiting = includesAll ? await this.waiting(key, effective, after) : [];
      const beforeSequence = after === null || after >= FIRST_PENDING ? null : after;
      const limit = page.limit + 1;
      const query = { includesAll, effective, beforeSequence, limit, nowMs };
      const found = wallet ? await this.blocks.list(key, query) : [];
      const rows: Shown[] = found.map((one) => ({
        createdAt: new Date(one.block.createdAtMs),
        position: one.block.sequence,
        view: blockView(one, nowMs),
      }));
      rows.unshift(...waiting.map((sold) => shownPending(sold, pendingView(sold))));
      const isFiltered = Object.values(effective).some((bound) => bound !== null);
      const debt = wallet && !isFiltered ? debtOf(wallet) : 0n;
      if (wallet && debt > 0n && rows.length <= page.limit && beforeSequence !== 0n) {
        rows.push({ createdAt: EPOCH, position: 0n, view: debtView(wallet.walletNo, debt) });
      }
      return pageOf(operation, call, page, rows, ({ view }) => view);
    });
  }

  /** The credit ledger, newest first. */
  listLedger(call: OrbCall): Promise<OrbAnswer> {
    return answering(async () => {
      const operation = 'fetch-customer-credits-ledger';
      const page = pageQueryOf(operation, call);
      if (!page) return invalid(NOT_A_CURSOR);
      const key = keyOf(call);
      const { query, customer } = call;
      const created = boundsOf(call, 'created_at');
      const amountMinMicros = readMinimum(query['minimum_amount']);
      const type = STATEMENT_TYPES.find((one) => one === query['entry_type']) ?? null;
      const wallet = await this.changeWallet.sweepWallet(key);
      invariant(customer, 'credits are a customer’s');
      const after = page.after?.position ?? null;
      const isPending =
        query['entry_status'] !== 'committed' && (type ?? 'increment') === 'increment';
      const waiting = isPending ? await this.waiting(key, created, after) : [];
      const balance = wallet?.balanceMicros ?? 0n;
      const next = (wallet?.sequence ?? 0n) + BigInt(waiting.length);
      const pending = waiting
        .filter(({ amountMicros }) => amountMinMicros === null || amountMicros >= amountMinMicros)
        .map((sold, index) => {
          return shownPending(sold, pendingRowView(sold, next - BigInt(index), balance));
        });
      if (!wallet || query['entry_status'] === 'pending') {
        return pageOf<Shown>(operation, call, page, pending, ({ view }) => view);
      }
      const { walletNo, currency } = wallet;
      const listed = await this.statements.list(walletNo, zoneOf(call), {
        ...{ type, created, amountMinMicros },
        beforeNumber: after === null || after >= FIRST_PENDING ? null : after,
        limit: page.limit + 1,
      });
      const rows = listed.map((one) => ({
        createdAt: new Date(one.row.createdAtMs),
        position: one.row.number,
        view: rowView(one, { walletNo, currency, customer }),
      }));
      return pageOf<Shown>(operation, call, page, [...pending, ...rows], ({ view }) => view);
    });
  }

  /** Blocks that wait for their payment, of the time that is asked for, newest first; none after a page that showed them. */
  private async waiting(
    key: WalletKey,
    between: CreatedBetween,
    after: bigint | null,
  ): Promise<readonly SoldBlock[]> {
    if (after !== null && after < FIRST_PENDING) return [];
    const { gte, gt, lt, lte } = between;
    return (await this.sold.listPending(key)).filter(({ createdAtMs, position }) => {
      const at = new Date(createdAtMs);
      const isAfter = (gte === null || at >= gte) && (gt === null || at > gt);
      const isBefore = (lt === null || at < lt) && (lte === null || at <= lte);
      return isAfter && isBefore && (after === null || FIRST_PENDING + position < after);
    });
  }
}

const EPOCH = new Date(0);

/** Where blocks that wait for their payment stand in pages: before all that is booked. */
const FIRST_PENDING = 1n << 62n;

const shownPending = (sold: SoldBlock, view: unknown): Shown => ({
  createdAt: new Date(sold.createdAtMs),
  position: FIRST_PENDING + sold.position,
  view,
});

async function answering(work: () => Promise<OrbAnswer>): Promise<OrbAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return refused(error.refusal);
    throw error;
  }
}

const debtOf = ({ blocks, balanceMicros }: Wallet): bigint =>
  blocks.reduce((sum, { remainingMicros }) => sum + remainingMicros, 0n) - balanceMicros;

function keyOf(call: OrbCall): WalletKey {
  invariant(call.customer, 'credits are a customer’s');
  return { organizationId: call.customer.id, currency: readUnit(call.query['currency'], call) };
}

function boundsOf(call: OrbCall, field: string): CreatedBetween {
  const bounds = createdBetween(call.query, zoneOf(call), field);
  if ('fault' in bounds) throw fault(bounds.fault);
  return bounds;
}

function readMinimum(value: unknown): bigint | null {
  if (value === undefined || value === null) return null;
  const parsed = parseAmount(value);
  if (!parsed.ok) throw fault('minimum_amount must be a decimal such as "10.5"');
  return parsed.amountMicros;
}
