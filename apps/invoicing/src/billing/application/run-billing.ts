import { FirstFault, invariant, type AccountClock } from '@orbit/kernel';
import type {
  BillingRuns,
  BillingTransaction,
  DocumentCredits,
  DueDraft,
  DueWork,
  UsageByKey,
  UsageSource,
} from './ports.js';
import { advance } from './advance.js';
import { issueDraft } from './issue-draft.js';
import { chargesOfDraft, keepDrawn, keepPriced } from './price-draft.js';
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
    private readonly credits: DocumentCredits,
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
      for (const credit of await this.due.returns(accountId, dueMs)) {
        await this.credits.giveBack(credit);
        await this.due.returned(credit.id);
        count += 1;
      }
      for (const id of await this.due.subscriptions(accountId, dueMs)) {
        await this.runs.run((tx) => this.advance(tx, accountId, id, dueMs));
        count += 1;
      }
      // One that cannot be issued now keeps nobody else's waiting.
      const faults = new FirstFault();
      for (const id of await this.due.drafts(accountId, dueMs)) {
        const isIssued = await faults.keep(() => this.issue(accountId, id, dueMs));
        if (isIssued === false) return { status: 'behind', count };
        if (isIssued) count += 1;
      }
      faults.throwFirst();
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

  /** All steps of an issue, each in a transaction of its own. False: usage-metering is behind. */
  private async issue(accountId: string, invoiceId: string, nowMs: number): Promise<boolean> {
    if (!(await this.prepare(accountId, invoiceId, nowMs))) return false;
    await this.runs.run((tx) => this.issueDrawn(tx, accountId, invoiceId, nowMs));
    return true;
  }

  /**
   * All steps of an issue but the last: what the periods of a draft held is written down for good, then what that
   * costs, then what prepaid credit paid of it. Nothing for a document without a subscription. May be repeated, and
   * goes on where it was left. False: usage-metering is behind. Errors: unavailable, timeout, the database's own.
   */
  async prepare(accountId: string, invoiceId: string, nowMs: number): Promise<boolean> {
    const draft = await this.due.draft(accountId, invoiceId);
    if (!draft) return true;
    const { stage } = draft.invoice;
    if (stage === 'due' || stage === 'closed') {
      if (!(await this.closeAndPrice(accountId, draft, nowMs))) return false;
    }
    await this.draw(accountId, invoiceId);
    return true;
  }

  private async closeAndPrice(
    accountId: string,
    { invoice, subscription, billed }: DueDraft,
    nowMs: number,
  ): Promise<boolean> {
    if (invoice.source === 'subscription') {
      // What partial invoices take is known before the rest of the period is priced.
      for (const id of await this.due.partials(accountId, subscription.id)) {
        if (!(await this.issue(accountId, id, nowMs))) return false;
      }
    }
    const { fresh, earlier } = chargesOfDraft(subscription, invoice, billed);
    if (invoice.stage === 'due') {
      const closed = await this.usage.close(accountId, asksOf(subscription, fresh));
      if (!closed) return false;
      await this.runs.run((tx) => keepClosed(tx, accountId, invoice.id, closed));
    }
    const earlierUsage = await this.usage.read(accountId, asksOf(subscription, earlier));
    const draws = await this.credits.facts(subscription, fresh, earlier);
    await this.runs.run(async (tx) => {
      const locked = await tx.subscriptions.lock(accountId, subscription.id);
      const customer = await tx.customers.lock(accountId, invoice.customerId);
      if (!locked || !customer) return;
      await keepPriced(tx, locked, customer, invoice.id, nowMs, { earlierUsage, draws });
    });
    return true;
  }

  /** The ledger is asked for what stands in the plan, and says the same when it is asked again. */
  private async draw(accountId: string, invoiceId: string): Promise<void> {
    const draft = await this.due.draft(accountId, invoiceId);
    if (draft?.invoice.stage !== 'priced') return;
    const { invoice } = draft;
    const applied = invoice.draw && (await this.credits.draw(invoice, invoice.draw));
    await this.runs.run((tx) => keepDrawn(tx, accountId, invoiceId, applied ?? new Map()));
  }

  /** The last step. Nothing happens when it was issued meanwhile. */
  async issueDrawn(
    tx: BillingTransaction,
    accountId: string,
    invoiceId: string,
    nowMs: number,
  ): Promise<void> {
    const known = await tx.invoices.read(accountId, invoiceId);
    if (!known) return;
    const { subscriptionId, customerId } = known.invoice;
    if (subscriptionId !== null) await tx.subscriptions.lock(accountId, subscriptionId);
    const customer = await tx.customers.lock(accountId, customerId);
    const parts = customer && (await tx.invoices.lock(accountId, invoiceId));
    if (!parts || parts.invoice.stage === 'issued') return;
    const { invoice, lines } = parts;
    const isReady = subscriptionId === null || invoice.stage === 'drawn';
    invariant(isReady, 'what is issued was priced and has drawn its credit');
    await issueDraft(tx, invoice, customer, lines, nowMs);
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
    const faults = new FirstFault();
    for (const accountId of await this.due.accounts()) {
      if ((await this.clock.standsAtMs(accountId)) !== null) continue;
      await faults.keep(async () => {
        await this.billing.runDue(accountId, await this.clock.nowMs(accountId));
      });
    }
    faults.throwFirst();
  }
}
