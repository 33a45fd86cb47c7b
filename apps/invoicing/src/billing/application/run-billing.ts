import { FirstFault, type AccountClock } from '@orbit/kernel';
import type { BillingRuns, DocumentCredits, DueDraft, DueWork, UsageSource } from './ports.js';
import { advanceOne } from './advance.js';
import { issueDrawn } from './issue-draft.js';
import { chargesOfDraft, keepClosed, keepDrawn, keepPriced } from './price-draft.js';
import type { RunBatches } from './run-batches.js';
import { asksOf } from '../domain/usage-asks.js';

/** `behind`: usage-metering has not counted everything yet; the rest waits. */
export interface BillingRunOutcome {
  readonly status: 'done' | 'behind';
  /** How many subscriptions and documents were brought on. */
  readonly count: number;
}

/**
 * The billing run: what falls due, in the order of its instants, so that one jump of a year makes the documents that
 * 365 jumps of a day make. What falls due at one instant goes in batches, each in one transaction; what a batch cannot
 * hold goes by itself, in one transaction a step. Either may be repeated.
 */
export class RunBilling {
  constructor(
    private readonly due: DueWork,
    private readonly runs: BillingRuns,
    private readonly usage: UsageSource,
    private readonly credits: DocumentCredits,
    private readonly batches: RunBatches,
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
      const subscriptions = await this.due.subscriptions(accountId, dueMs);
      for (const id of await this.batches.advance(accountId, subscriptions, dueMs)) {
        await this.runs.run((tx) => advanceOne(tx, accountId, id, dueMs));
      }
      count += subscriptions.length;
      // One that cannot be issued now keeps nobody else's waiting.
      const faults = new FirstFault();
      const drafts = await this.due.drafts(accountId, dueMs);
      const batch = await this.batches.issue(accountId, drafts, dueMs, faults);
      count += batch.count;
      if (batch.isBehind) return { status: 'behind', count };
      for (const id of batch.left) {
        const isIssued = await faults.keep(() => this.issue(accountId, id, dueMs));
        if (isIssued === false) return { status: 'behind', count };
        if (isIssued) count += 1;
      }
      faults.throwFirst();
    }
  }

  /** All steps of an issue, each in a transaction of its own. False: usage-metering is behind. */
  private async issue(accountId: string, invoiceId: string, nowMs: number): Promise<boolean> {
    if (!(await this.prepare(accountId, invoiceId, nowMs))) return false;
    await this.runs.run((tx) => issueDrawn(tx, accountId, invoiceId, nowMs));
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
    const draws = await this.credits.facts({ subscription, fresh, earlier });
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
