import { FirstFault, type AccountClock } from '@orbit/kernel';
import { askForPayment, beginAttempt, endAttempt, type Begun } from './pay-invoice.js';
import type {
  BillingRuns,
  BillingTransaction,
  DueCollections,
  InvoicePayments,
  OpenPayments,
} from './ports.js';

/**
 * Invoices that collect themselves: charged by the customer's saved payment method when they are due, again on later
 * days after a failure. Errors: checkout's unavailable, timeout and payment_provider_error; the database's own.
 */
export class CollectInvoices {
  constructor(
    private readonly runs: BillingRuns,
    private readonly payments: InvoicePayments,
    private readonly due: DueCollections & OpenPayments,
    private readonly clock: AccountClock,
  ) {}

  /** When the next invoice of an account is charged, also in the past; null: none is. */
  nextDue(accountId: string): Promise<number | null> {
    return this.due.nextCollectionMs(accountId);
  }

  /** Charges what is due of all accounts. */
  async run(): Promise<void> {
    const faults = new FirstFault();
    for (const accountId of await this.due.collecting()) {
      await faults.keep(async () => this.runDue(accountId, await this.clock.nowMs(accountId)));
    }
    faults.throwFirst();
  }

  /** Charges what is due of an account; how many invoices that was. */
  async runDue(accountId: string, nowMs: number): Promise<number> {
    const faults = new FirstFault();
    const ids = await this.due.collections(accountId, nowMs);
    for (const id of ids) await faults.keep(() => this.collect(accountId, id, nowMs));
    faults.throwFirst();
    return ids.length;
  }

  /** Looks at payments of which nobody learned the outcome: those of `open`, or whatever is old enough. */
  async recover(open: OpenPayments = this.due): Promise<void> {
    const faults = new FirstFault();
    for (const { accountId, invoiceId } of await open.list()) {
      await faults.keep(async () => {
        const parts = await this.runs.run((tx) => tx.invoices.read(accountId, invoiceId));
        const attempt = parts?.attempts.find(({ status }) => status === 'open');
        if (!parts || !attempt) return;
        const nowMs = await this.clock.nowMs(accountId);
        await this.finish({ invoice: parts.invoice, attempt }, nowMs);
      });
    }
    faults.throwFirst();
  }

  private async collect(accountId: string, id: string, nowMs: number): Promise<void> {
    const begun = await this.runs.run((tx) => begin(tx, accountId, id, nowMs));
    if (begun) await this.finish(begun, nowMs);
  }

  private async finish(begun: Begun, nowMs: number): Promise<void> {
    const state = await askForPayment(this.payments, begun);
    await this.runs.run((tx) => endAttempt(tx, begun, state, nowMs));
  }
}

/** Null: it is due no more, or somebody is paying it. From here on the attempt's outcome says when the next one is. */
async function begin(
  tx: BillingTransaction,
  accountId: string,
  id: string,
  nowMs: number,
): Promise<Begun | null> {
  const parts = await tx.invoices.lock(accountId, id);
  if (!parts) return null;
  const { invoice, attempts } = parts;
  if (invoice.collectMs === null || invoice.collectMs > nowMs) return null;
  if (attempts.some(({ status }) => status === 'open')) return null;
  const begun = await beginAttempt(tx, accountId, id, nowMs, true);
  await tx.invoices.save({ ...invoice, collectMs: null });
  return begun?.ok === true ? begun.value : null;
}
