import type { FirstFault } from '@orbit/kernel';
import type { AppliedCredits, DrawFacts, DrawPlan } from '../../draws/domain/draw-plan.js';
import { NOTHING_HELD } from '../../draws/domain/draw-plan.js';
import { asksOf } from '../domain/usage-asks.js';
import { advanceOne } from './advance.js';
import { issueDrawn } from './issue-draft.js';
import {
  chargesOfDraft,
  keepClosed,
  keepDrawn,
  keepPriced,
  type DraftCharges,
} from './price-draft.js';
import type {
  BatchSubject,
  BillingBatches,
  BillingTransaction,
  DocumentCredits,
  DueDraft,
  DueWork,
  UsageByKey,
  UsageSource,
} from './ports.js';

/** The outcome of a batch of drafts. */
export interface BatchIssued {
  /** usage-metering has not counted everything yet. */
  readonly isBehind: boolean;
  /** How many documents were issued. */
  readonly count: number;
  /** Drafts that go by themselves, in their order. */
  readonly left: readonly string[];
}

interface Draft extends DueDraft {
  readonly subject: BatchSubject & { readonly invoiceId: string };
}

/** A draft whose usage was asked for. */
interface Counted extends Draft {
  readonly charges: DraftCharges;
  /** Null: it was closed before. */
  readonly closed: UsageByKey | null;
  readonly earlierUsage: UsageByKey;
  readonly draws: DrawFacts;
}

interface Draw {
  readonly subject: Draft['subject'];
  readonly customerId: string;
  readonly plan: DrawPlan | null;
}

/** Subjects of one transaction. It has to end before the database takes its silence for a lost client. */
const BATCH_MAX = 100;
/** Draws that wait for the ledger at once. */
const DRAWS_MAX = 8;

/**
 * Steps of the billing run for many subscriptions at once: as many questions to other services and statements for a
 * batch as for one. The steps are those that a subscription takes by itself, and whoever needs more than that is left.
 */
export class RunBatches {
  constructor(
    private readonly due: Pick<DueWork, 'ready'>,
    private readonly batches: BillingBatches,
    private readonly usage: Pick<UsageSource, 'readAll' | 'closeAll'>,
    private readonly credits: Pick<DocumentCredits, 'factsOfAll' | 'draw'>,
    private readonly sizeMax = BATCH_MAX,
  ) {}

  /** Subscriptions that are left. */
  async advance(accountId: string, ids: readonly string[], nowMs: number): Promise<string[]> {
    const left: string[] = [];
    for (const some of this.slices(ids)) {
      const subjects = some.map((subscriptionId) => ({ subscriptionId, invoiceId: null }));
      const rest = await this.run(accountId, subjects, (tx, { subscriptionId }) =>
        advanceOne(tx, accountId, subscriptionId, nowMs),
      );
      left.push(...rest.map(({ subscriptionId }) => subscriptionId));
    }
    return left;
  }

  /** Draws that fail are kept in `faults`, and keep nobody else waiting. Errors: unavailable, timeout, the database's own. */
  async issue(
    accountId: string,
    ids: readonly string[],
    nowMs: number,
    faults: FirstFault,
  ): Promise<BatchIssued> {
    let count = 0;
    const left: string[] = [];
    for (const some of this.slices(ids)) {
      const drafts = subjectsOf(await this.due.ready(accountId, some));
      const own = new Set(drafts.map(({ invoice }) => invoice.id));
      left.push(...some.filter((id) => !own.has(id)));
      const counted = await this.count(accountId, drafts);
      if (counted === null) return { isBehind: true, count, left };
      const rest = await this.issueCounted(accountId, drafts, counted, nowMs, faults);
      count += drafts.length - rest.waiting - rest.left.length;
      left.push(...rest.left);
    }
    return { isBehind: false, count, left };
  }

  /** Null: usage-metering is behind. */
  private async count(
    accountId: string,
    drafts: readonly Draft[],
  ): Promise<readonly Counted[] | null> {
    const open = drafts
      .filter(({ invoice: { stage } }) => stage === 'due' || stage === 'closed')
      .map((draft) => ({
        ...draft,
        charges: chargesOfDraft(draft.subscription, draft.invoice, draft.billed),
      }));
    if (open.length === 0) return [];
    const fresh = open.map(({ subscription, charges, invoice }) =>
      invoice.stage === 'due' ? asksOf(subscription, charges.fresh) : [],
    );
    const closed = await this.usage.closeAll(accountId, fresh);
    if (closed === null) return null;
    const earlier = open.map(({ subscription, charges }) => asksOf(subscription, charges.earlier));
    const isAsked = earlier.some((asks) => asks.length > 0);
    const earlierUsage = isAsked ? await this.usage.readAll(accountId, earlier) : [];
    const draws = await this.credits.factsOfAll(
      accountId,
      open.map(({ subscription, charges }) => ({ subscription, ...charges })),
    );
    return open.map((draft, index) => ({
      ...draft,
      closed: draft.invoice.stage === 'due' ? (closed[index] ?? new Map()) : null,
      earlierUsage: earlierUsage[index] ?? new Map(),
      draws: draws[index] ?? NOTHING_HELD,
    }));
  }

