import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId } from '@orbit/kernel';
import { notFound, refused } from '@orbit/orb-api';
import { addCivil } from '../../timeline/domain/civil.js';
import { anchorAt, type Anchor } from '../../timeline/domain/cycle.js';
import { firstOfMonth } from '../../timeline/domain/new-timeline.js';
import { withoutPlannedPlans, withPlan } from '../../timeline/domain/plan-change.js';
import { planAt, statusAt } from '../../timeline/domain/position.js';
import { withShiftedTrial, withTrialEnd } from '../../timeline/domain/trial.js';
import { readAnchor } from '../../timeline/domain/read-anchor.js';
import type { BillingCustomers, Subscriptions } from '../../billing/domain/stores.js';
import type {
  SubscribablePlan,
  Subscription,
  SubscriptionSettings,
} from '../../billing/domain/subscription.js';
import { instantIn } from '../../billing/domain/read-request.js';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import type { Changed, ChangeFacts, ChangeSubscription } from './change-subscription.js';
import {
  contentOf,
  datesFault,
  readAgreement,
  type Agreement,
  type AgreementReads,
} from './agree-on-plan.js';
import { changeDateOf } from './change-date.js';
import { writeOrRepeat } from './prepare-overrides.js';
import { redeemed } from './redemptions.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import { changeSettings, settingsAt } from '../domain/settings.js';
import { withNextPhase, type PlannedPhase } from '../../timeline/domain/phases.js';

type Fields = Readonly<Record<string, unknown>>;

/** Another plan for the same subscription: now, on a day, or with the next term. */
export class ChangePlan {
  constructor(
    private readonly subscriptions: Pick<Subscriptions, 'read'>,
    private readonly customers: BillingCustomers,
    private readonly reads: AgreementReads,
    private readonly change: ChangeSubscription,
  ) {}

  async schedule(call: OrbCall): Promise<OrbAnswer> {
    const { account, path } = call;
    // Versions of plans never change, so this may be read before the transaction, which waits for no other service.
    const id = path['subscription_id'] ?? '';
    const seen = await this.subscriptions.read(account.id, id);
    if (!seen) return refused(notFound('subscription', id));
    const customer = await this.customers.find(account.id, { id: seen.customerId });
    if (!customer) return refused(notFound('customer', seen.customerId));
    const agreement = await readAgreement(this.reads, call, customer);
    if (!agreement.ok) return refused(agreement.refusal);
    return this.change.run('schedule-plan-change', call, (facts) =>
      changed(call, facts, agreement.value),
    );
  }

  unschedule(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('unschedule-plan-change', call, ({ subscription, nowMs }) => {
      const timeline = withoutPlannedPlans(subscription.timeline, nowMs);
      if (!timeline) return against('No change of the plan is planned.');
      return ok({ ...subscription, timeline });
    });
  }
}

async function changed(
  { body, account }: OrbCall,
  facts: ChangeFacts,
  agreement: Agreement,
): Promise<Outcome<Changed>> {
  const { plan, overrides } = agreement;
  const { subscription, customer, nowMs, tx } = facts;
  const { timeline } = subscription;
  const { timezone } = timeline;
  if (customer.currency !== plan.invoicingCurrency) {
    return against(
      `The customer is billed in ${customer.currency ?? 'no currency'}, the plan in ${plan.invoicingCurrency}.`,
    );
  }
  const date = changeDateOf(body, facts);
  if (!date.ok) return date;
  const startMs = date.value;
  const dates = datesFault(overrides, { startMs, endMs: null });
  if (dates !== null) return wrong(dates);
  const phaseOrder = (body['initial_phase_order'] ?? null) as number | null;
  if (phaseOrder !== null && !plan.phases?.some(({ order }) => order === phaseOrder)) {
    return wrong(`initial_phase_order: the plan has no phase ${String(phaseOrder)}`);
  }
  const trialDays = (body['trial_duration_days'] ?? plan.trialDays ?? 0) as number;
  if (trialDays < 0 || trialDays > 3_650) return wrong('trial_duration_days: must be 0 to 3650');
  const settings = settingsOfChange(body, plan, settingsAt(subscription, startMs));
  if (!settings.ok) return settings;
  const content = await contentOf(tx.offers, account.id, agreement, subscription, nowMs);
  if (!content.ok) return content;
  const withChange = withPlan(
    timeline,
    { ...content.value.content, settings: { ...settings.value } },
    {
      ...{ startMs, endMs: null, timezone, phaseOrder, createdMs: nowMs },
      anchor: anchorOf(body, facts, startMs),
      trialEndMs: trialDays === 0 ? null : addCivil(startMs, trialDays, 'days', timezone),
      newId: () => newId('pi', nowMs),
    },
  );
  const coupon = await redeemedIn(body, { ...subscription, timeline: withChange }, facts, startMs);
  if (!coupon.ok) return coupon;
  const { toWrite } = content.value.prepared;
  return ok({
    ...subscription,
    timeline: coupon.value,
    write: () => writeOrRepeat(tx.offers, account.id, toWrite),
  });
}

