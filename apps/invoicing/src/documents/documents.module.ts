import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient, type Sql } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import { randomBytes } from 'node:crypto';
import type { BillingCustomers } from '../billing/domain/stores.js';
import type { InvoiceParts } from '../billing/domain/invoice.js';
import type { Seller } from '../receipts/domain/receipt.js';
import { DocumentsController } from './adapters/documents.controller.js';
import {
  SqlDocuments,
  SqlDocumentTransaction,
  type BillingDocuments,
} from './adapters/sql-documents.js';
import { PrismaPortalSessions, SqlPortalTransaction } from './adapters/sql-portal-sessions.js';
import type { DocumentRenderer, Payers } from './application/ports.js';
import { ServePortal } from './application/portal-sessions.js';
import { ReadDocuments, type Drafts } from './application/read-documents.js';
import { RegenerateDocument } from './application/regenerate-document.js';

export const DOCUMENT_CONTROLLERS = [DocumentsController];

const TOKEN_BYTES = 32;

/** Invoices of a customer that are shown to it, newest first. */
type CustomerInvoices = (
  accountId: string,
  customerId: string,
  limit: number,
) => Promise<readonly InvoiceParts[]>;

export interface DocumentParts {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
  readonly billingIn: (sql: Sql) => BillingDocuments;
  readonly invoicesOf: CustomerInvoices;
  readonly customers: BillingCustomers;
  readonly drafts: Drafts;
  readonly renderer: DocumentRenderer;
  readonly seller: Seller;
  readonly publicUrl: string;
}

/** Pages that customers open by a link: documents and the portal. */
export function documentsFeature(parts: DocumentParts): Feature {
  const { prisma, clock, accountClock, billingIn, customers, seller, publicUrl } = parts;
  const payers = payersOf(customers);
  const documents = new SqlDocuments(prisma, billingIn(prisma));
  const transaction = (sql: Sql) => new SqlDocumentTransaction(sql, billingIn(sql));
  const uses = [
    new ReadDocuments(documents, payers, parts.drafts, parts.renderer, seller),
    new RegenerateDocument(
      payers,
      new PrismaChanges(prisma, clock, 'invoicing', transaction),
      accountClock,
    ),
    new ServePortal(
      new PrismaPortalSessions(prisma),
      new PrismaChanges(prisma, clock, 'invoicing', (sql) => new SqlPortalTransaction(sql)),
      {
        customer: async (accountId, id) => {
          const found = await customers.find(accountId, { id });
          return found && { name: textOf(found.view['name']), currency: found.currency };
        },
        invoices: parts.invoicesOf,
      },
      clock,
      () => randomBytes(TOKEN_BYTES).toString('base64url'),
      { publicUrl, seller },
    ),
  ];
  return { controllers: DOCUMENT_CONTROLLERS, providers: instances(...uses) };
}

const payersOf = (customers: BillingCustomers): Payers => ({
  read: async (accountId, id) => {
    const customer = await customers.find(accountId, { id });
    if (!customer) return null;
    const { view } = customer;
    return {
      ...{ name: textOf(view['name']), email: textOf(view['email']) },
      billingAddress: fieldsOf(view['billing_address']),
      customerTaxId: fieldsOf(view['tax_id']),
    };
  },
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
