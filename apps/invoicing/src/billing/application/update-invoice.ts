import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { mergeMetadata, answered, notFound, refused, type Changes } from '@orbit/orb-api';
import { decimal } from '@orbit/pricing';
import { addCivil } from '../../timeline/domain/civil.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import type { Invoice, InvoiceParts } from './invoice-ports.js';
import { changeBalance, reportInvoice } from './issue-draft.js';
import { against, BILLED_BY_STRIPE, ok, wrong, type Outcome } from '../domain/refusals.js';
import { invariant, type AccountClock } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import { toInvoice } from '../domain/invoice-view.js';
import type { BillingCustomer, BillingTransaction } from './ports.js';

type Fields = Readonly<Record<string, unknown>>;
const idOf = ({ path }: OrbCall): string => path['invoice_id'] ?? '';

/** Changes an invoice after it was made: terms, payment, void. */
export class UpdateInvoice {
  constructor(private readonly change: ChangeInvoice) {}

  markPaid(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run(call, idOf(call), async ({ parts, customer, nowMs, tx }) => {
      const { invoice } = parts;
      if (invoice.status !== 'issued' && invoice.status !== 'synced') {
        return against(`Only an issued invoice can be paid; this one is ${invoice.status}.`);
      }
      const text = String(call.body['payment_received_date']);
      const receivedMs = readInstant(text, customer.timezone);
      if (receivedMs === null) {
        return wrong('payment_received_date: must be a day of the years 1 to 9999');
      }
      await tx.invoices.save({
        ...invoice,
        status: 'paid',
        paidMs: nowMs,
        paymentReceivedMs: receivedMs,
      });
      const properties = {
        external_id: call.body['external_id'] ?? null,
        notes: call.body['notes'] ?? null,
        payment_received_date: text,
      };
      await reportInvoice(tx, invoice, 'manually_marked_as_paid', properties, nowMs);
      return ok(null);
    });
  }

  /**
   * Voids the invoice. Its part of the customer's balance goes back there. Prepaid credits that it drew stay drawn.
   */
  void(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run(call, idOf(call), async ({ parts, nowMs, tx }) => {
      const { invoice } = parts;
      if (invoice.status !== 'issued') {
        return against(`Only an issued invoice can be void; this one is ${invoice.status}.`);
      }
      await voidIssued(tx, parts, nowMs);
      return ok(null);
    });
  }

  /** Metadata at any time; terms and dates of drafts alone. */
  update(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run(call, idOf(call), async (facts) => {
      const changed = updated(call.body, facts);
      if (!changed.ok) return changed;
      await facts.tx.invoices.save(changed.value);
      return ok(null);
    });
  }
}

/** Under the locks of its customer and itself. */
export async function voidIssued(
  tx: BillingTransaction,
  { invoice, balance }: InvoiceParts,
  nowMs: number,
): Promise<void> {
  await tx.invoices.save({ ...invoice, status: 'void', voidedMs: nowMs });
  for (const { action, type, amount } of balance) {
    if (action !== 'applied_to_invoice') continue;
    const back = type === 'decrement' ? decimal(amount) : decimal(amount).negated();
    await changeBalance(tx, invoice, back, 'return_from_voiding', nowMs);
  }
  await reportInvoice(tx, invoice, 'manually_marked_as_void', {}, nowMs);
}

const DRAFT_FIELDS = ['net_terms', 'due_date', 'invoice_date', 'auto_collection'];

