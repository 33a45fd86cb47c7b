import type { Decimal } from '@orbit/pricing';
import type { TaxRate } from '../../taxes/domain/tax-rate.js';
import type { Fact } from '../../webhooks/domain/fact.js';
import type { BilledLine, Invoice, InvoiceParts } from '../application/invoice-ports.js';
import type { BillingCustomer, Subscription } from '../application/ports.js';
import type { InvoiceLine } from '../domain/print-line.js';
import { linksAt, pageOf } from './invoice-rows.js';
import type { DocumentDate } from './sql-invoices.js';
import type { Look } from './sql-subscriptions.js';

/** The rows that a batch has read under its locks. */
export interface LoadedBatch {
  readonly accountId: string;
  readonly publicUrl: string;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly customers: ReadonlyMap<string, BillingCustomer>;
  readonly invoices: ReadonlyMap<string, InvoiceParts>;
  readonly billed: ReadonlyMap<string, readonly BilledLine[]>;
  readonly dates: ReadonlyMap<string, readonly DocumentDate[]>;
  /** Of customers who ever had one. */
  readonly balances: ReadonlyMap<string, Decimal>;
  readonly rates: readonly TaxRate[];
}

/** A draft that is to be put in, and the token of its link. */
export interface NewInvoice {
  readonly invoice: Omit<Invoice, 'position'>;
  readonly linkToken: string;
}

/** Writes of some subjects. */
export class Writes {
  readonly inserted = new Map<string, NewInvoice>();
  readonly saved = new Map<string, Invoice>();
  readonly lines = new Map<string, readonly InvoiceLine[]>();
  readonly looks = new Map<string, Look>();
  readonly facts: Fact[] = [];

  add(more: Writes): void {
    for (const [id, one] of more.inserted) this.inserted.set(id, one);
    for (const [id, one] of more.saved) this.saved.set(id, one);
    for (const [id, lines] of more.lines) this.lines.set(id, lines);
    for (const [id, look] of more.looks) this.looks.set(id, look);
    this.facts.push(...more.facts);
  }

  /** An invoice with everything that is to be written of it; undefined: nobody knows it. */
  partsOf(id: string, batch: LoadedBatch): InvoiceParts | undefined {
    const known = batch.invoices.get(id) ?? this.insertedParts(id, batch);
    const invoice = this.saved.get(id) ?? known?.invoice;
    if (!known || !invoice) return undefined;
    const links = known.links && linksAt(known.links.page, invoice);
    return { ...known, invoice, links, lines: this.lines.get(id) ?? known.lines };
  }

  private insertedParts(id: string, { publicUrl, customers }: LoadedBatch): InvoiceParts | null {
    const made = this.inserted.get(id);
    const customer = made && customers.get(made.invoice.customerId);
    if (!customer) return null;
    return {
      invoice: { ...made.invoice, position: 0n },
      links: linksAt(pageOf(made.linkToken, publicUrl), made.invoice),
      customer: { id: customer.id, external_customer_id: customer.externalCustomerId },
      ...{ lines: [], notes: [], balance: [], attempts: [] },
    };
  }
}

/** Numbers of invoices that a batch takes, each after the one before. */
export class BatchNumbers {
  /** By year, the last number before the batch. */
  private readonly before = new Map<number, number>();
  private taken: ReadonlyMap<number, number> = new Map();

  /** `begin` waits for the turn, which ends with the transaction, and says which number was the last. */
  async take(year: number, begin: () => Promise<number>): Promise<number> {
    const before = this.before.get(year) ?? (await begin());
    this.before.set(year, before);
    const count = (this.taken.get(year) ?? 0) + 1;
    this.taken = new Map(this.taken).set(year, count);
    return before + count;
  }

  /** By year, how many are taken. */
  get counts(): ReadonlyMap<number, number> {
    return this.taken;
  }

  /** Gives back what is taken from here on, when it is called. */
  mark(): () => void {
    const { taken } = this;
    return () => {
      this.taken = taken;
    };
  }

  /** Whether these are the last numbers that the series then has. */
  areLast(last: ReadonlyMap<number, number>): boolean {
    return [...this.taken].every(
      ([year, count]) => (this.before.get(year) ?? 0) + count === last.get(year),
    );
  }
}
