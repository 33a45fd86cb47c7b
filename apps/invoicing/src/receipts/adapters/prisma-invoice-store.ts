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
import { listInvoices, readCorrected } from './list-invoices.js';
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
    return listInvoices(this.prisma, query);
  }

  async read(organizationId: string, invoiceId: string): Promise<CorrectedInvoice | null> {
    const row = await this.prisma.invoice.findFirst({ where: { id: invoiceId, organizationId } });
    if (row === null) return null;
    const [corrected] = await readCorrected(this.prisma, [invoiceFromRow(row)]);
    return corrected ?? null;
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
