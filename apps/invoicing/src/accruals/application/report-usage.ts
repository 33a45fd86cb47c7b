import { FirstFault, type AccountClock } from '@orbit/kernel';
import type { Subscription } from '../../billing/domain/subscription.js';
import { accruedLineId, type DrawPart } from '../../draws/domain/draw-plan.js';
import { statusAt } from '../../timeline/domain/position.js';
import type {
  AccrualReads,
  AccrualSubject,
  AccrualVersions,
  AccrualWatch,
  AccruedPlans,
  PendingLedger,
  UsageVersions,
} from './ports.js';

/**
 * Reports to the ledger the usage of customers with credit that is on no invoice yet, so that it is pending there:
 * absolute and with a version, subscription by subscription, when the usage, the subscription or its documents
 * changed. A report in doubt is sent again. Errors: the first one that stopped a subscription; the others are
 * reported all the same.
 */
export class ReportUsage {
  constructor(
    private readonly watch: AccrualWatch,
    private readonly reads: AccrualReads,
    private readonly plans: AccruedPlans,
    private readonly usage: UsageVersions,
    private readonly ledger: PendingLedger,
    private readonly versions: AccrualVersions,
    private readonly clock: AccountClock,
  ) {}

  /** Of one account, or of all. Returns the number of subscriptions that were reported to the ledger. */
  async run(accountId: string | null = null): Promise<number> {
    const customers = await this.watch.customers(accountId);
    if (customers.length === 0) return 0;
    const holders = await this.ledger.holders(customers);
    const subjects = await this.watch.subjects(accountId, [...holders]);
    const faults = new FirstFault();
    let count = 0;
    for (const id of new Set(subjects.map((each) => each.accountId))) {
      const of = subjects.filter((each) => each.accountId === id);
      const nowMs = await this.clock.nowMs(id);
      const customerIds = new Set(of.flatMap((each) => each.customerIds));
      const versions = await this.usage.versions(id, [...customerIds]);
      for (const subject of of) {
        const seen = versionOf(subject.customerIds, versions, nowMs);
        if (!subject.isDue && seen === subject.seenUsage) continue;
        await faults.keep(async () => {
          if (await this.report(subject, nowMs)) count += 1;
        });
      }
    }
    faults.throwFirst();
    return count;
  }

  /** False: a document is being drawn; its subscription is reported afterwards. */
  private async report(subject: AccrualSubject, nowMs: number): Promise<boolean> {
    const { accountId, id } = subject;
    // Before anything is read: whatever is read is then no older than its version says.
    const version = await this.versions.next();
    const subscription = await this.reads.subscriptions.read(accountId, id);
    const customer =
      subscription && (await this.reads.customers.find(accountId, { id: subscription.customerId }));
    if (!customer) return false;
    const customerIds = customersOf(subscription);
    const versions = await this.usage.versions(accountId, customerIds);
    const usageVersion = versionOf(customerIds, versions, nowMs);
    const plan = await this.plans.accrued(subscription, customer, nowMs);
    if (plan === null) return false;
    const currencies = Object.keys(plan).filter((one) => (plan[one] ?? []).length > 0);
    const all = [...new Set([...subject.currencies, ...currencies])];
    await this.watch.begin(subject, all);
    for (const currency of all) {
      const parts = (plan[currency] ?? []).map(toAccrued);
      const { customerId } = subscription;
      await this.ledger.accrue({ customerId, currency, subscriptionId: id, version, parts });
    }
    const isEnded = statusAt(subscription.timeline, nowMs) === 'ended';
    const isOver = isEnded && currencies.length === 0;
    await this.watch.markReported(subject, { usageVersion, customerIds, currencies, isOver });
    return true;
  }
}

const toAccrued = (part: DrawPart): DrawPart => ({
  ...part,
  lineId: part.chargeKey === undefined ? part.lineId : accruedLineId(part.chargeKey),
});

/** Whose usage a subscription counts. */
const customersOf = ({ customerId, timeline }: Subscription): readonly string[] =>
  [
    ...new Set([customerId, ...timeline.prices.flatMap((price) => price.usageCustomerIds ?? [])]),
  ].sort();

const DAY_MS = 86_400_000;

/** With the day: events may be dated ahead, and a period begins whether or not anything is used. */
const versionOf = (
  ids: readonly string[],
  versions: ReadonlyMap<string, string>,
  nowMs: number,
): string => [Math.floor(nowMs / DAY_MS), ...ids.map((id) => versions.get(id) ?? '0')].join(' ');
