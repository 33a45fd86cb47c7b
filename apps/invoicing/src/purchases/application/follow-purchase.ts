import { FirstFault, invariant, type AccountClock } from '@orbit/kernel';
import { decimal } from '@orbit/pricing';
import { derivedId } from '../../billing/domain/derived-id.js';
import { isUnfinished, stageAfter, type Purchase, type PurchaseStage } from '../domain/purchase.js';
import { endOf } from '../domain/top-up.js';
import type { CreditSales, FollowedPurchase, Purchases, Sales, SaleTransaction } from './ports.js';

/**
 * Brings purchases on, a step at a time: each step is one transaction here or one question to the ledger, and may be
 * repeated by whoever comes next. Errors: unavailable, timeout, the database's own; the next look goes on.
 */
export class FollowPurchase {
  constructor(
    private readonly purchases: Purchases,
    private readonly sales: Sales,
    private readonly ledger: CreditSales,
    private readonly clock: AccountClock,
  ) {}

  /** Until it waits for somebody, or is over. */
  async run(id: string): Promise<Purchase> {
    for (;;) {
      const purchase = await this.purchases.read(id);
      invariant(purchase, 'a purchase is never deleted');
      const { invoiceStatus } = purchase;
      const next = invoiceStatus ? stageAfter(purchase.stage, invoiceStatus) : purchase.stage;
      if (next !== purchase.stage) await this.moveOn(purchase, next);
      else if (!isUnfinished(purchase)) return purchase;
      else await this.step(purchase);
    }
  }

  /** All that wait for nobody. `hasVoids`: also granted ones whose invoice became void. */
  async runAll(hasVoids: boolean): Promise<void> {
    const faults = new FirstFault();
    for (const id of await this.purchases.listUnfinished(hasVoids)) {
      await faults.keep(() => this.run(id));
    }
    faults.throwFirst();
  }

  /** Moves the purchase on by the present state of its invoice. */
  async ofInvoice(accountId: string, invoiceId: string): Promise<void> {
    const purchase = await this.purchases.ofInvoice(accountId, invoiceId);
    if (purchase) await this.run(purchase.id);
  }

  private step(purchase: FollowedPurchase): Promise<void> {
    switch (purchase.stage) {
      case 'opening':
        return this.open(purchase);
      case 'granting':
        return this.grant(purchase);
      default:
        return this.cancel(purchase);
    }
  }

  /** Decided anew under the lock: an invoice that was paid meanwhile is not void. */
  private async moveOn({ id, stage }: FollowedPurchase, next: PurchaseStage): Promise<void> {
    await this.sales.run(async (tx) => {
      const locked = await tx.purchases.lock(id);
      if (locked?.stage === stage) await tx.purchases.move(id, next);
    });
  }

  private async open(purchase: FollowedPurchase): Promise<void> {
    const { id, accountId, customerId, settings, source } = purchase;
    const { refusal, entry, effective_at: effectiveAt } = await this.ledger.open(purchase);
    const nowMs = await this.clock.nowMs(accountId);
    await this.sales.run(async (tx) => {
      const customer = await tx.customers.lock(accountId, customerId);
      const locked = await tx.purchases.lock(id);
      if (locked?.stage !== 'opening') return;
      if (refusal || !customer) {
        await tx.purchases.move(id, 'refused', { refusal });
        return;
      }
      if (source === 'allocation') {
        await tx.purchases.move(id, 'granting', { entry });
        return;
      }
      const invoiceId = derivedId('inv', accountId, id, 'credit');
      const { body, account } = purchase.call;
      const order = {
        ...{ id: invoiceId, accountId, name: 'Credits', quantity: decimal(plain(body['amount'])) },
        ...{ defaultCurrency: account.default_currency, itemId: settings.itemId },
        unitAmount: String(body['per_unit_cost_basis']),
        invoiceDateMs: settings.invoiceDateMs ?? (effectiveAt ? Date.parse(effectiveAt) : nowMs),
        ...{ netTerms: settings.netTerms, fixedDueMs: settings.fixedDueMs, memo: settings.memo },
        ...{ autoCollection: settings.autoCollection, isPaid: settings.isPaid },
      };
      await tx.invoices.raise(order, customer, nowMs);
      const stage = settings.requiresPayment ? 'pending' : 'granting';
      await tx.purchases.move(id, stage, { invoiceId, entry });
    });
  }

  private async grant({ id, accountId, customerId, topUpId }: FollowedPurchase): Promise<void> {
    const nowMs = await this.clock.nowMs(accountId);
    const expiresAtMs = topUpId === null ? null : await this.endOf(topUpId, nowMs, customerId);
    const { status, entry, sequence } = await this.ledger.grant(id, expiresAtMs);
    await this.sales.run(async (tx) => {
      const locked = await tx.purchases.lock(id);
      if (locked?.stage !== 'granting') return;
      if (status !== 'active') {
        await tx.purchases.move(id, 'void');
        return;
      }
      await tx.purchases.move(id, 'granted', { entry });
      if (topUpId !== null) await tx.topUps.seen(topUpId, BigInt(sequence ?? 0));
      await recordIncrement(tx, { ...locked, entry }, nowMs);
    });
  }

  private async endOf(topUpId: string, nowMs: number, customerId: string): Promise<number | null> {
    return this.sales.run(async (tx) => {
      const topUp = await tx.topUps.read(topUpId);
      const customer = topUp && (await tx.customers.find(topUp.accountId, { id: customerId }));
      return topUp ? endOf(topUp, nowMs, customer?.timezone ?? 'UTC') : null;
    });
  }

  /** A top-up whose invoice is void ends. */
  private async cancel({ id, accountId, topUpId, customerId }: FollowedPurchase): Promise<void> {
    await this.ledger.cancel(id);
    const nowMs = await this.clock.nowMs(accountId);
    await this.sales.run(async (tx) => {
      const locked = await tx.purchases.lock(id);
      if (locked?.stage !== 'voiding') return;
      await tx.purchases.move(id, 'void');
      if (topUpId !== null) await tx.topUps.end(topUpId, customerId, nowMs);
    });
  }
}

/** A number as JavaScript prints it, without an exponent; the ledger has refused what it cannot hold. */
const plain = (value: unknown): string => {
  const text = String(value);
  return text.includes('e') ? Number(text).toFixed(6) : text;
};

/** Records the block for receivers of webhooks, as it was booked. */
async function recordIncrement(
  tx: SaleTransaction,
  { id, accountId, customerId, currency, source, entry }: Purchase,
  atMs: number,
): Promise<void> {
  const customer = await tx.customers.find(accountId, { id: customerId });
  if (!customer || entry === null) return;
  const row = JSON.parse(entry) as {
    readonly amount: number;
    readonly created_at: string;
    readonly metadata: Readonly<Record<string, string>>;
    readonly credit_block: Readonly<Record<string, unknown>>;
  };
  await tx.facts.record({
    ...{ accountId, organizationId: customerId, objectId: customerId, atMs },
    type: 'customer.credit_ledger_incremented',
    resources: { customer: customer.view },
    properties: {
      block: {
        id,
        balance: String(row.amount),
        credit_block_source: source,
        effective_date: row.created_at,
        expiry_date: row.credit_block['expiry_date'] ?? null,
        filters: [],
        maximum_initial_balance: String(row.amount),
        metadata: row.metadata,
        per_unit_cost_basis: row.credit_block['per_unit_cost_basis'] ?? null,
        status: 'active',
      },
      pricing_unit: { id: currency, name: currency, display_name: currency, symbol: currency },
    },
  });
}
