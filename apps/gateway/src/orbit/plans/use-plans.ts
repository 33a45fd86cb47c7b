import { OrbitError, type Granularity, type PricedPlan } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import {
  bucketOf,
  currentPlan,
  lastSecond,
  offeredPlan,
  toSecond,
  usageOf,
  type CurrentPlan,
  type OfferedPlan,
} from './plan-view.js';
import { bucketNames, type HistoryRange } from '../usage/usage-range.js';
import type { Principal } from '../../edge/ports.js';
import type { Clients } from '../../edge/rpc/clients.js';
import type { PlanKnowledge } from '../charges/spend-allowance.js';

export interface CheckoutRequest {
  readonly priceId: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly idempotencyKey: string | undefined;
}

type PlanServices = Pick<Clients, 'plans' | 'subscriptions' | 'planCheckout' | 'usagePeriods'>;

/** Plans, the one that an organization has, and what it has used of it. */
export class UsePlans {
  constructor(
    private readonly services: PlanServices,
    private readonly clock: Clock,
    private readonly knowledge: Pick<PlanKnowledge, 'learn' | 'expectPlan'>,
  ) {}

  async list(): Promise<readonly OfferedPlan[]> {
    const offered = (await this.services.plans.list({})).map(offeredPlan);
    return offered.filter((plan) => plan !== null);
  }

  /** Null without a plan. */
  async current({ organizationId }: Principal): Promise<CurrentPlan | null> {
    const seen = await this.services.subscriptions.read({ organization_id: organizationId });
    this.knowledge.learn(organizationId, seen !== null);
    return seen === null ? null : currentPlan(seen, seen.plan_name);
  }

  async checkout({ organizationId }: Principal, request: CheckoutRequest): Promise<string> {
    const { successUrl, cancelUrl, idempotencyKey } = request;
    const page = await this.services.planCheckout.create({
      organization_id: organizationId,
      plan: await this.needPrice(request.priceId),
      success_url: successUrl,
      cancel_url: cancelUrl,
      ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
    });
    this.knowledge.expectPlan(organizationId);
    return page.checkout_url;
  }

  async change({ organizationId }: Principal, priceId: string): Promise<CurrentPlan> {
    const plan = await this.needPrice(priceId);
    const state = await this.services.planCheckout.change({
      organization_id: organizationId,
      plan,
    });
    return currentPlan(state, await this.nameOf(state.plan_id));
  }

  async cancel({ organizationId }: Principal): Promise<CurrentPlan> {
    const state = await this.services.planCheckout.cancel({ organization_id: organizationId });
    return currentPlan(state, await this.nameOf(state.plan_id));
  }

  async resume({ organizationId }: Principal): Promise<CurrentPlan> {
    const state = await this.services.planCheckout.resume({ organization_id: organizationId });
    return currentPlan(state, await this.nameOf(state.plan_id));
  }

  /** Of the plan's current period; without a plan of the calendar month in UTC. */
  async usage({ organizationId }: Principal) {
    const organization = { organization_id: organizationId };
    const plan = await this.services.subscriptions.read(organization);
    const period = plan
      ? { from: plan.current_period_start, to: plan.current_period_end }
      : monthOf(this.clock.nowMs());
    const used = await this.services.usagePeriods.total({ ...organization, ...period });
    return {
      billing_period: {
        start: toSecond(Date.parse(period.from)),
        end: lastSecond(period.to),
      },
      ...usageOf(used, plan?.allowances ?? null),
    };
  }

  async history({ organizationId }: Principal, range: HistoryRange, granularity: Granularity) {
    const period = { organization_id: organizationId, ...range, granularity };
    const used = await this.services.usagePeriods.history(period);
    return bucketNames(range, granularity).map((name) => ({
      period: name,
      ...bucketOf(used.filter(({ bucket }) => bucket === name)),
    }));
  }

  /** One of ours, or the price at Stripe that stands for it. */
  private async needPrice(priceId: string): Promise<PricedPlan> {
    const { plans, planCheckout } = this.services;
    const found = await plans.readPrice({ price_id: priceId });
    if (found !== null) return found;
    const ours = await planCheckout.resolvePrice({ stripe_price_id: priceId });
    const plan = ours && (await plans.readPrice(ours));
    if (plan !== null) return plan;
    throw new OrbitError(
      'invalid_field',
      'priceId is the price_id of a plan; GET plans has them.',
      {
        param: 'priceId',
      },
    );
  }

  private async nameOf(planId: string): Promise<string> {
    return (await this.services.plans.list({})).find(({ id }) => id === planId)?.name ?? planId;
  }
}

function monthOf(nowMs: number): { readonly from: string; readonly to: string } {
  const now = new Date(nowMs);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const first = (offset: number) => new Date(Date.UTC(year, month + offset, 1)).toISOString();
  return { from: first(0), to: first(1) };
}
