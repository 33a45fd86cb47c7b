import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import {
  answered,
  createdBetween,
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { parseDecimal } from '@orbit/pricing';
import { currencyOf, placesOf } from '../domain/billed.js';
import { changeBalance } from './issue-draft.js';
import type { Balances } from './invoice-ports.js';
import { toBalanceTransaction } from '../domain/invoice-view.js';
import type { BillingTransaction } from './ports.js';

const LIST = 'list-balance-transactions';

/** A customer's balance beside its wallet. Errors: the database's own. */
export class ServeBalance {
  constructor(
    private readonly balances: Balances,
    private readonly changes: Changes<BillingTransaction>,
    private readonly clock: AccountClock,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const customerId = customerOf(call);
    const nowMs = await this.clock.nowMs(accountId);
    const { body } = call;
    const amount = parseDecimal(String(body['amount']));
    return this.changes.run(call, async (tx) => {
      if (!amount || amount.isNegative) {
        return invalid('amount: must be a decimal number of 0 or more');
      }
      const customer = await tx.customers.lock(accountId, customerId);
      if (!customer) return refused(notFound('customer', customerId));
      const currency = currencyOf(customer);
      if (!amount.equals(amount.round(placesOf(currency), 'HALF_UP'))) {
        return invalid(`amount: must have at most ${String(placesOf(currency))} decimals`);
      }
      const signed = body['type'] === 'decrement' ? amount.negated() : amount;
      const description = (body['description'] ?? null) as string | null;
      const of = { accountId, customerId, currency, id: null };
      const type = body['type'] === 'decrement' ? 'decrement' : 'increment';
      await changeBalance(tx, of, signed, 'manual_adjustment', nowMs, { description, type });
      const [made] = await tx.invoices.listBalance(
        { accountId, limit: 1, after: null, created: { gte: null, gt: null, lt: null, lte: null } },
        customerId,
      );
      return made
        ? answered(200, toBalanceTransaction(made))
        : refused(notFound('customer', customerId));
    });
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const page = pageQueryOf(LIST, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const renamed = Object.fromEntries(
      Object.entries(call.query).map(([name, value]) => [
        name.replace('operation_time', 'created_at'),
        value,
      ]),
    );
    const created = createdBetween(renamed, call.account.timezone);
    if ('fault' in created) return invalid(created.fault.replace('created_at', 'operation_time'));
    const rows = await this.balances.listBalance({ ...page, created }, customerOf(call));
    return pageOf(LIST, call, page, rows, toBalanceTransaction);
  }
}

/** The gateway looked it up. */
const customerOf = ({ customer, path }: OrbCall): string =>
  customer?.id ?? path['customer_id'] ?? '';
