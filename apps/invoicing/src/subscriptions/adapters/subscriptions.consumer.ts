import { Controller } from '@nestjs/common';
import type { SubscriptionChanged, SubscriptionInvoiced } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { FollowSubscriptions } from '../application/follow-subscriptions.js';
import { ReadPlans } from '../../catalogue/application/read-plans.js';

/** At least once, in any order: versions decide. */
@Controller()
export class SubscriptionsConsumer {
  constructor(
    private readonly follow: FollowSubscriptions,
    private readonly plans: ReadPlans,
  ) {}

  @BatchHandler('subscription.changed')
  async onChanged(batch: EventBatch<SubscriptionChanged>): Promise<void> {
    const known = new Set((await this.plans.list()).map(({ id }) => id));
    const values: SubscriptionChanged[] = [];
    for (const event of batch.events) {
      if (known.has(event.value.plan_id)) values.push(event.value);
      else batch.deadLetter(event, 'invalid_value', 'plan_id: there is no such plan');
    }
    await this.follow.changed(values);
  }

  @BatchHandler('subscription.invoiced')
  async onInvoiced(batch: EventBatch<SubscriptionInvoiced>): Promise<void> {
    await this.follow.invoiced(batch.events.map((event) => event.value));
  }
}
