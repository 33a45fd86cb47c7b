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
import { blockView, debtView, rowView } from './credit-views.js';
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
      const wallet = await this.changeWallet.sweepLapsed(key);
      const nowMs = await this.clock.nowMs(call.account.id);
      const includesAll = call.query['include_all_blocks'] === true;
      const beforeSequence = page.after?.position ?? null;
      const limit = page.limit + 1;
      const query = { includesAll, effective, beforeSequence, limit, nowMs };
      const found = wallet ? await this.blocks.list(key, query) : [];
      const rows: Shown[] = found.map((told) => ({
        createdAt: new Date(told.block.createdAtMs),
        position: told.block.sequence,
        view: blockView(told, nowMs),
      }));
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
      const wallet = await this.changeWallet.sweepLapsed(key);
      invariant(customer, 'credits are a customer’s');
      // Usage that is not invoiced yet would be pending; nothing reports any here.
      if (!wallet || query['entry_status'] === 'pending') {
        return pageOf<Shown>(operation, call, page, [], ({ view }) => view);
      }
      const { walletNo, currency } = wallet;
      const told = await this.statements.list(walletNo, zoneOf(call), {
        ...{ type, created, amountMinMicros },
        beforeNumber: page.after?.position ?? null,
        limit: page.limit + 1,
      });
      const rows = told.map((one) => ({
        createdAt: new Date(one.row.createdAtMs),
        position: one.row.number,
        view: rowView(one, { walletNo, currency, customer }),
      }));
      return pageOf<Shown>(operation, call, page, rows, ({ view }) => view);
    });
  }
}

const EPOCH = new Date(0);

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
