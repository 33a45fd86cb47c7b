import type { Sql } from '@orbit/persistence';
import { derivedId } from '../../billing/domain/derived-id.js';
import type { BillingCustomer, Subscription } from '../../billing/domain/subscription.js';
import type { Allocation } from '../domain/allocation.js';
import { SqlPurchases } from './sql-purchases.js';

/** Nothing is invoiced for the block itself: the plan's own line does. */
const NO_INVOICE = {
  ...{ autoCollection: false, netTerms: 0, memo: null, requiresPayment: false, isPaid: false },
  ...{ itemId: null, invoiceDateMs: null, fixedDueMs: null },
};

/** Credit that plans give, written down with the documents of its period; once per period of a price. */
export class SqlAllocations {
  private readonly purchases: SqlPurchases;

  constructor(sql: Sql) {
    this.purchases = new SqlPurchases(sql);
  }

  async keep(
    { id, accountId, customerId }: Pick<Subscription, 'id' | 'accountId' | 'customerId'>,
    customer: BillingCustomer,
    allocations: readonly Allocation[],
    nowMs: number,
  ): Promise<void> {
    const { timezone, currency: own, externalCustomerId } = customer;
    for (const allocation of allocations) {
      const { chargeKey, currency, effectiveAtMs, expiresAtMs } = allocation;
      const purchaseId = derivedId('blk', accountId, id, chargeKey, 'allocation');
      const expiry =
        expiresAtMs === null ? {} : { expiry_date: new Date(expiresAtMs).toISOString() };
      await this.purchases.insert({
        ...{ id: purchaseId, accountId, customerId, currency, topUpId: null, source: 'allocation' },
        ...{ requestHash: purchaseId, settings: NO_INVOICE, createdMs: nowMs },
        call: {
          account: { id: accountId, mode: 'live', default_currency: own ?? 'USD', timezone },
          customer: {
            ...{ id: customerId, external_customer_id: externalCustomerId },
            profile: { timezone, currency: own },
          },
          ...{ path: {}, query: {}, idempotency: null },
          body: {
            ...{ entry_type: 'increment', amount: allocation.amount, currency },
            per_unit_cost_basis: allocation.perUnitCostBasis,
            effective_date: new Date(effectiveAtMs).toISOString(),
            ...expiry,
          },
        },
      });
    }
  }
}
