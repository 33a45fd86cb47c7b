import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { SUBSCRIPTION_RPC, type SubscriptionView } from '@orbit/contracts';
import { requireText } from '../../catalogue/adapters/require-text.js';
import { ReadSubscription } from '../application/read-subscription.js';

@Controller()
export class SubscriptionsController {
  constructor(private readonly subscription: ReadSubscription) {}

  @MessagePattern(SUBSCRIPTION_RPC.read)
  async read(
    @Payload() request: { readonly organization_id: unknown },
  ): Promise<SubscriptionView | null> {
    return this.subscription.run(requireText(request.organization_id, 'organization_id'));
  }
}
