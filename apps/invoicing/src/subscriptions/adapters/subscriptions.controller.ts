import { Controller } from '@nestjs/common';
import { SUBSCRIPTIONS, type SubscriptionView } from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ReadSubscription } from '../application/read-subscription.js';

/** Subscriptions of the Orbit API, over Nest TCP. */
@Controller()
export class SubscriptionsController {
  constructor(private readonly subscription: ReadSubscription) {}

  @Handles(SUBSCRIPTIONS.read)
  async read(request: { readonly organization_id: string }): Promise<SubscriptionView | null> {
    return this.subscription.run(request.organization_id);
  }
}
