import { FirstFault, type AccountClock } from '@orbit/kernel';
import { decimal, parseDecimal, sumOf, type Decimal } from '@orbit/pricing';
import { settingsAt } from '../../orb-subscriptions/domain/settings.js';
import { summaryOf, toSubscription } from '../../orb-subscriptions/domain/subscription-view.js';
import { planAt, statusAt } from '../../timeline/domain/position.js';
import { printAmount } from '../domain/print-line.js';
import { currencyOf, placesOf } from '../domain/billed.js';
import { draftOf } from './advance.js';
import type { LookAtDraft } from './look-at-draft.js';
import type {
  BillingRuns,
  BillingTransaction,
  Subscription,
  ThresholdSubject,
  ThresholdWatch,
  UsageVersions,
} from './ports.js';

/** The reading by which a subscription is judged. */
interface Looked {
  readonly threshold: string;
  /** Of usage that is on no invoice yet, in money, after prepaid credit. */
  readonly amount: Decimal;
  readonly partials: number;
}

/**
 * Invoicing thresholds: when the usage of a running period that is on no invoice yet reaches the threshold, it gets a
 * partial invoice at once. Subscriptions are looked at when they or their usage changed. Errors: usage-metering's and
 * wallet-ledger's unavailable and timeout, the database's own.
 */
export class JudgeThresholds {
  constructor(
    private readonly watch: ThresholdWatch,
    private readonly reads: Pick<BillingTransaction, 'subscriptions' | 'customers' | 'invoices'>,
    private readonly runs: BillingRuns,
    private readonly drafts: LookAtDraft,
    private readonly usage: UsageVersions,
    private readonly clock: AccountClock,
  ) {}

  /** Of one account, or of all. Returns the accounts in which a partial invoice was made. */
  async run(accountId: string | null = null): Promise<ReadonlySet<string>> {
    const subjects = await this.watch.subjects(accountId);
    const made = new Set<string>();
    const faults = new FirstFault();
    for (const id of new Set(subjects.map((each) => each.accountId))) {
      const of = subjects.filter((each) => each.accountId === id);
      const nowMs = await this.clock.nowMs(id);
      const customerIds = new Set(of.flatMap((each) => each.customerIds));
      // Asked before usage is read: what comes in between is looked at again.
      const versions = await this.usage.versions(id, [...customerIds]);
      for (const subject of of) {
        const seen = versionOf(subject.customerIds, versions);
        if (!subject.isDue && seen === subject.seenUsage) continue;
        await faults.keep(async () => {
          if (await this.judge(subject, nowMs)) made.add(id);
        });
      }
    }
    faults.throwFirst();
    return made;
  }

  /** Whether a partial invoice was made. */
  private async judge(subject: ThresholdSubject, nowMs: number): Promise<boolean> {
    const { accountId, id } = subject;
    const subscription = await this.reads.subscriptions.read(accountId, id);
    if (!subscription) return false;
    const customerIds = customersOf(subscription);
    const usageVersion = versionOf(customerIds, await this.usage.versions(accountId, customerIds));
    const looked = await this.look(subscription, nowMs);
    // One that is on its way is waited for.
    if (looked === 'waits') return false;
    const isReached = looked !== null && isAtLeast(looked.amount, looked.threshold);
    const isMade =
      isReached && (await this.runs.run((tx) => this.make(tx, subscription, looked, nowMs)));
    if (isReached && !isMade) return false;
    const isOver = statusAt(subscription.timeline, nowMs) === 'ended';
    await this.watch.judged(subject, { usageVersion, customerIds, isOver });
    return isMade;
  }

  /** Null: it has no threshold now. */
  private async look(subscription: Subscription, nowMs: number): Promise<Looked | 'waits' | null> {
    const { invoicing_threshold: threshold } = settingsAt(subscription, nowMs);
    if (threshold === null) return null;
    const { accountId, customerId, id } = subscription;
    const customer = await this.reads.customers.find(accountId, { id: customerId });
    if (!customer) return null;
    const { count, open } = await this.reads.invoices.partialsOf(id);
    if (open > 0) return 'waits';
    const { lines } = await this.drafts.unbilled(subscription, customer, nowMs);
    const amount = sumOf(lines.map((line) => decimal(line.amount)));
    return { threshold, amount, partials: count };
  }

  /** False: it changed meanwhile, and is looked at again. */
  private async make(
    tx: BillingTransaction,
    { accountId, id }: Subscription,
    { threshold, amount, partials }: Looked,
    nowMs: number,
  ): Promise<boolean> {
    const subscription = await tx.subscriptions.lock(accountId, id);
    const customer = subscription && (await tx.customers.lock(accountId, subscription.customerId));
    if (!customer) return false;
    const known = await tx.invoices.partialsOf(id);
    const now = settingsAt(subscription, nowMs).invoicing_threshold;
    if (now !== threshold || known.count !== partials) return false;
    const draft = draftOf(subscription, customer, {
      ...{ source: 'partial', dateMs: nowMs, nth: partials, nowMs },
      ...{ hasUsage: true, eligibleMs: nowMs },
    });
    if (!(await tx.invoices.insert(draft))) return false;
    const properties = {
      evaluated_amount: printAmount(amount, placesOf(currencyOf(customer))),
      ...{ invoice_id: draft.id, invoicing_threshold: threshold, threshold_invoice_created: true },
    };
    const resources = { subscription: await shortOf(tx, subscription, customer.view, nowMs) };
    await tx.facts.record({
      ...{ accountId, organizationId: customer.id, objectId: id, atMs: nowMs, properties },
      type: 'subscription.invoicing_threshold_exceeded',
      ...{ resources, standardResources: resources },
    });
    return true;
  }
}

async function shortOf(
  tx: BillingTransaction,
  subscription: Subscription,
  customer: Readonly<Record<string, unknown>>,
  nowMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  const span = planAt(subscription.timeline, nowMs);
  const plan =
    span && (await tx.catalogue.planView(subscription.accountId, span.planId, span.version));
  const shown = summaryOf(toSubscription(subscription, { customer, plan }, nowMs));
  const { id, status, start_date, end_date } = shown;
  return { id, status, start_date, end_date, plan: shown['plan'], customer: shown['customer'] };
}

const isAtLeast = (amount: Decimal, threshold: string): boolean => {
  const least = parseDecimal(threshold);
  return least !== null && amount.digits > 0n && !least.isAbove(amount);
};

/** Whose usage a subscription counts. */
const customersOf = ({ customerId, timeline }: Subscription): readonly string[] =>
  [
    ...new Set([customerId, ...timeline.prices.flatMap((price) => price.usageCustomerIds ?? [])]),
  ].sort();

const versionOf = (ids: readonly string[], versions: ReadonlyMap<string, string>): string =>
  ids.map((id) => versions.get(id) ?? '0').join(' ');
