import { printAmount } from '../domain/print-line.js';
import { decimal } from '@orbit/pricing';
import { nextDueMs } from '../../timeline/domain/charges.js';
import { draftOf, type NewDraft } from './advance.js';
import { placesOf } from '../domain/billed.js';
import type { InvoiceParts, InvoiceTransaction } from './invoice-ports.js';
import { taxed, totalsOf } from './issue-draft.js';
import { accruedCharges, chargesOfDraft, priceDraft } from './price-draft.js';
import { asksOf } from '../domain/usage-asks.js';
import { applyCredits } from '../../draws/domain/apply-credits.js';
import { hasParts, mergePlans, type DrawPlan } from '../../draws/domain/draw-plan.js';
import type {
  BillingCustomer,
  BillingCustomers,
  DocumentCredits,
  TaxProvider,
  Subscription,
  Subscriptions,
  UsageSource,
} from './ports.js';

interface BillingReads {
  readonly subscriptions: Pick<Subscriptions, 'read'>;
  readonly invoices: Pick<InvoiceTransaction, 'billedLines' | 'balanceOf' | 'isDrawing'>;
  readonly customers: BillingCustomers;
  readonly taxes: TaxProvider;
}

/** Drafts move with usage: each look makes their lines anew. Errors: usage-metering's and wallet-ledger's unavailable and timeout. */
export class LookAtDraft {
  constructor(
    private readonly reads: BillingReads,
    private readonly usage: UsageSource,
    private readonly credits: Pick<DocumentCredits, 'facts' | 'preview'>,
  ) {}

  /** An invoice as it now is: an issued one is as it was issued. */
  async run(parts: InvoiceParts): Promise<InvoiceParts> {
    const { invoice } = parts;
    if (invoice.stage === 'issued') return parts;
    const isPriced = invoice.stage === 'priced' || invoice.stage === 'drawn';
    if (invoice.subscriptionId === null || isPriced) return this.withTotals(parts);
    const subscription = await this.reads.subscriptions.read(
      invoice.accountId,
      invoice.subscriptionId,
    );
    return subscription ? this.priced(parts, subscription) : parts;
  }

  /** The cost of the running period so far; null when nothing will fall due any more. */
  async upcoming(
    subscription: Subscription,
    customer: BillingCustomer,
    nowMs: number,
  ): Promise<InvoiceParts | null> {
    const dueMs = nextDueMs(subscription.timeline, nowMs);
    if (dueMs === null) return null;
    return this.asDraft(subscription, customer, {
      ...{ source: 'subscription', dateMs: dueMs, nth: 0, nowMs },
      ...{ hasUsage: true, eligibleMs: null },
    });
  }

  /** Usage of the running periods that is on no invoice yet. */
  async unbilled(
    subscription: Subscription,
    customer: BillingCustomer,
    nowMs: number,
  ): Promise<InvoiceParts> {
    return this.asDraft(subscription, customer, {
      ...{ source: 'partial', dateMs: nowMs, nth: 0, nowMs },
      ...{ hasUsage: true, eligibleMs: nowMs },
    });
  }

  /**
   * The prepaid credit that would be asked for, were all usage until now on documents of today: of periods that ended
   * and are on none yet, of those that run, and of growth in earlier ones. Null: a document is being drawn just now.
   */
  async accrued(
    subscription: Subscription,
    customer: BillingCustomer,
    nowMs: number,
  ): Promise<DrawPlan | null> {
    const billed = await this.reads.invoices.billedLines(subscription.id);
    if (await this.reads.invoices.isDrawing(subscription.id)) return null;
    const plans: DrawPlan[] = [];
    for (const { source, charges } of accruedCharges(subscription, nowMs, billed)) {
      const { fresh, earlier } = charges;
      const facts = await this.credits.facts({ subscription, fresh, earlier });
      if (facts.held.size === 0) continue;
      const draft = draftOf(subscription, customer, {
        ...{ source, dateMs: nowMs, nth: 0, nowMs, hasUsage: true, eligibleMs: nowMs },
      });
      const asks = asksOf(subscription, [...fresh, ...earlier]);
      const usage = await this.usage.read(subscription.accountId, asks);
      const { plan } = priceDraft(subscription, draft, charges, billed, usage, facts);
      if (plan) plans.push(plan);
    }
    return mergePlans(plans);
  }

  private asDraft(
    subscription: Subscription,
    customer: BillingCustomer,
    draft: NewDraft,
  ): Promise<InvoiceParts> {
    const invoice = { ...draftOf(subscription, customer, draft), position: 0n };
    const { id, externalCustomerId } = customer;
    const named = { id, external_customer_id: externalCustomerId };
    const nothing = { lines: [], notes: [], balance: [], attempts: [] };
    return this.priced({ invoice, links: null, customer: named, ...nothing }, subscription);
  }

  private async priced(parts: InvoiceParts, subscription: Subscription): Promise<InvoiceParts> {
    const { invoice } = parts;
    const billed = await this.reads.invoices.billedLines(subscription.id);
    const charges = chargesOfDraft(subscription, invoice, billed);
    const asks = asksOf(subscription, [...charges.fresh, ...charges.earlier]);
    const now = await this.usage.read(invoice.accountId, asks);
    const usage = new Map([...now, ...Object.entries(invoice.closed ?? {})]);
    const { fresh, earlier } = charges;
    const facts = await this.credits.facts({ subscription, fresh, earlier });
    const { lines: priced, plan } = priceDraft(
      subscription,
      invoice,
      charges,
      billed,
      usage,
      facts,
    );
    const { customerId, id, currency } = invoice;
    const applied = hasParts(plan)
      ? await this.credits.preview(customerId, id, plan)
      : new Map<string, string>();
    const lines = applyCredits(priced, applied, currency);
    const written = parts.lines.filter(({ chargeKey }) => chargeKey === null);
    return this.withTotals({ ...parts, lines: [...lines, ...written] });
  }

  private async withTotals(parts: InvoiceParts): Promise<InvoiceParts> {
    const { invoice } = parts;
    const customer = await this.reads.customers.find(invoice.accountId, { id: invoice.customerId });
    const lines = customer
      ? await taxed(this.reads.taxes, invoice, customer, parts.lines)
      : parts.lines;
    const totals = totalsOf(lines, invoice.currency);
    const balance = await this.reads.invoices.balanceOf(invoice.customerId);
    const total = decimal(totals.total);
    const due = total.minus(balance.min(total));
    const amountDue = total.isZero ? totals.total : printAmount(due, placesOf(invoice.currency));
    return { ...parts, lines, invoice: { ...invoice, ...totals, amountDue } };
  }
}
