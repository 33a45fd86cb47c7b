import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import {
  answered,
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
} from '@orbit/orb-api';
import { invoiceFilters } from '../domain/invoice-filters.js';
import type { InvoiceParts, Invoices } from './invoice-ports.js';
import { toInvoice, toInvoiceSummary, toUpcoming } from '../domain/invoice-view.js';
import type { LookAtDraft } from './look-at-draft.js';
import type { BillingCustomers, Subscriptions } from './ports.js';

type Fields = Readonly<Record<string, unknown>>;

/** Reads of invoices. Errors: the database's own, and usage-metering's for drafts; refusals are answers. */
export class ServeInvoices {
  constructor(
    private readonly invoices: Invoices,
    private readonly subscriptions: Subscriptions,
    private readonly customers: BillingCustomers,
    private readonly drafts: LookAtDraft,
    private readonly clock: AccountClock,
  ) {}

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['invoice_id'] ?? '';
    const parts = await this.invoices.read(call.account.id, id);
    if (!parts) return refused(notFound('invoice', id));
    return answered(200, toInvoice(await this.drafts.run(parts), hasAllLines(call)));
  }

  list(call: OrbCall): Promise<OrbAnswer> {
    return this.listAs('list-invoices', call, (parts) => toInvoice(parts, hasAllLines(call)));
  }

  listSummaries(call: OrbCall): Promise<OrbAnswer> {
    return this.listAs('list-invoices-summary', call, toInvoiceSummary);
  }

  /** The running period of a subscription, with what it used so far. */
  async upcoming(call: OrbCall): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const id = String(call.query['subscription_id'] ?? '');
    const subscription = await this.subscriptions.read(accountId, id);
    if (!subscription) return refused(notFound('subscription', id));
    const customer = await this.customers.find(accountId, { id: subscription.customerId });
    if (!customer) return refused(notFound('customer', subscription.customerId));
    const nowMs = await this.clock.nowMs(accountId);
    const parts = await this.drafts.upcoming(subscription, customer, nowMs);
    if (!parts) {
      const detail = 'The subscription has ended: it has no upcoming invoice.';
      return refused({ code: 'constraint_violation', detail });
    }
    return answered(200, toUpcoming(parts, hasAllLines(call)));
  }

  private async listAs(
    operation: string,
    call: OrbCall,
    show: (parts: InvoiceParts) => Fields,
  ): Promise<OrbAnswer> {
    const page = pageQueryOf(operation, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const filters = invoiceFilters(call, await this.clock.nowMs(call.account.id));
    if (!filters.ok) return refused(filters.refusal);
    const found = await this.invoices.list({ ...page, ...filters.value });
    const rows: (InvoiceParts & { readonly createdAt: Date; readonly position: bigint })[] = [];
    for (const parts of found) {
      const { invoiceDateMs, position } = parts.invoice;
      rows.push({
        ...(await this.drafts.run(parts)),
        createdAt: new Date(invoiceDateMs),
        position,
      });
    }
    return pageOf(operation, call, page, rows, show);
  }
}

const hasAllLines = ({ query }: OrbCall): boolean =>
  query['include_zero_quantity_line_items'] !== false;
