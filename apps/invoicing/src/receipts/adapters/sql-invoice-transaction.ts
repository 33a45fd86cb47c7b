import { type PrismaClient } from '@orbit/persistence';
import type { InvoiceTransaction, OutboxEvent } from '../application/ports.js';
import { rankOf, type Correction } from '../domain/correction.js';
import type { CreditNote } from '../domain/credit-note.js';
import type { DocumentKind } from '../../numbering/domain/document-number.js';
import type { Invoice, InvoiceStatus } from '../domain/invoice.js';
import {
  correctionFromRow,
  creditNoteFromRow,
  creditNoteToRow,
  invoiceFromRow,
  invoiceToRow,
} from './invoice-store.mapping.js';
import { lockSeries, takeNumbers } from '../../numbering/adapters/sql-document-series.js';

type Sql = Pick<
  PrismaClient,
  '$queryRaw' | '$executeRaw' | 'invoice' | 'invoiceOutbox' | 'receiptCorrection' | 'creditNote'
>;

export class SqlInvoiceTransaction implements InvoiceTransaction {
  constructor(private readonly sql: Sql) {}

  lockSeries(account: string): Promise<void> {
    return lockSeries(this.sql, account);
  }

  takeNumbers(
    account: string,
    kind: DocumentKind,
    counts: ReadonlyMap<number, number>,
  ): Promise<ReadonlyMap<number, number>> {
    return takeNumbers(this.sql, account, kind, counts);
  }

  async readInvoicedTopUps(topupIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.sql.$queryRaw<{ topup_id: string }[]>`
      SELECT topup_id FROM invoicing.invoice WHERE topup_id = ANY(${[...topupIds]}::text[])`;
    return new Set(rows.map((row) => row.topup_id));
  }

  async readInvoicesOf(topupIds: readonly string[]): Promise<readonly Invoice[]> {
    const rows = await this.sql.invoice.findMany({
      where: { topupId: { in: [...topupIds] } },
      orderBy: { topupId: 'asc' },
    });
    return rows.map(invoiceFromRow);
  }

  async insertInvoices(invoices: readonly Invoice[]): Promise<void> {
    await this.sql.invoice.createMany({ data: invoices.map(invoiceToRow) });
  }

  async saveStatuses(
    changes: readonly { readonly id: string; readonly status: InvoiceStatus }[],
  ): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.invoice i SET status = n.status
      FROM unnest(${changes.map(({ id }) => id)}::text[],
                  ${changes.map(({ status }) => status)}::text[]) AS n(id, status)
      WHERE i.id = n.id`;
  }

  async saveCorrections(corrections: readonly Correction[]): Promise<void> {
    const column = (of: (one: Correction) => string): string[] => corrections.map(of);
    await this.sql.$executeRaw`
      INSERT INTO invoicing.receipt_correction AS c
        (organization_id, kind, correction_id, topup_id, state, rank, amount_micros, unit, occurred_at)
      SELECT organization_id, kind, correction_id, topup_id, state, rank::smallint, amount_micros::bigint, unit,
        occurred_at::timestamptz
      FROM unnest(${column((one) => one.organizationId)}::text[], ${column((one) => one.kind)}::text[],
                  ${column((one) => one.correctionId)}::text[], ${column((one) => one.topupId)}::text[],
                  ${column((one) => one.state)}::text[], ${column((one) => String(rankOf(one)))}::text[],
                  ${column((one) => String(one.amountMicros))}::text[], ${column((one) => one.unit)}::text[],
                  ${column((one) => new Date(one.occurredAtMs).toISOString())}::text[])
        AS n(organization_id, kind, correction_id, topup_id, state, rank, amount_micros, unit, occurred_at)
      ON CONFLICT (organization_id, kind, correction_id) DO UPDATE SET
        state = excluded.state, rank = excluded.rank, amount_micros = excluded.amount_micros,
        occurred_at = excluded.occurred_at
      WHERE (excluded.rank, excluded.occurred_at) > (c.rank, c.occurred_at)`;
  }

  async readCorrections(topupIds: readonly string[]): Promise<readonly Correction[]> {
    const rows = await this.sql.receiptCorrection.findMany({
      where: { topupId: { in: [...topupIds] } },
      orderBy: [{ occurredAt: 'asc' }, { correctionId: 'asc' }],
    });
    return rows.map(correctionFromRow);
  }

  async readCreditNotes(invoiceIds: readonly string[]): Promise<readonly CreditNote[]> {
    const rows = await this.sql.creditNote.findMany({
      where: { invoiceId: { in: [...invoiceIds] } },
      orderBy: [{ year: 'asc' }, { sequence: 'asc' }],
    });
    return rows.map(creditNoteFromRow);
  }

  async insertCreditNotes(notes: readonly CreditNote[]): Promise<void> {
    await this.sql.creditNote.createMany({ data: notes.map(creditNoteToRow) });
  }

  async voidCreditNotes(ids: readonly string[]): Promise<void> {
    await this.sql.creditNote.updateMany({
      where: { id: { in: [...ids] } },
      data: { status: 'void' },
    });
  }

  async addToOutbox(events: readonly OutboxEvent[]): Promise<void> {
    await this.sql.invoiceOutbox.createMany({
      data: events.map((event) => ({
        eventId: event.eventId,
        topic: 'invoice.issued',
        key: event.value.organization_id,
        value: { ...event.value },
        createdAt: new Date(event.createdAtMs),
        ...(event.trace && { trace: { ...event.trace } }),
      })),
    });
  }
}
