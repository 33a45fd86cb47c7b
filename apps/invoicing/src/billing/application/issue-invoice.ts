import { OrbitError, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { invariant, type AccountClock } from '@orbit/kernel';
import { answered, notFound, refused, type Changes, type OrbRefusal } from '@orbit/orb-api';
import type { Invoice, InvoiceParts, Invoices } from './invoice-ports.js';
import { toInvoice, toInvoiceSummary } from '../domain/invoice-view.js';
import { BILLED_BY_STRIPE } from '../domain/refusals.js';
import type { RunBilling } from './run-billing.js';
import { issueDrawn } from './issue-draft.js';
import type { BillingTransaction } from './ports.js';

/** Issues drafts that nobody issues by itself. Errors: unavailable while usage-metering is behind or the ledger away. */
export class IssueInvoice {
  constructor(
    private readonly invoices: Invoices,
    private readonly billing: Pick<RunBilling, 'prepare'>,
    private readonly changes: Changes<BillingTransaction>,
    private readonly clock: AccountClock,
  ) {}

  issue(call: OrbCall): Promise<OrbAnswer> {
    return this.run(call, (parts) => toInvoice(parts, true));
  }

  issueSummary(call: OrbCall): Promise<OrbAnswer> {
    return this.run(call, toInvoiceSummary);
  }

  private async run(call: OrbCall, show: (parts: InvoiceParts) => unknown): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const id = call.path['invoice_id'] ?? '';
    const nowMs = await this.clock.nowMs(accountId);
    const known = await this.invoices.read(accountId, id);
    // Before the transaction, which holds locks: it asks another service, and may be repeated.
    const isReady = known !== null && faultOf(known.invoice, nowMs) === null;
    if (isReady && !(await this.billing.prepare(accountId, id, nowMs))) {
      throw new OrbitError('unavailable', 'usage-metering has not counted everything yet');
    }
    return this.changes.run(call, async (tx) => {
      const parts = await tx.invoices.read(accountId, id);
      if (!parts) return refused(notFound('invoice', id));
      const fault = faultOf(parts.invoice, nowMs);
      if (fault) return refused(fault);
      await issueDrawn(tx, accountId, id, nowMs);
      const issued = await tx.invoices.read(accountId, id);
      invariant(issued?.invoice.stage === 'issued', 'what was just issued is issued');
      return answered(200, show(issued));
    });
  }
}

/** Why a draft cannot be issued by hand now; null: it can. */
function faultOf(invoice: Invoice, nowMs: number): OrbRefusal | null {
  const { status, willAutoIssue, eligibleMs } = invoice;
  const refusal = (detail: string): OrbRefusal => ({ code: 'constraint_violation', detail });
  if (invoice.biller === 'stripe') return refusal(BILLED_BY_STRIPE);
  if (status !== 'draft') return refusal(`Only a draft can be issued; this invoice is ${status}.`);
  if (willAutoIssue) return refusal('The invoice issues itself: will_auto_issue is true.');
  if (eligibleMs === null || eligibleMs > nowMs) {
    const at = eligibleMs === null ? 'later' : `at ${new Date(eligibleMs).toISOString()}`;
    return refusal(`The invoice can be issued ${at}.`);
  }
  return null;
}
