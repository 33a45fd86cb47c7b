import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeUsage } from '../application/serve-usage.js';
import { ServeCosts } from '../application/serve-costs.js';

/** Usage and costs as the gateway calls them. */
@Controller()
export class ConsumptionController {
  constructor(
    private readonly usage: ServeUsage,
    private readonly costs: ServeCosts,
  ) {}

  @MessagePattern(orbPattern('fetch-subscription-usage'))
  subscriptionUsage(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.usage.run(call);
  }

  @MessagePattern(orbPattern('fetch-subscription-costs'))
  subscriptionCosts(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.costs.ofSubscription(call);
  }

  @MessagePattern(orbPattern('fetch-customer-costs'))
  customerCosts(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.costs.ofCustomer(call);
  }
}
