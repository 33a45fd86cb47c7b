import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { newId } from '@orbit/kernel';
import { answered, mergeMetadata, notFound, refused, type Changes } from '@orbit/orb-api';
import { addCivil, midnightMs } from '../../timeline/domain/civil.js';
import { newTimeline } from '../../timeline/domain/new-timeline.js';
import { readAnchor } from '../../timeline/domain/read-anchor.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import { instantIn, nameIn } from '../../billing/domain/read-request.js';
import {
  absent,
  against,
  notBuilt,
  notBuiltIn,
  ok,
  wrong,
  type Outcome,
} from '../../billing/domain/refusals.js';
import { newSettings } from '../../billing/domain/settings.js';
import type { ShowSubscriptions } from './change-subscription.js';
import { asMutated, summaryOf } from '../../billing/domain/subscription-view.js';
import type {
  BillingCatalogue,
  BillingCustomers,
  CustomerName,
} from '../../billing/domain/stores.js';
import type {
  BillingCustomer,
  SubscribablePlan,
  Subscription,
} from '../../billing/domain/subscription.js';
import type { ChangeTransaction } from './ports.js';

const SUBSCRIPTIONS_MAX = 100;

type Draft = Omit<Subscription, 'position'>;

/** Makes subscriptions. Errors: the database's own, and usage-metering's; refusals are answers. */
export class CreateSubscription {
  constructor(
    private readonly customers: BillingCustomers,
    private readonly catalogue: BillingCatalogue,
    private readonly changes: Changes<ChangeTransaction>,
    private readonly clock: AccountClock,
    private readonly show: ShowSubscriptions,
  ) {}

  async run(call: OrbCall): Promise<OrbAnswer> {
    const nowMs = await this.clock.nowMs(call.account.id);
    // Read before the transaction: what it looks at never changes, and a transaction waits for no other connection.
    const asked = await this.read(call, nowMs);
    return this.changes.run(call, async (tx) => {
      if (!asked.ok) return refused(asked.refusal);
      const { plan, draft } = asked.value;
      const customer = await tx.customers.lock(draft.accountId, draft.customerId);
      if (!customer) return refused(notFound('customer', draft.customerId));
      const { currency } = customer;
      if (currency !== null && currency !== plan.invoicingCurrency) {
        const detail = `The customer is billed in ${currency}, the plan in ${plan.invoicingCurrency}.`;
        return refused({ code: 'constraint_violation', detail });
      }
      if ((await tx.subscriptions.countOf(customer.id)) >= SUBSCRIPTIONS_MAX) {
        const detail = `The customer has ${String(SUBSCRIPTIONS_MAX)} subscriptions already.`;
        return refused({ code: 'constraint_violation', detail });
      }
      if (currency === null) await tx.customers.setCurrency(customer.id, plan.invoicingCurrency);
      const subscription = { ...draft, position: 0n };
      await tx.subscriptions.insert(subscription);
      const billed = { ...customer, currency: plan.invoicingCurrency };
      await tx.documents.advance(subscription, billed, nowMs);
      const shown = await this.show.one(tx, subscription, nowMs);
      await tx.facts.record({
        ...{ accountId: draft.accountId, organizationId: draft.customerId, objectId: draft.id },
        ...{ type: 'subscription.created', properties: {}, atMs: nowMs },
        resources: { subscription: shown },
        standardResources: { subscription: summaryOf(shown) },
      });
      return answered(201, asMutated(shown));
    });
  }

  private async read(
    call: OrbCall,
    nowMs: number,
  ): Promise<Outcome<{ readonly plan: SubscribablePlan; readonly draft: Draft }>> {
    const { body, account } = call;
    const name = nameIn(body, 'customer_id', 'external_customer_id', 'externalCustomerId');
    if (!name.ok) return name;
    const customer = await this.customers.find(account.id, name.value as CustomerName);
    if (!customer) return absent('customer', Object.values(name.value)[0] ?? '');
    const found = await findPlan(this.catalogue, call);
    if (!found.ok) return found;
    const plan = found.value;
    const timeline = timelineOf(body, plan, customer, nowMs);
    if (!timeline.ok) return timeline;
    const settings = newSettings(body, plan);
    if (!settings.ok) return settings;
    const draft = {
      id: newId('sub', nowMs),
      accountId: account.id,
      customerId: customer.id,
      name: (body['name'] as string | null | undefined) ?? plan.name,
      metadata: mergeMetadata({}, body['metadata']),
      settings: settings.value,
      timeline: timeline.value,
      createdAt: new Date(nowMs),
    };
    return ok({ plan, draft });
  }
}

/** The plan that a request names, in the version that it names. */
export async function findPlan(
  catalogue: BillingCatalogue,
  { body, account }: OrbCall,
): Promise<Outcome<SubscribablePlan>> {
  const name = nameIn(body, 'plan_id', 'external_plan_id', 'externalId');
  if (!name.ok) return name;
  const field = notBuiltIn(body);
  if (field !== null) return notBuilt(field);
  const version = (body['plan_version_number'] ?? null) as number | null;
  const plan = await catalogue.plan(account.id, name.value as { id: string }, version);
  if (!plan) {
    const id = Object.values(name.value)[0] ?? '';
    return absent(version === null ? 'plan' : `plan version ${String(version)}`, id);
  }
  if (plan.prices.some((price) => (price['credit_allocation'] ?? null) !== null)) {
    return notBuilt('A subscription to a plan that allocates credit');
  }
  if (plan.status !== 'active') {
    return against(`The plan is ${plan.status}: nobody can subscribe to it.`);
  }
  return ok(plan);
}

function timelineOf(
  body: OrbCall['body'],
  plan: SubscribablePlan,
  { timezone }: BillingCustomer,
  nowMs: number,
): Outcome<Timeline> {
  const startMs = instantIn(body, 'start_date', timezone, midnightMs(nowMs, timezone));
  const endMs = instantIn(body, 'end_date', timezone, null);
  if (!startMs.ok) return startMs;
  if (!endMs.ok) return endMs;
  const start = startMs.value as number;
  const end = endMs.value;
  if (end !== null && end <= start) return wrong('end_date: must be after start_date');
  const trialDays = (body['trial_duration_days'] ?? plan.trialDays ?? 0) as number;
  if (trialDays < 0 || trialDays > 3_650) return wrong('trial_duration_days: must be 0 to 3650');
  const phaseOrder = (body['initial_phase_order'] ?? null) as number | null;
  if (phaseOrder !== null && !plan.phases?.some(({ order }) => order === phaseOrder)) {
    return wrong(`initial_phase_order: the plan has no phase ${String(phaseOrder)}`);
  }
  const config = (body['billing_cycle_anchor_configuration'] ?? null) as Record<
    string,
    unknown
  > | null;
  const isAligned = body['align_billing_with_subscription_start_date'] === true;
  return ok(
    newTimeline(
      { ...plan, planId: plan.id },
      {
        ...{ startMs: start, endMs: end, timezone, phaseOrder, createdMs: nowMs },
        anchor: readAnchor(config, isAligned, start, timezone),
        trialEndMs: trialDays === 0 ? null : addCivil(start, trialDays, 'days', timezone),
        newId: () => newId('pi', nowMs),
      },
    ),
  );
}