  /** Documents that draw nothing are priced and issued in one transaction; the others are issued when they have drawn. */
  private async issueCounted(
    accountId: string,
    drafts: readonly Draft[],
    counted: readonly Counted[],
    nowMs: number,
    faults: FirstFault,
  ): Promise<{ readonly waiting: number; readonly left: readonly string[] }> {
    const facts = new Map(counted.map((each) => [each.invoice.id, each]));
    const plans = new Map<string, Draw>();
    const price = async (tx: BillingTransaction, subject: BatchSubject): Promise<void> => {
      const each = facts.get(subject.invoiceId ?? '');
      if (!each) return;
      const plan = await priceOne(tx, accountId, each, nowMs);
      if (plan) plans.set(each.invoice.id, plan);
    };
    const left = await this.run(
      accountId,
      counted.map(({ subject }) => subject),
      price,
    );
    for (const { invoice, subject } of drafts) {
      const { id, customerId, stage } = invoice;
      if (stage === 'priced') plans.set(id, { subject, customerId, plan: invoice.draw });
      if (stage === 'drawn') plans.set(id, { subject, customerId, plan: null });
    }
    const isLeft = new Set(left.map(({ invoiceId }) => invoiceId));
    const waiting = [...plans.values()].filter(({ subject }) => !isLeft.has(subject.invoiceId));
    const drawn = await this.drawAll(waiting, faults);
    const rest = await this.run(
      accountId,
      [...drawn.keys()].map((id) => (plans.get(id) as Draw).subject),
      async (tx, { invoiceId }) => {
        const id = invoiceId ?? '';
        await keepDrawn(tx, accountId, id, drawn.get(id) ?? new Map());
        await issueDrawn(tx, accountId, id, nowMs);
      },
    );
    return {
      waiting: waiting.length - drawn.size,
      left: [...left, ...rest].flatMap(({ invoiceId }) => invoiceId ?? []),
    };
  }

  /** By document, in their order; those whose draw failed are left out. */
  private async drawAll(
    draws: readonly Draw[],
    faults: FirstFault,
  ): Promise<ReadonlyMap<string, AppliedCredits>> {
    const drawn = new Map<string, AppliedCredits>();
    for (let from = 0; from < draws.length; from += DRAWS_MAX) {
      const some = draws.slice(from, from + DRAWS_MAX);
      const applied = await Promise.all(
        some.map(({ subject, customerId, plan }) =>
          faults.keep(async (): Promise<AppliedCredits> =>
            plan
              ? this.credits.draw({ ...subject, id: subject.invoiceId, customerId }, plan)
              : new Map(),
          ),
        ),
      );
      for (const [index, { subject }] of some.entries()) {
        const each = applied[index];
        if (each) drawn.set(subject.invoiceId, each);
      }
    }
    return drawn;
  }

  private async run(
    accountId: string,
    subjects: readonly BatchSubject[],
    work: (tx: BillingTransaction, subject: BatchSubject) => Promise<void>,
  ): Promise<readonly BatchSubject[]> {
    return subjects.length === 0 ? [] : this.batches.run(accountId, subjects, work);
  }

  private slices<T>(values: readonly T[]): readonly (readonly T[])[] {
    return Array.from({ length: Math.ceil(values.length / this.sizeMax) }, (_, index) =>
      values.slice(index * this.sizeMax, (index + 1) * this.sizeMax),
    );
  }
}

/** The draw that is to come; null: it was issued, or is nobody's to issue any more. */
async function priceOne(
  tx: BillingTransaction,
  accountId: string,
  { invoice: { id, customerId }, subscription, closed, earlierUsage, draws, subject }: Counted,
  nowMs: number,
): Promise<Draw | null> {
  if (closed) await keepClosed(tx, accountId, id, closed);
  const locked = await tx.subscriptions.lock(accountId, subscription.id);
  const customer = await tx.customers.lock(accountId, customerId);
  if (!locked || !customer) return null;
  await keepPriced(tx, locked, customer, id, nowMs, { earlierUsage, draws });
  const parts = await tx.invoices.read(accountId, id);
  if (parts?.invoice.stage === 'priced') {
    return { subject, customerId, plan: parts.invoice.draw };
  }
  await issueDrawn(tx, accountId, id, nowMs);
  return null;
}

/** One document of each subscription: the next one is priced by what this one billed. */
function subjectsOf(ready: readonly DueDraft[]): readonly Draft[] {
  const seen = new Set<string>();
  return ready.flatMap((draft) => {
    const { invoice, subscription } = draft;
    if (invoice.source !== 'subscription' || seen.has(subscription.id)) return [];
    seen.add(subscription.id);
    return [{ ...draft, subject: { subscriptionId: subscription.id, invoiceId: invoice.id } }];
  });
}
