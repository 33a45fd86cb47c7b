import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServePendingChanges } from '../application/serve-pending-changes.js';

/** Pending changes of subscriptions as the gateway calls them. */
@Controller()
export class SubscriptionChangesController {
  constructor(private readonly pending: ServePendingChanges) {}

  @MessagePattern(orbPattern('list-subscription-changes'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.pending.list(call);
  }

  @MessagePattern(orbPattern('fetch-subscription-change'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.pending.fetch(call);
  }

  @MessagePattern(orbPattern('apply-subscription-change'))
  apply(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.pending.apply(call);
  }

  @MessagePattern(orbPattern('cancel-subscription-change'))
  cancel(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.pending.cancel(call);
  }
}
