import type { PrismaClient } from '@orbit/persistence';
import type {
  CorrectedInvoice,
  InvoicePageQuery,
  InvoicePageRows,
  InvoiceStore,
  InvoiceTransaction,
} from '../application/ports.js';
import type { CreditNote } from '../domain/credit-note.js';
import type { Invoice } from '../domain/invoice.js';
import { creditNoteFromRow, invoiceFromRow } from './invoice-store.mapping.js';
import { listInvoices, readCorrected, type Sql } from './list-invoices.js';
import { SqlInvoiceTransaction } from './sql-invoice-transaction.js';

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
    return this.atOneInstant((sql) => listInvoices(sql, query));
  }

  async read(organizationId: string, invoiceId: string): Promise<CorrectedInvoice | null> {
    return this.atOneInstant(async (sql) => {
      const row = await sql.invoice.findFirst({ where: { id: invoiceId, organizationId } });
      if (row === null) return null;
      const [corrected] = await readCorrected(sql, [invoiceFromRow(row)]);
      return corrected ?? null;
    });
  }

  /** A receipt, its corrections and its notes are several statements: none sees what the others do not. */
  private atOneInstant<T>(read: (sql: Sql) => Promise<T>): Promise<T> {
    return this.prisma.$transaction(read, {
      isolationLevel: 'RepeatableRead',
      maxWait: TRANSACTION_WAIT_MS_MAX,
      timeout: TRANSACTION_MS_MAX,
    });
  }

  async readCreditNote(
    organizationId: string,
    creditNoteId: string,
  ): Promise<{ readonly note: CreditNote; readonly invoice: Invoice } | null> {
    const row = await this.prisma.creditNote.findFirst({
      where: { id: creditNoteId, organizationId },
      include: { invoice: true },
    });
    return row && { note: creditNoteFromRow(row), invoice: invoiceFromRow(row.invoice) };
  }
}
