import type { PrismaClient } from '@orbit/persistence';
import type {
  InvoicePageQuery,
  InvoicePageRows,
  InvoiceStore,
  InvoiceTransaction,
  OutboxEvent,
} from '../application/ports.js';
import type { Invoice } from '../domain/invoice.js';
import type { Counter } from '../domain/number-invoices.js';
import { invoiceFromRow, invoiceToRow } from './invoice-store.mapping.js';
import { listInvoices } from './list-invoices.js';

type Sql = Pick<PrismaClient, '$queryRaw' | '$executeRaw' | 'invoice' | 'invoiceOutbox'>;

/** A batch that waits longer than this for its turn or its statements fails and is read again. */
const TRANSACTION_WAIT_MS_MAX = 10_000;
const TRANSACTION_MS_MAX = 30_000;

export class PrismaInvoiceStore implements InvoiceStore {
  constructor(private readonly prisma: PrismaClient) {}

  async inTransaction<T>(work: (tx: InvoiceTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction((sql) => work(new SqlInvoiceTransaction(sql)), {
      maxWait: TRANSACTION_WAIT_MS_MAX,
      timeout: TRANSACTION_MS_MAX,
    });
  }

  async readPage(query: InvoicePageQuery): Promise<InvoicePageRows | null> {
    return listInvoices(this.prisma, query);
  }

  async read(organizationId: string, invoiceId: string): Promise<Invoice | null> {
    const row = await this.prisma.invoice.findFirst({ where: { id: invoiceId, organizationId } });
    return row === null ? null : invoiceFromRow(row);
  }
}

class SqlInvoiceTransaction implements InvoiceTransaction {
  constructor(private readonly sql: Sql) {}

  // The update changes nothing: it takes the row's lock. One order of rows makes deadlocks impossible.
  async lockCounters(
    counters: readonly Omit<Counter, 'lastSequence'>[],
  ): Promise<readonly Counter[]> {
    const rows = await this.sql.$queryRaw<
      { organization_id: string; year: number; last_sequence: number }[]
    >`
      INSERT INTO invoicing.invoice_counter AS c (organization_id, year, last_sequence)
      SELECT organization_id, year::integer, 0
      FROM unnest(${counters.map((c) => c.organizationId)}::text[],
                  ${counters.map((c) => String(c.year))}::text[]) AS n(organization_id, year)
      ORDER BY organization_id, year
      ON CONFLICT (organization_id, year) DO UPDATE SET last_sequence = c.last_sequence
      RETURNING organization_id, year, last_sequence`;
    return rows.map((row) => ({
      organizationId: row.organization_id,
      year: row.year,
      lastSequence: row.last_sequence,
    }));
  }

  async readInvoicedTopUps(topupIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.sql.$queryRaw<{ topup_id: string }[]>`
      SELECT topup_id FROM invoicing.invoice WHERE topup_id = ANY(${[...topupIds]}::text[])`;
    return new Set(rows.map((row) => row.topup_id));
  }

  async insertInvoices(invoices: readonly Invoice[]): Promise<void> {
    await this.sql.invoice.createMany({ data: invoices.map(invoiceToRow) });
  }

  async saveCounters(counters: readonly Counter[]): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.invoice_counter c SET last_sequence = n.last_sequence::integer
      FROM unnest(${counters.map((c) => c.organizationId)}::text[],
                  ${counters.map((c) => String(c.year))}::text[],
                  ${counters.map((c) => String(c.lastSequence))}::text[])
        AS n(organization_id, year, last_sequence)
      WHERE c.organization_id = n.organization_id AND c.year = n.year::integer`;
  }

  async addToOutbox(events: readonly OutboxEvent[]): Promise<void> {
    await this.sql.invoiceOutbox.createMany({
      data: events.map((event) => ({
        eventId: event.eventId,
        topic: 'invoice.issued',
        key: event.value.organization_id,
        value: { ...event.value },
        createdAt: new Date(event.createdAtMs),
      })),
    });
  }
}
