import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { CancelSubscription } from '../application/cancel-subscription.js';
import { ChangePhase, ChangePlan, ChangeTrial } from '../application/change-plan.js';
import { ChangeIntervals } from '../application/change-intervals.js';
import { ChangeQuantity } from '../application/change-quantity.js';
import { CreateSubscription } from '../application/create-subscription.js';
import { RedeemCoupon, ServeCouponSubscriptions } from '../application/redeem-coupon.js';
import { ServeSubscriptions } from '../application/serve-subscriptions.js';

/** The operations of subscriptions as the gateway calls them. */
@Controller()
export class OrbSubscriptionsController {
  constructor(
    private readonly creates: CreateSubscription,
    private readonly subscriptions: ServeSubscriptions,
    private readonly cancels: CancelSubscription,
    private readonly plans: ChangePlan,
    private readonly phases: ChangePhase,
    private readonly quantities: ChangeQuantity,
    private readonly trials: ChangeTrial,
    private readonly intervals: ChangeIntervals,
    private readonly coupons: RedeemCoupon,
    private readonly redeeming: ServeCouponSubscriptions,
  ) {}

  @MessagePattern(orbPattern('create-subscription'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.creates.run(call);
  }

  @MessagePattern(orbPattern('list-subscriptions'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.subscriptions.list(call);
  }

  @MessagePattern(orbPattern('list-subscription-summaries'))
  listSummaries(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.subscriptions.listSummaries(call);
  }

  @MessagePattern(orbPattern('fetch-subscription'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.subscriptions.fetch(call);
  }

  @MessagePattern(orbPattern('update-subscription'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.subscriptions.update(call);
  }

  @MessagePattern(orbPattern('fetch-subscription-schedule'))
  schedule(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.subscriptions.schedule(call);
  }

  @MessagePattern(orbPattern('cancel-subscription'))
  cancel(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.cancels.cancel(call);
  }

  @MessagePattern(orbPattern('unschedule-cancellation'))
  unscheduleCancellation(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.cancels.unschedule(call);
  }

  @MessagePattern(orbPattern('schedule-plan-change'))
  schedulePlan(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.plans.schedule(call);
  }

  @MessagePattern(orbPattern('unschedule-plan-change'))
  unschedulePlan(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.plans.unschedule(call);
  }

  @MessagePattern(orbPattern('trigger-phase'))
  triggerPhase(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.phases.trigger(call);
  }

  @MessagePattern(orbPattern('update-fixed-fee-quantity'))
  updateQuantity(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.quantities.update(call);
  }

  @MessagePattern(orbPattern('unschedule-fixed-fee-quantity'))
  unscheduleQuantity(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.quantities.unschedule(call);
  }

  @MessagePattern(orbPattern('update-trial'))
  updateTrial(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.trials.update(call);
  }

  @MessagePattern(orbPattern('add-edit-price-intervals'))
  changeIntervals(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.intervals.run(call);
  }

  @MessagePattern(orbPattern('redeem-coupon'))
  redeemCoupon(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.coupons.redeem(call);
  }

  @MessagePattern(orbPattern('list-coupon-subscriptions'))
  listRedeeming(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.redeeming.list(call);
  }
}
