import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { newId } from '@orbit/kernel';
import { mergeMetadata, notFound, refused, type Changes } from '@orbit/orb-api';
import { addCivil, midnightMs } from '../../timeline/domain/civil.js';
import { newTimeline, type PlanContent } from '../../timeline/domain/new-timeline.js';
import { readAnchor } from '../../timeline/domain/read-anchor.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import type { BillingCustomers, CustomerName } from '../../billing/domain/stores.js';
import type { BillingCustomer, Subscription } from '../../billing/domain/subscription.js';
import { instantIn, nameIn } from '../../billing/domain/read-request.js';
import { absent, against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { newSettings } from '../domain/settings.js';
import {
  contentOf,
  datesFault,
  readAgreement,
  type Agreement,
  type AgreementReads,
} from './agree-on-plan.js';
import type { ShowSubscriptions } from './change-subscription.js';
import { finishChange } from './finish-change.js';
import type { ChangeCall } from './pending-ports.js';
import { recordFacts } from './record-facts.js';
import type { ChangeTransaction } from './ports.js';
import { countCoupons, redeemed } from './redemptions.js';
import { writeOrRepeat, type PreparedContent } from './prepare-overrides.js';

const SUBSCRIPTIONS_MAX = 100;

/** A request, read and looked up before its transaction. */
interface Asked {
  readonly customer: BillingCustomer;
  readonly agreement: Agreement;
}

/** Makes subscriptions. Errors: the database's own, and usage-metering's; refusals are answers. */
export class CreateSubscription {
  constructor(
    private readonly customers: BillingCustomers,
    private readonly reads: AgreementReads,
    private readonly changes: Changes<ChangeTransaction>,
    private readonly clock: AccountClock,
    private readonly show: ShowSubscriptions,
  ) {}

  async run(call: ChangeCall): Promise<OrbAnswer> {
    const nowMs = await this.clock.nowMs(call.account.id);
    // Read before the transaction: what it looks at never changes, and a transaction waits for no other service.
    const asked = await this.read(call);
    return this.changes.run(call, async (tx) => {
      if (!asked.ok) return refused(asked.refusal);
      const { customer: named, agreement } = asked.value;
      const customer = await tx.customers.lock(call.account.id, named.id);
      if (!customer) return refused(notFound('customer', named.id));
      const made = await this.decide(tx, call, customer, agreement, nowMs);
      if (!made.ok) return refused(made.refusal);
      const { subscription, prepared } = made.value;
      const { invoicingCurrency } = agreement.plan;
      return finishChange({
        ...{ tx, call, operation: 'create-subscription', after: subscription, customer, nowMs },
        successStatus: 201,
        showNow: () => Promise.resolve(null),
        carryOut: async () => {
          await writeOrRepeat(tx.offers, subscription.accountId, prepared.toWrite);
          const { currency } = customer;
          if (currency === null) await tx.customers.setCurrency(customer.id, invoicingCurrency);
          await tx.subscriptions.insert(subscription);
          await countCoupons(tx.coupons, null, subscription, nowMs);
          // Receivers get this event before the one that says that it began.
          const made = await this.show.one(tx, subscription, nowMs);
          const created = [{ type: 'subscription.created', properties: {} }];
          await recordFacts(tx, subscription, created, made, nowMs);
          const billed = { ...customer, currency: invoicingCurrency };
          await tx.documents.advance(subscription, billed, nowMs);
          return this.show.one(tx, subscription, nowMs);
        },
      });
    });
  }

  /** Everything is decided before anything is written. */
  private async decide(
    tx: ChangeTransaction,
    { body, account, applies }: ChangeCall,
    customer: BillingCustomer,
    agreement: Agreement,
    nowMs: number,
  ): Promise<Outcome<{ readonly subscription: Subscription; readonly prepared: PreparedContent }>> {
    const { plan } = agreement;
    const { currency } = customer;
    if (currency !== null && currency !== plan.invoicingCurrency) {
      return against(
        `The customer is billed in ${currency}, the plan in ${plan.invoicingCurrency}.`,
      );
    }
    if ((await tx.subscriptions.countOf(customer.id)) >= SUBSCRIPTIONS_MAX) {
      return against(`The customer has ${String(SUBSCRIPTIONS_MAX)} subscriptions already.`);
    }
    const settings = newSettings(body, plan);
    if (!settings.ok) return settings;
    const content = await contentOf(tx.offers, account.id, agreement, null, nowMs);
    if (!content.ok) return content;
    const timeline = timelineOf(body, agreement, content.value.content, customer, nowMs);
    if (!timeline.ok) return timeline;
    const made = {
      id: applies?.subscriptionId ?? newId('sub', nowMs),
      ...{ accountId: account.id, customerId: customer.id, position: 0n },
      name: (body['name'] as string | null | undefined) ?? plan.name,
      metadata: mergeMetadata({}, body['metadata']),
      settings: settings.value,
      timeline: timeline.value,
      createdAt: new Date(nowMs),
    };
    const code = (body['coupon_redemption_code'] ?? null) as string | null;
    const { startMs } = made.timeline;
    const withCoupon =
      code === null
        ? ok(made.timeline)
        : await redeemed(tx.coupons, made, { redemptionCode: code }, startMs, nowMs);
    if (!withCoupon.ok) return withCoupon;
    const subscription = { ...made, timeline: withCoupon.value };
    return ok({ subscription, prepared: content.value.prepared });
  }

  private async read(call: OrbCall): Promise<Outcome<Asked>> {
    const { body, account } = call;
    const name = nameIn(body, 'customer_id', 'external_customer_id', 'externalCustomerId');
    if (!name.ok) return name;
    const customer = await this.customers.find(account.id, name.value as CustomerName);
    if (!customer) return absent('customer', Object.values(name.value)[0] ?? '');
    const agreement = await readAgreement(this.reads, call, customer);
    return agreement.ok ? ok({ customer, agreement: agreement.value }) : agreement;
  }
}

function timelineOf(
  body: OrbCall['body'],
  { plan, overrides }: Agreement,
  content: PlanContent,
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
  const dates = datesFault(overrides, { startMs: start, endMs: end });
  if (dates !== null) return wrong(dates);
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
    newTimeline(content, {
      ...{ startMs: start, endMs: end, timezone, phaseOrder, createdMs: nowMs },
      anchor: readAnchor(config, isAligned, start, timezone),
      trialEndMs: trialDays === 0 ? null : addCivil(start, trialDays, 'days', timezone),
      newId: () => newId('pi', nowMs),
    }),
  );
}
