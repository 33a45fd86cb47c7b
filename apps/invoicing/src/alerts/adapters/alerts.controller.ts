import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { CreateAlert } from '../application/create-alert.js';
import { ServeAlerts } from '../application/serve-alerts.js';

/** The operations of alerts as the gateway calls them. */
@Controller()
export class AlertsController {
  constructor(
    private readonly created: CreateAlert,
    private readonly alerts: ServeAlerts,
  ) {}

  @MessagePattern(orbPattern('create-customer-alert'))
  createOfCustomer(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.created.ofCustomer(call);
  }

  @MessagePattern(orbPattern('create-subscription-alert'))
  createOfSubscription(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.created.ofSubscription(call);
  }

  @MessagePattern(orbPattern('create-plan-alert'))
  createOfPlan(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.created.ofPlan(call);
  }

  @MessagePattern(orbPattern('list-alerts'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.alerts.list(call);
  }

  @MessagePattern(orbPattern('fetch-alert'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.alerts.fetch(call);
  }

  @MessagePattern(orbPattern('update-alert'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.alerts.update(call);
  }

  @MessagePattern(orbPattern('delete-alert'))
  delete(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.alerts.delete(call);
  }

  @MessagePattern(orbPattern('enable-alert'))
  enable(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.alerts.enable(call);
  }

  @MessagePattern(orbPattern('disable-alert'))
  disable(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.alerts.disable(call);
  }
}