/** A coupon that comes with the plan goes with it when the change is taken back. */
async function redeemedIn(
  body: Fields,
  changedSubscription: Subscription,
  { tx, nowMs }: ChangeFacts,
  startMs: number,
): Promise<Outcome<Timeline>> {
  const code = (body['coupon_redemption_code'] ?? null) as string | null;
  const { timeline } = changedSubscription;
  if (code === null) return ok(timeline);
  const name = { redemptionCode: code };
  const made = await redeemed(tx.coupons, changedSubscription, name, startMs, nowMs);
  if (!made.ok) return made;
  const intervalId = made.value.adjustments.at(-1)?.id ?? null;
  const plans = made.value.plans.map((span) =>
    span.startMs === startMs && intervalId !== null
      ? { ...span, couponIntervalId: intervalId }
      : span,
  );
  return ok({ ...made.value, plans });
}

/** With the new plan: what the request says, or the plan; what neither does stays. */
function settingsOfChange(
  body: Fields,
  { netTerms, defaultInvoiceMemo }: SubscribablePlan,
  current: SubscriptionSettings,
): Outcome<SubscriptionSettings> {
  return changeSettings(current, {
    net_terms: body['net_terms'] ?? netTerms ?? undefined,
    default_invoice_memo: body['default_invoice_memo'] ?? defaultInvoiceMemo ?? undefined,
    auto_collection: body['auto_collection'] ?? undefined,
    auto_issuance: body['auto_issuance'] ?? undefined,
    invoicing_threshold: body['invoicing_threshold'] ?? undefined,
  });
}

function anchorOf(body: Fields, { subscription }: ChangeFacts, startMs: number): Anchor {
  const { timeline } = subscription;
  const { timezone } = timeline;
  const config = (body['billing_cycle_anchor_configuration'] ?? null) as Fields | null;
  if (config !== null) return readAnchor(config, false, startMs, timezone);
  const isOnDate = body['align_billing_with_plan_change_date'] === true;
  switch (body['billing_cycle_alignment'] ?? (isOnDate ? 'plan_change_date' : 'unchanged')) {
    case 'plan_change_date':
      return anchorAt(startMs, timezone);
    case 'start_of_month':
      return firstOfMonth(startMs, timezone);
    default:
      return planAt(timeline, startMs)?.anchor ?? firstOfMonth(startMs, timezone);
  }
}

/** Moves a subscription on to the next phase of its plan. */
export class ChangePhase {
  constructor(private readonly change: ChangeSubscription) {}

  trigger(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('trigger-phase', call, async ({ subscription, nowMs, tx }) => {
      const { timeline, accountId } = subscription;
      const date = instantIn(call.body, 'effective_date', timeline.timezone, nowMs);
      if (!date.ok) return date;
      const atMs = date.value as number;
      if (statusAt(timeline, atMs) !== 'active') {
        return wrong('effective_date: the subscription is not active then');
      }
      const span = planAt(timeline, atMs);
      const plan = span && (await tx.catalogue.planView(accountId, span.planId, span.version));
      const moved = withNextPhase(timeline, plannedPhases(plan), atMs);
      if (!moved) return against('The plan has no phase after the one that is active then.');
      return ok({ ...subscription, timeline: moved });
    });
  }
}

function plannedPhases(plan: Readonly<Record<string, unknown>> | null): readonly PlannedPhase[] {
  const phases = (plan?.['plan_phases'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  return phases.map((phase) => ({
    order: phase['order'] as number,
    duration: phase['duration'] as number | null,
    durationUnit: phase['duration_unit'] as PlannedPhase['durationUnit'],
    alignsBilling: false,
  }));
}

/** When a trial ends that has not ended yet. */
export class ChangeTrial {
  constructor(private readonly change: ChangeSubscription) {}

  update(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('update-trial', call, ({ subscription, nowMs }) => {
      const { timeline } = subscription;
      const { trialEndMs } = timeline;
      if (trialEndMs === null || trialEndMs <= nowMs) {
        return against('The subscription has no trial that still runs.');
      }
      const shifts = call.body['shift'] === true;
      const isNow = call.body['trial_end_date'] === 'immediate';
      const date = isNow
        ? ok<number | null>(Math.max(nowMs, timeline.startMs))
        : instantIn(call.body, 'trial_end_date', timeline.timezone, null);
      if (!date.ok) return date;
      const endMs = date.value as number;
      const plan = planAt(timeline, trialEndMs - 1);
      if (endMs < (plan?.startMs ?? timeline.startMs)) {
        return wrong('trial_end_date: must not be before the plan of the trial begins');
      }
      if (timeline.endMs !== null && endMs > timeline.endMs) {
        return wrong('trial_end_date: must not be after the subscription ends');
      }
      if (shifts) return ok({ ...subscription, timeline: withShiftedTrial(timeline, endMs) });
      if (plan && plan.endMs !== null && endMs > plan.endMs) {
        return wrong('trial_end_date: must not be after the plan of the trial ends');
      }
      return ok({ ...subscription, timeline: withTrialEnd(timeline, endMs) });
    });
  }
}
