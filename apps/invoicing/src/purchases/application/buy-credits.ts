import { OrbitError, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { invariant, newId, type AccountClock } from '@orbit/kernel';
import { noContent, notFound, refused, type Changes } from '@orbit/orb-api';
import { derivedId } from '../../billing/domain/derived-id.js';
import { toInvoice } from '../../billing/domain/invoice-view.js';
import type { Purchase } from '../domain/purchase.js';
import { readSettings } from '../domain/read-settings.js';
import type { FollowPurchase } from './follow-purchase.js';
import type { SaleTransaction } from './ports.js';

/** Increments with an invoice. Errors: unavailable, timeout; a repeat with the same key goes on where they ended. */
export class BuyCredits {
  constructor(
    private readonly changes: Changes<SaleTransaction>,
    private readonly follow: Pick<FollowPurchase, 'run'>,
    private readonly reads: Pick<SaleTransaction, 'invoices'>,
    private readonly clock: AccountClock,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const begun = await this.begin(call);
    if ('status' in begun) return this.keep(call, begun);
    const purchase = await this.follow.run(begun.id);
    if (purchase.stage === 'refused') {
      const refusal = purchase.refusal ?? refused(notFound('customer', purchase.customerId));
      return this.keep(call, refusal);
    }
    return this.keep(call, await this.shown(purchase));
  }

  /** The same key of the same account makes the same purchase. */
  private async begin(call: OrbCall): Promise<{ readonly id: string } | OrbAnswer> {
    const { account, customer, idempotency } = call;
    invariant(customer, 'credits are a customer’s');
    const nowMs = await this.clock.nowMs(account.id);
    const settings = readSettings(call, customer.profile?.timezone ?? account.timezone);
    if (!settings.ok) return refused(settings.refusal);
    const id = idempotency
      ? derivedId('blk', account.id, idempotency.key, 'purchase')
      : newId('blk', nowMs);
    const { invoice_settings: _, ...body } = call.body;
    const currency = (body['currency'] ?? 'credits') as string;
    const requestHash = idempotency?.request_hash ?? id;
    const purchase = {
      ...{ id, accountId: account.id, customerId: customer.id, currency, topUpId: null },
      source: 'manual' as const,
      call: { ...call, body, idempotency: null },
      ...{ requestHash, settings: settings.value, createdMs: nowMs },
    };
    const { itemId } = settings.value;
    const answer = await this.changes.run({ ...call, idempotency: null }, async (tx) => {
      if (itemId !== null && !(await tx.items.read(account.id, itemId))) {
        return refused(notFound('item', itemId));
      }
      if (await tx.purchases.insert(purchase)) return noContent;
      const first = await tx.purchases.read(id);
      return first?.requestHash === requestHash ? noContent : OTHER_REQUEST;
    });
    return answer.status >= 300 ? answer : { id };
  }

  /** Under the key, where there is one. */
  private async keep(call: OrbCall, answer: OrbAnswer): Promise<OrbAnswer> {
    if (call.idempotency === null || answer.is_final) return answer;
    return this.changes.run(call, () => Promise.resolve(answer));
  }

  private async shown({ accountId, invoiceId, entry }: Purchase): Promise<OrbAnswer> {
    const invoice = invoiceId && (await this.reads.invoices.read(accountId, invoiceId));
    // The increment was booked, and taken back since.
    if (!invoice || entry === null) throw new OrbitError('unavailable', 'the purchase has ended');
    invariant(entry.endsWith(NO_INVOICES), 'an increment ends with its invoices');
    const made = JSON.stringify([toInvoice(invoice, true)]);
    return {
      status: 201,
      body: `${entry.slice(0, -NO_INVOICES.length)}"created_invoices":${made}}`,
    };
  }
}

const NO_INVOICES = '"created_invoices":null}';

const OTHER_REQUEST: OrbAnswer = {
  ...refused({
    code: 'resource_conflict',
    detail: 'This Idempotency-Key was used with another request. Use a new one.',
  }),
  is_final: true,
};
