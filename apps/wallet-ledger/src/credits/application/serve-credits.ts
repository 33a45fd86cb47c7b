import type { OrbAnswer, OrbCall, OrbCustomerRef } from '@orbit/contracts';
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
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Wallet } from '../../books/domain/wallet.js';
import { previewPending, usageEscrowOf, withoutUsage } from '../domain/pending-draws.js';
import { numberAfter } from '../domain/statement.js';
import type { Accruals, CreditBlocks, Statements, BlockWithTerms } from './credit-ports.js';
import {
  blockView,
  debtView,
  pendingRowView,
  pendingUseView,
  pendingView,
  rowView,
  type PendingUse,
} from './credit-views.js';
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
    private readonly accruals: Pick<Accruals, 'read'>,
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
      const pending = pinnedForUsage(wallet);
      const query = { includesAll, effective, beforeSequence, limit, nowMs, pending };
      const found = wallet ? await this.blocks.list(key, query) : [];
      const rows: Shown[] = found.map((listed) => ({
        createdAt: new Date(listed.block.createdAtMs),
        position: listed.block.sequence,
        view: blockView(listed, nowMs, pending.get(listed.block.sequence)),
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
      const isPending = query['entry_status'] !== 'committed';
      const isOf = (one: string): boolean => isPending && (type ?? one) === one;
      const uses = isPending && wallet ? await this.used(wallet, call) : [];
      const next = nextNumber(wallet) + BigInt(uses.length);
      const waiting = isOf('increment') ? await this.waiting(key, created, after) : [];
      const balance = uses.at(-1)?.endingMicros ?? wallet?.balanceMicros ?? 0n;
      const sold = waiting.map((one, index) => ({
        ...shownPending(
          one,
          pendingRowView(one, next + BigInt(waiting.length - 1 - index), balance),
        ),
        amountMicros: one.amountMicros as bigint,
      }));
      const used = uses
        .map((use, index) => shownUse(use, { index, customer, key }, nextNumber(wallet)))
        .filter((row) => isOf('decrement') && isAfterCursor(row, after) && isWithin(row, created))
        .reverse();
      const pending = [...sold, ...used].filter(
        ({ amountMicros }) => amountMinMicros === null || amountMicros >= amountMinMicros,
      );
      if (!wallet || query['entry_status'] === 'pending') {
        return pageOf<Shown>(operation, call, page, pending, ({ view }) => view);
      }
      const { walletNo, currency } = wallet;
      const listed = await this.statements.list(walletNo, zoneOf(call), {
        ...{ type, created, amountMinMicros },
        beforeNumber: after === null || after >= FIRST_USED ? null : after,
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

  /** The draw of an invoice of today, in the order in which it would be. */
  private async used(wallet: Wallet, { account }: OrbCall): Promise<readonly PendingUse[]> {
    const { accruals } = await this.accruals.read(wallet.walletNo);
    if (accruals.every(({ parts }) => parts.length === 0)) return [];
    const nowMs = await this.clock.nowMs(account.id);
    const blocks = await this.blocks.listAll(wallet.walletNo);
    const draft = withoutUsage(new WalletDraft(wallet, blocks));
    const { taken } = previewPending(draft, accruals, nowMs);
    const listed = new Map<bigint, BlockWithTerms>();
    let running: bigint = wallet.balanceMicros;
    const uses: PendingUse[] = [];
    for (const { part, lineId, slice } of taken) {
      const sequence = slice.blockSequence ?? 0n;
      const block = listed.get(sequence) ?? (await this.blocks.find(wallet.walletNo, sequence));
      if (block) listed.set(sequence, block);
      const startingMicros = running;
      running -= slice.amountMicros;
      const { walletNo } = wallet;
      const { usedAtMs, priceId } = part;
      uses.push({
        ...{ walletNo, sequence, block, lineId, priceId, usedAtMs, startingMicros },
        ...{ endingMicros: running, amountMicros: slice.amountMicros },
      });
    }
    return uses;
  }

  /** Blocks that wait for their payment, of the time that is asked for, newest first; none after a page that showed them. */
  private async waiting(
    key: WalletKey,
    between: CreatedBetween,
    after: bigint | null,
  ): Promise<readonly SoldBlock[]> {
    return (await this.sold.listPending(key)).filter((sold) => {
      const row = shownPending(sold, null);
      return isWithin(row, between) && isAfterCursor(row, after);
    });
  }
}

const EPOCH = new Date(0);

/** Where blocks that wait for their payment stand in pages: before all that is booked. Cursors take 18 digits. */
const FIRST_PENDING = 5n * 10n ** 17n;
/** Usage that is on no invoice yet: between them. */
const FIRST_USED = 10n ** 17n;

const nextNumber = (wallet: Wallet | null): bigint => numberAfter(wallet?.sequence ?? 0n);

const pinnedForUsage = (wallet: Wallet | null): ReadonlyMap<bigint, bigint> =>
  new Map(
    (usageEscrowOf(wallet?.escrows ?? [])?.slices ?? []).flatMap(
      ({ blockSequence, amountMicros }) =>
        blockSequence === null ? [] : [[blockSequence, amountMicros] as const],
    ),
  );

const isAfterCursor = ({ position }: Shown, after: bigint | null): boolean =>
  after === null || position < after;

function isWithin({ createdAt: at }: Shown, { gte, gt, lt, lte }: CreatedBetween): boolean {
  const isAfter = (gte === null || at >= gte) && (gt === null || at > gt);
  return isAfter && (lt === null || at < lt) && (lte === null || at <= lte);
}

const shownUse = (
  use: PendingUse,
  of: { readonly index: number; readonly customer: OrbCustomerRef; readonly key: WalletKey },
  firstNumber: bigint,
): Shown & { readonly amountMicros: bigint } => ({
  createdAt: new Date(use.usedAtMs),
  position: FIRST_USED + BigInt(of.index),
  amountMicros: use.amountMicros,
  view: pendingUseView(use, firstNumber + BigInt(of.index), of.customer, of.key.currency),
});

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
