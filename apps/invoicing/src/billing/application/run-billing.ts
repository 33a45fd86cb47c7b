import type { AccountClock } from '@orbit/kernel';
import type { DueWork, BillingRuns, BillingTransaction, UsageByKey, UsageSource } from './ports.js';
import { advance } from './advance.js';
import { issueDraft } from './issue-draft.js';
import { chargesOfDraft, issueSettled } from './price-draft.js';
import { asksOf } from '../domain/usage-asks.js';

/** `behind`: usage-metering has not counted everything yet; the rest waits. */
export interface BillingRunOutcome {
  readonly status: 'done' | 'behind';
  /** How many subscriptions and documents were brought on. */
  readonly count: number;
}

/**
 * The billing run: what falls due, in the order of its instants, so that one jump of a year makes the documents that
 * 365 jumps of a day make. Each step is one transaction and may be repeated.
 */
export class RunBilling {
  constructor(
    private readonly due: DueWork,
    private readonly runs: BillingRuns,
    private readonly usage: UsageSource,
  ) {}

  /** When something of an account falls due next, also in the past; null: nothing. Errors: the database's own. */
  nextDue(accountId: string): Promise<number | null> {
    return this.due.nextDueMs(accountId);
  }

  /** Everything of an account that is due at an instant. Errors: unavailable, timeout, the database's own. */
  async runDue(accountId: string, untilMs: number): Promise<BillingRunOutcome> {
    let count = 0;
    for (;;) {
      const dueMs = await this.due.nextDueMs(accountId);
      if (dueMs === null || dueMs > untilMs) return { status: 'done', count };
      for (const id of await this.due.subscriptions(accountId, dueMs)) {
        await this.runs.run((tx) => this.advance(tx, accountId, id, dueMs));
        count += 1;
      }
      for (const id of await this.due.drafts(accountId, dueMs)) {
        if (!(await this.issue(accountId, id, dueMs))) return { status: 'behind', count };
        count += 1;
      }
    }
  }

  private async advance(
    tx: BillingTransaction,
    accountId: string,
    id: string,
    nowMs: number,
  ): Promise<void> {
    const subscription = await tx.subscriptions.lock(accountId, id);
    if (!subscription) return;
    const customer = await tx.customers.lock(accountId, subscription.customerId);
    if (customer) await advance(tx, subscription, customer, nowMs);
  }

  /** Closes the periods of a draft, then prices and issues it. False: usage-metering is behind. */
  private async issue(accountId: string, invoiceId: string, nowMs: number): Promise<boolean> {
    const usage = await this.close(accountId, invoiceId);
    if (usage === 'behind') return false;
    await this.runs.run((tx) => this.issueClosed(tx, accountId, invoiceId, usage, nowMs));
    return true;
  }

  /**
   * The first step of an issue: what the periods of a draft held is written down for good. Answers what earlier periods
   * hold now; null for a draft without a subscription. May be repeated.
   */
  async close(accountId: string, invoiceId: string): Promise<UsageByKey | null | 'behind'> {
    const draft = await this.due.draft(accountId, invoiceId);
    if (!draft) return null;
    const { invoice, subscription, billed } = draft;
    const { fresh, earlier } = chargesOfDraft(subscription, invoice.invoiceDateMs, billed);
    if (invoice.stage === 'due') {
      const closed = await this.usage.close(accountId, asksOf(subscription, fresh));
      if (!closed) return 'behind';
      await this.runs.run((tx) => keepClosed(tx, accountId, invoiceId, closed));
    }
    return this.usage.read(accountId, asksOf(subscription, earlier));
  }

  /** The last step. Nothing happens when it was issued meanwhile. */
  async issueClosed(
    tx: BillingTransaction,
    accountId: string,
    invoiceId: string,
    earlierUsage: UsageByKey | null,
    nowMs: number,
  ): Promise<void> {
    const known = await tx.invoices.read(accountId, invoiceId);
    if (!known) return;
    const { subscriptionId, customerId } = known.invoice;
    const subscription =
      subscriptionId === null ? null : await tx.subscriptions.lock(accountId, subscriptionId);
    const customer = await tx.customers.lock(accountId, customerId);
    if (!customer) return;
    if (subscription) {
      await issueSettled(tx, subscription, customer, invoiceId, nowMs, earlierUsage);
      return;
    }
    const parts = await tx.invoices.lock(accountId, invoiceId);
    if (!parts || parts.invoice.stage === 'issued') return;
    await issueDraft(tx, parts.invoice, customer, parts.lines, nowMs);
  }
}

async function keepClosed(
  tx: BillingTransaction,
  accountId: string,
  invoiceId: string,
  closed: UsageByKey,
): Promise<void> {
  const parts = await tx.invoices.lock(accountId, invoiceId);
  if (parts?.invoice.stage !== 'due') return;
  await tx.invoices.save({ ...parts.invoice, stage: 'closed', closed: Object.fromEntries(closed) });
}

/** Runs what is due of accounts on real time; accounts whose clock stands are somebody else's to run. */
export class RunDueAccounts {
  constructor(
    private readonly due: DueWork,
    private readonly billing: RunBilling,
    private readonly clock: AccountClock & {
      standsAtMs(accountId: string): Promise<number | null>;
    },
  ) {}

  /** Errors: the first one that stopped an account. */
  async run(): Promise<void> {
    for (const accountId of await this.due.accounts()) {
      if ((await this.clock.standsAtMs(accountId)) !== null) continue;
      await this.billing.runDue(accountId, await this.clock.nowMs(accountId));
    }
  }
}
