import type { PrismaClient, Sql } from '@orbit/persistence';
import type { InvoiceParts } from '../../billing/domain/invoice.js';
import type {
  Documents,
  DocumentTransaction,
  LinkedDocument,
  Print,
} from '../application/ports.js';

type Fields = Readonly<Record<string, unknown>>;

/** Invoices and credit notes as billing reads them. */
export interface BillingDocuments {
  read(accountId: string, invoiceId: string): Promise<InvoiceParts | null>;
  lock(accountId: string, invoiceId: string): Promise<InvoiceParts | null>;
}

interface PrintRow {
  readonly name: string;
  readonly email: string;
  readonly billing_address: Fields | null;
  readonly customer_tax_id: Fields | null;
}

const TOKEN = /^[0-9a-f]{64}$/;

export class SqlDocuments implements Documents {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly billing: Pick<BillingDocuments, 'read'>,
  ) {}

  async find(token: string): Promise<LinkedDocument | null> {
    if (!TOKEN.test(token)) return null;
    const [row] = await this.prisma.$queryRaw<
      { account_id: string; invoice_id: string; note_id: string | null }[]
    >`
      SELECT account_id, id AS invoice_id, NULL AS note_id FROM invoicing.orb_invoice WHERE link_token = ${token}
      UNION ALL
      SELECT account_id, invoice_id, id FROM invoicing.orb_credit_note WHERE link_token = ${token}`;
    const parts = row && (await this.billing.read(row.account_id, row.invoice_id));
    if (!row || !parts) return null;
    const accountId = row.account_id;
    if (row.note_id === null) return { kind: 'invoice', accountId, parts };
    const note = parts.notes.find(({ id }) => id === row.note_id);
    return note ? { kind: 'credit_note', accountId, note, parts } : null;
  }

  /** The first print is made by its first reader; of two at once one is kept. */
  async print(documentId: string, first: Print, madeAt: Date): Promise<Print> {
    const known = await this.latest(documentId);
    if (known) return known;
    await addPrint(this.prisma, documentId, first, madeAt);
    return (await this.latest(documentId)) ?? first;
  }

  private async latest(documentId: string): Promise<Print | null> {
    const [row] = await this.prisma.$queryRaw<PrintRow[]>`
      SELECT name, email, billing_address, customer_tax_id FROM invoicing.document_print
      WHERE document_id = ${documentId} ORDER BY version DESC LIMIT 1`;
    return row
      ? {
          ...{ name: row.name, email: row.email },
          ...{ billingAddress: row.billing_address, customerTaxId: row.customer_tax_id },
        }
      : null;
  }
}

export class SqlDocumentTransaction implements DocumentTransaction {
  constructor(
    private readonly sql: Sql,
    private readonly billing: Pick<BillingDocuments, 'lock'>,
  ) {}

  lock(accountId: string, invoiceId: string): Promise<InvoiceParts | null> {
    return this.billing.lock(accountId, invoiceId);
  }

  addPrint(documentId: string, print: Print, madeAt: Date): Promise<void> {
    return addPrint(this.sql, documentId, print, madeAt);
  }
}

async function addPrint(
  sql: Pick<PrismaClient, '$executeRaw'>,
  documentId: string,
  { name, email, billingAddress, customerTaxId }: Print,
  madeAt: Date,
): Promise<void> {
  await sql.$executeRaw`
    INSERT INTO invoicing.document_print
      (document_id, version, name, email, billing_address, customer_tax_id, made_at)
    SELECT ${documentId}, coalesce(max(version), 0) + 1, ${name}, ${email},
      ${jsonOrNull(billingAddress)}::jsonb, ${jsonOrNull(customerTaxId)}::jsonb, ${madeAt}
    FROM invoicing.document_print WHERE document_id = ${documentId}
    ON CONFLICT DO NOTHING`;
}

const jsonOrNull = (value: Fields | null): string | null =>
  value === null ? null : JSON.stringify(value);
