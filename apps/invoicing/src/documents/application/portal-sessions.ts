import type { OrbAnswer, OrbCall, PortalView } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import { answered, notFound, refused, type Changes } from '@orbit/orb-api';
import { displayDecimal, formatDate, type Seller } from '../../receipts/domain/receipt.js';
import type { InvoiceParts } from '../../billing/domain/invoice.js';

export interface PortalSession {
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  /** Real time, as all of a session's instants. */
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Errors: the database's own. */
export interface PortalSessions {
  /** One that has neither expired nor ended. */
  find(token: string, nowMs: number): Promise<PortalSession | null>;
}

export interface PortalTransaction {
  /** Ends the customer's open sessions. Whoever else opens one waits. */
  endAll(customerId: string, at: Date): Promise<void>;
  insert(session: PortalSession, token: string): Promise<void>;
}

/** The customer's data that a portal shows. */
export interface PortalReads {
  customer(
    accountId: string,
    id: string,
  ): Promise<{ readonly name: string; readonly currency: string | null } | null>;
  /** Newest first; drafts are not among them. */
  invoices(accountId: string, customerId: string, limit: number): Promise<readonly InvoiceParts[]>;
}

const EXPIRES_IN_MINUTES = 60;
const INVOICES_SHOWN_MAX = 100;
const MINUTE_MS = 60_000;

/** Sessions of the customer portal: who has the address, reads. Errors: the database's own; refusals are answers. */
export class ServePortal {
  constructor(
    private readonly sessions: PortalSessions,
    private readonly changes: Changes<PortalTransaction>,
    private readonly reads: PortalReads,
    private readonly clock: Clock,
    private readonly newToken: () => string,
    private readonly site: { readonly publicUrl: string; readonly seller: Seller },
  ) {}

  create(call: OrbCall): Promise<OrbAnswer> {
    const { account, body, customer } = call;
    return this.changes.run(call, async (tx) => {
      const id = customer?.id ?? '';
      const found = customer && (await this.reads.customer(account.id, id));
      if (!found) return refused(notFound('customer', id));
      const nowMs = this.clock.nowMs();
      const minutes = (body['expires_in_minutes'] ?? EXPIRES_IN_MINUTES) as number;
      const session: PortalSession = {
        ...{ id: newId('ps', nowMs), accountId: account.id, customerId: id },
        createdAt: new Date(nowMs),
        expiresAt: new Date(nowMs + minutes * MINUTE_MS),
      };
      if (body['invalidate_existing'] !== false) await tx.endAll(id, session.createdAt);
      const token = this.newToken();
      await tx.insert(session, token);
      return answered(201, {
        ...{ id: session.id, customer_id: id },
        created_at: session.createdAt.toISOString(),
        expires_at: session.expiresAt.toISOString(),
        url: `${this.site.publicUrl}/portal/${token}`,
      });
    });
  }

  /** Null: there is no such session, or it has ended. */
  async open(token: string): Promise<PortalView | null> {
    const session = await this.sessions.find(token, this.clock.nowMs());
    if (!session) return null;
    const { accountId, customerId, expiresAt } = session;
    const customer = await this.reads.customer(accountId, customerId);
    if (!customer) return null;
    const invoices = await this.reads.invoices(accountId, customerId, INVOICES_SHOWN_MAX);
    return {
      ...{ account_id: accountId, customer_id: customerId },
      ...{ name: customer.name, seller: this.site.seller.name, currency: customer.currency },
      expires_at: expiresAt.toISOString(),
      invoices: invoices.flatMap(({ invoice, links }) =>
        links === null
          ? []
          : [
              {
                token: tokenOf(links.page),
                number: invoice.number ?? '',
                status: invoice.status,
                date: formatDate(invoice.invoiceDateMs),
                total: displayDecimal(invoice.total, invoice.currency),
                amount_due: displayDecimal(invoice.amountDue, invoice.currency),
                has_pdf: links.pdf !== null,
              },
            ],
      ),
    };
  }
}

const tokenOf = (page: string): string => page.slice(page.lastIndexOf('/') + 1);
