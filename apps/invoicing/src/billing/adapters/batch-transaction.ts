import { randomUUID } from 'node:crypto';
import { Decimal } from '@orbit/pricing';
import { documentNumber } from '../../numbering/domain/document-number.js';
import type { BilledLine, InvoiceParts, InvoiceTransaction } from '../application/invoice-ports.js';
import type { BillingCatalogue, BillingTransaction, Subscription } from '../application/ports.js';
import type { InvoiceLine } from '../domain/print-line.js';
import { Writes, type BatchNumbers, type LoadedBatch } from './batch-state.js';
import type { DocumentDate } from './sql-invoices.js';

/** A subject needs what a batch does not hold: it goes through a transaction of its own. */
export class NeedsItsOwn extends Error {}

const alone = (): Promise<never> => Promise.reject(new NeedsItsOwn());

/** The parts that all subjects of a batch share. */
export interface BatchShared {
  readonly batch: LoadedBatch;
  readonly numbers: BatchNumbers;
  readonly planView: BillingCatalogue['planView'];
  /** Waits for the account's turn to number documents; the last number of a year. */
  beginNumbers(year: number): Promise<number>;
}

/**
 * The transaction as one subject of a batch sees it: reads what the batch has read, and keeps what it writes until all
 * of the batch is written. Whatever is not there, and whatever is rarely written, sends the subject into a transaction
 * of its own, before anything of it was written.
 */
export class BatchTransaction implements BillingTransaction {
  readonly writes = new Writes();

  constructor(private readonly shared: BatchShared) {}

  readonly subscriptions: BillingTransaction['subscriptions'] = {
    read: (_account, id) => Promise.resolve(this.subscription(id)),
    lock: (_account, id) => Promise.resolve(this.subscription(id)),
    save: async (subscription, nextDueMs) => {
      const { id, timeline, reported = null } = subscription;
      // The run writes down when it looks again; whatever else changes a subscription has locks of its own.
      if (this.shared.batch.subscriptions.get(id)?.timeline !== timeline) await alone();
      this.writes.looks.set(id, { id, nextDueMs, reported });
    },
    ...{ list: alone, listOf: alone, listRedeeming: alone, insert: alone, countOf: alone },
  };

  readonly customers: BillingTransaction['customers'] = {
    lock: (_account, id) => Promise.resolve(this.shared.batch.customers.get(id) ?? null),
    find: async (_account, name) =>
      ('id' in name ? this.shared.batch.customers.get(name.id) : undefined) ?? alone(),
    setCurrency: alone,
  };

  readonly invoices: InvoiceTransaction = {
    read: (_account, id) => this.parts(id),
    lock: (_account, id) => this.parts(id),
    insert: (invoice) => {
      const token = `${randomUUID()}${randomUUID()}`.replaceAll('-', '');
      this.writes.inserted.set(invoice.id, { invoice, linkToken: token });
      return Promise.resolve(true);
    },
    save: async (invoice) => {
      await this.parts(invoice.id);
      this.writes.saved.set(invoice.id, invoice);
    },
    putLines: async (invoice, lines) => this.putLines(invoice.id, lines),
    billedLines: (id) => this.billedLines(id),
    datesOf: (id) => this.datesOf(id),
    balanceOf: (id) => Promise.resolve(this.shared.batch.balances.get(id) ?? Decimal.ZERO),
    takeNumber: async (_account, kind, year) => {
      if (kind !== 'invoice') return alone();
      const begin = () => this.shared.beginNumbers(year);
      return documentNumber(kind, year, await this.shared.numbers.take(year, begin));
    },
    ...{ list: alone, readNote: alone, listNotes: alone, listBalance: alone, partialsOf: alone },
    ...{
      isDrawing: alone,
      invoiceOfLine: alone,
      creditedOf: alone,
      credit: alone,
      undoneOf: alone,
      undo: alone,
    },
    ...{ returnCredit: alone, insertNote: alone, addToBalance: alone },
    ...{ beginAttempt: alone, endAttempt: alone },
  };

  readonly catalogue: BillingTransaction['catalogue'] = {
    planView: (account, id, version) => this.shared.planView(account, id, version),
  };

  readonly items: BillingTransaction['items'] = { read: alone, named: alone };
  readonly allocations: BillingTransaction['allocations'] = { keep: alone };
  readonly taxes: BillingTransaction['taxes'] = {
    read: () => Promise.resolve(this.shared.batch.rates),
  };
  readonly facts: BillingTransaction['facts'] = {
    record: (fact) => {
      this.writes.facts.push(fact);
      return Promise.resolve();
    },
  };

  private subscription(id: string): Subscription | null {
    return this.shared.batch.subscriptions.get(id) ?? null;
  }

  private async parts(id: string): Promise<InvoiceParts> {
    return this.writes.partsOf(id, this.shared.batch) ?? alone();
  }

  private async putLines(id: string, lines: readonly InvoiceLine[]): Promise<void> {
    await this.parts(id);
    this.writes.lines.set(id, lines);
  }

  /** Without lines that the subject has billed itself meanwhile. */
  private async billedLines(subscriptionId: string): Promise<readonly BilledLine[]> {
    if (this.writes.lines.size > 0) return alone();
    return this.shared.batch.billed.get(subscriptionId) ?? [];
  }

  private async datesOf(subscriptionId: string): Promise<readonly DocumentDate[]> {
    if (this.writes.inserted.size > 0) return alone();
    return this.shared.batch.dates.get(subscriptionId) ?? [];
  }
}
