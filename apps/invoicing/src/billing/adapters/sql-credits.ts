import { Decimal, decimal } from '@orbit/pricing';
import { createdIn, rowsAfter, Prisma, type Sql } from '@orbit/persistence';
import type { CreatedBetween, PageQuery } from '@orbit/orb-api';
import type { InvoicePaymentState, LineUndone, PaymentAttempt } from '../domain/invoice.js';
import type { CreditToReturn } from '../../draws/domain/draw-plan.js';
import type {
  BalanceTransaction,
  CreditNote,
  NotedCustomer,
} from '../application/invoice-ports.js';
import { balanceFromJson, noteFromJson, type JsonRow } from './invoice-rows.js';
import { takeNumber } from '../../numbering/adapters/sql-document-series.js';

interface NoteRow {
  readonly note: JsonRow;
  readonly external_customer_id: string | null;
}

const NOTE = Prisma.sql`
  SELECT to_jsonb(n) || jsonb_build_object('total_text', n.total::text, 'position', n.position::text) AS note,
    c.external_customer_id
  FROM invoicing.orb_credit_note n JOIN invoicing.customer c ON c.id = n.customer_id`;

type ListQuery = PageQuery & { readonly created: CreatedBetween };

/** Storage of credit notes and of customers' balances. */
export class SqlCredits {
  constructor(
    protected readonly sql: Sql,
    /** Where customers reach the gateway: links to documents begin with it. */
    protected readonly publicUrl: string,
  ) {}

  async readNote(accountId: string, id: string): Promise<NotedCustomer | null> {
    const [row] = await this.sql.$queryRaw<NoteRow[]>`
      ${NOTE} WHERE n.id = ${id} AND n.account_id = ${accountId}`;
    return row ? noted(row, this.publicUrl) : null;
  }

  async listNotes(query: ListQuery): Promise<readonly NotedCustomer[]> {
    const rows = await this.sql.$queryRaw<NoteRow[]>`
      ${NOTE} WHERE n.account_id = ${query.accountId} ${page('n', query)}
      ORDER BY n.created_at DESC, n.position DESC LIMIT ${query.limit + 1}`;
    return rows.map((row) => noted(row, this.publicUrl));
  }

  async listBalance(query: ListQuery, customerId: string): Promise<readonly BalanceTransaction[]> {
    const rows = await this.sql.$queryRaw<{ entry: JsonRow }[]>`
      SELECT to_jsonb(b) || jsonb_build_object('amount_text', b.amount::text,
        'starting_text', b.starting_balance::text, 'ending_text', b.ending_balance::text,
        'position', b.position::text) AS entry
      FROM invoicing.balance_transaction b
      WHERE b.customer_id = ${customerId} AND b.account_id = ${query.accountId} ${page('b', query)}
      ORDER BY b.created_at DESC, b.position DESC LIMIT ${query.limit + 1}`;
    return rows.map(({ entry }) => balanceFromJson(entry));
  }

  async invoiceOfLine(accountId: string, lineId: string): Promise<string | null> {
    const [row] = await this.sql.$queryRaw<{ invoice_id: string }[]>`
      SELECT l.invoice_id FROM invoicing.orb_invoice_line l
      JOIN invoicing.orb_invoice i ON i.id = l.invoice_id
      WHERE l.id = ${lineId} AND i.account_id = ${accountId}`;
    return row?.invoice_id ?? null;
  }

  async creditedOf(invoiceId: string): Promise<ReadonlyMap<string, Decimal>> {
    const rows = await this.sql.$queryRaw<{ id: string; credited: string }[]>`
      SELECT id, credited::text FROM invoicing.orb_invoice_line WHERE invoice_id = ${invoiceId}`;
    return new Map(rows.map(({ id, credited }) => [id, decimal(credited)]));
  }

