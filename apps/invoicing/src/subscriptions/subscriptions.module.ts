import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { instances, type Feature, type WakeUp } from '@orbit/runtime';
import { PlansController } from '../catalogue/adapters/plans.controller.js';
import { PrismaCatalog } from '../catalogue/adapters/prisma-catalog.js';
import { ReadPlans } from '../catalogue/application/read-plans.js';
import { PrismaSubscriptionStore } from './adapters/prisma-subscription-store.js';
import { SubscriptionsConsumer } from './adapters/subscriptions.consumer.js';
import { SubscriptionsController } from './adapters/subscriptions.controller.js';
import { FollowSubscriptions } from './application/follow-subscriptions.js';
import { ReadSubscription } from './application/read-subscription.js';

/** Plans that Stripe sells and subscriptions to them. `toGrant` wakes who grants what they include. */
export function subscriptionsFeature(prisma: PrismaClient, clock: Clock, toGrant: WakeUp): Feature {
  const store = new PrismaSubscriptionStore(prisma);
  const catalog = new PrismaCatalog(prisma);
  return {
    controllers: [PlansController, SubscriptionsController, SubscriptionsConsumer],
    providers: instances(
      new ReadPlans(catalog),
      new ReadSubscription(catalog, store),
      new FollowSubscriptions(store, catalog, clock, () => toGrant.ring()),
    ),
  };
}