function updated(body: Fields, { parts, customer }: InvoiceFacts): Outcome<Invoice> {
  const { invoice } = parts;
  const named = DRAFT_FIELDS.filter((field) => (body[field] ?? null) !== null);
  if (named.length > 0 && invoice.status !== 'draft') {
    return against(
      `${named.join(', ')} of a draft alone can change; this one is ${invoice.status}.`,
    );
  }
  const { timezone } = customer;
  if (named.includes('net_terms') && named.includes('due_date')) {
    return wrong('due_date: goes without net_terms');
  }
  const netTerms = (body['net_terms'] ?? invoice.netTerms) as number;
  if (netTerms < 0 || netTerms > 3_650) return wrong('net_terms: must be 0 to 3650 days');
  const dateOf = (field: string, otherwise: number | null): number | null | undefined => {
    if (!named.includes(field)) return otherwise;
    return readInstant(String(body[field]), timezone) ?? undefined;
  };
  const invoiceDateMs = dateOf('invoice_date', invoice.invoiceDateMs);
  if (typeof invoiceDateMs !== 'number') return wrong('invoice_date: must be a day that there is');
  if (invoiceDateMs !== invoice.invoiceDateMs && invoice.subscriptionId !== null) {
    return against('The invoice date of a subscription is the end of its period.');
  }
  const fixedDueMs = named.includes('net_terms')
    ? null
    : dateOf('due_date', invoice.document.fixedDueMs);
  if (fixedDueMs === undefined) return wrong('due_date: must be a day that there is');
  const isDraft = invoice.status === 'draft';
  const due = fixedDueMs ?? addCivil(invoiceDateMs, netTerms, 'days', timezone);
  return ok({
    ...invoice,
    metadata: mergeMetadata(invoice.metadata, body['metadata']),
    ...{ netTerms, invoiceDateMs },
    dueMs: isDraft && invoice.source === 'one_off' ? due : invoice.dueMs,
    eligibleMs: invoice.source === 'one_off' ? invoiceDateMs : invoice.eligibleMs,
    document: {
      ...invoice.document,
      fixedDueMs,
      autoCollection: (body['auto_collection'] ?? invoice.document.autoCollection) as
        boolean | null,
    },
  });
}

export interface InvoiceFacts {
  readonly parts: InvoiceParts;
  readonly customer: BillingCustomer;
  readonly nowMs: number;
  readonly tx: BillingTransaction;
}

/**
 * Every change of one invoice: under the locks of its customer and itself, decided before anything is written, answered
 * as it then is.
 */
export class ChangeInvoice {
  constructor(
    private readonly changes: Changes<BillingTransaction>,
    private readonly clock: AccountClock,
  ) {}

  /** `change` decides and writes. `shown` looks at the invoice as it then is. */
  async run(
    call: OrbCall,
    invoiceId: string,
    change: (facts: InvoiceFacts) => Promise<Outcome<null>>,
    shown: (parts: InvoiceParts) => OrbAnswer = (parts) => answered(200, toInvoice(parts, true)),
  ): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const nowMs = await this.clock.nowMs(accountId);
    return this.changes.run(call, async (tx) => {
      const known = await tx.invoices.read(accountId, invoiceId);
      if (!known) return refused(notFound('invoice', invoiceId));
      if (known.invoice.biller === 'stripe') {
        return refused({ code: 'constraint_violation', detail: BILLED_BY_STRIPE });
      }
      const { subscriptionId, customerId } = known.invoice;
      if (subscriptionId !== null) await tx.subscriptions.lock(accountId, subscriptionId);
      const customer = await tx.customers.lock(accountId, customerId);
      const parts = await tx.invoices.lock(accountId, invoiceId);
      if (!customer || !parts) return refused(notFound('invoice', invoiceId));
      const done = await change({ parts, customer, nowMs, tx });
      if (!done.ok) return refused(done.refusal);
      const after = await tx.invoices.read(accountId, invoiceId);
      invariant(after !== null, 'an invoice that was just changed is there');
      return shown(after);
    });
  }
}

/** Looks at an invoice that has just changed, and does what follows from that. May be called again. */
export type InvoiceFollower = (accountId: string, invoiceId: string) => Promise<void>;

/**
 * Other rooms that wait for invoices to be paid or void. They are called once the change is made, so that whoever asked
 * for it sees what follows; what fails then is done by their own loops.
 */
export class InvoiceFollowers {
  private readonly followers: InvoiceFollower[] = [];

  constructor(private readonly logger: Pick<Logger, 'warn'>) {}

  add(follower: InvoiceFollower): void {
    this.followers.push(follower);
  }

  /** Errors: those of the change. */
  async after(call: OrbCall, change: Promise<OrbAnswer>): Promise<OrbAnswer> {
    const answer = await change;
    if (answer.status >= 300) return answer;
    const invoiceId = call.path['invoice_id'] ?? '';
    for (const follower of this.followers) {
      try {
        await follower(call.account.id, invoiceId);
      } catch (err) {
        this.logger.warn({ invoice_id: invoiceId, err }, 'what follows from an invoice waits');
      }
    }
    return answer;
  }
}