  async credit(lineId: string, amount: string): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.orb_invoice_line SET credited = credited + ${amount}::text::numeric WHERE id = ${lineId}`;
  }

  async beginAttempt(invoiceId: string, attempt: PaymentAttempt): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.payment_attempt (id, invoice_id, amount, status, created_at, is_automatic)
      VALUES (${attempt.id}, ${invoiceId}, ${attempt.amount}::text::numeric, ${attempt.status},
        ${new Date(attempt.createdMs)}, ${attempt.isAutomatic})`;
  }

  async endAttempt(
    id: string,
    { status, paymentIntentId, failure }: InvoicePaymentState,
  ): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.payment_attempt SET status = ${status}, payment_intent_id = ${paymentIntentId},
        failure = ${failure} WHERE id = ${id}`;
  }

  async undoneOf(invoiceId: string): Promise<ReadonlyMap<string, LineUndone>> {
    const rows = await this.sql.$queryRaw<
      { id: string; undone: string; credited: string; returned: string }[]
    >`
      SELECT id, undone::text, credited::text, returned::text FROM invoicing.orb_invoice_line
      WHERE invoice_id = ${invoiceId}`;
    return new Map(
      rows.map(({ id, undone, credited, returned }) => [
        id,
        { undone: decimal(undone), credited: decimal(credited), returned: decimal(returned) },
      ]),
    );
  }

  async undo(lineId: string, { undone, credited, returned }: LineUndone): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.orb_invoice_line SET undone = undone + ${undone.toString()}::text::numeric,
        credited = credited + ${credited.toString()}::text::numeric,
        returned = returned + ${returned.toString()}::text::numeric
      WHERE id = ${lineId}`;
  }

  async returnCredit(accountId: string, credit: CreditToReturn, nowMs: number): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.credit_return (id, account_id, customer_id, invoice_id, line_id, currency, amount, due_at)
      VALUES (${credit.id}, ${accountId}, ${credit.customerId}, ${credit.documentId}, ${credit.lineId},
        ${credit.currency}, ${credit.amount}::text::numeric, ${new Date(nowMs)})`;
  }

  takeNumber(accountId: string, kind: 'invoice' | 'credit_note', year: number): Promise<string> {
    return takeNumber(this.sql, accountId, kind, year);
  }

  async insertNote(note: Omit<CreditNote, 'position'>): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.orb_credit_note
        (id, account_id, customer_id, invoice_id, number, type, reason, memo, total, lines, created_at)
      VALUES (${note.id}, ${note.accountId}, ${note.customerId}, ${note.invoiceId}, ${note.number}, ${note.type},
        ${note.reason}, ${note.memo}, ${note.total}::text::numeric, ${JSON.stringify(note.lines)}::jsonb,
        ${note.createdAt})`;
  }

  async balanceOf(customerId: string): Promise<Decimal> {
    const [row] = await this.sql.$queryRaw<{ balance: string }[]>`
      SELECT ending_balance::text AS balance FROM invoicing.balance_transaction
      WHERE customer_id = ${customerId} ORDER BY position DESC LIMIT 1`;
    return row ? decimal(row.balance) : Decimal.ZERO;
  }

  /** Of many customers; those who never had one are left out. */
  async balancesOf(customerIds: readonly string[]): Promise<ReadonlyMap<string, Decimal>> {
    const rows = await this.sql.$queryRaw<{ customer_id: string; balance: string }[]>`
      SELECT c.id AS customer_id, b.balance
      FROM unnest(${[...customerIds]}::text[]) AS c (id) CROSS JOIN LATERAL (
        SELECT ending_balance::text AS balance FROM invoicing.balance_transaction
        WHERE customer_id = c.id ORDER BY position DESC LIMIT 1) b`;
    return new Map(rows.map((row) => [row.customer_id, decimal(row.balance)]));
  }

  async addToBalance(entry: Omit<BalanceTransaction, 'position'>): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.balance_transaction (id, account_id, customer_id, type, action, amount, starting_balance,
        ending_balance, description, invoice_id, credit_note_id, created_at)
      VALUES (${entry.id}, ${entry.accountId}, ${entry.customerId}, ${entry.type}, ${entry.action},
        ${entry.amount}::text::numeric, ${entry.startingBalance}::text::numeric,
        ${entry.endingBalance}::text::numeric, ${entry.description}, ${entry.invoiceId}, ${entry.creditNoteId},
        ${entry.createdAt})`;
  }
}

const noted = ({ note, external_customer_id }: NoteRow, publicUrl: string): NotedCustomer => {
  const read = noteFromJson(note, publicUrl);
  return { note: read, customer: { id: read.customerId, external_customer_id } };
};

const page = (row: 'n' | 'b', { after, created }: ListQuery): Prisma.Sql =>
  Prisma.sql`${rowsAfter(after, row)} ${createdIn(created, row)}`;
