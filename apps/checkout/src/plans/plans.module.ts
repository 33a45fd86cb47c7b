import type { Provider } from '@nestjs/common';
import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import type Stripe from 'stripe';
import type { CustomerDirectory } from '../topups/application/customer-directory.js';
import { ManagePlan } from './application/manage-plan.js';
import type { SettlementStore } from '../topups/application/ports.js';
import { SubscriptionWebhook } from './application/subscription-webhook.js';
import { PublishSubscription } from './application/publish-subscription.js';
import { PlansController } from './adapters/plans.controller.js';
import { PostgresPlans } from './adapters/postgres-plans.js';
import { StripePlans } from './adapters/stripe-plans.js';
import { StripeSavedPayments } from '../topups/adapters/stripe-saved-payments.js';

export interface PlanParts {
  readonly prisma: PrismaClient;
  readonly stripe: Stripe;
  readonly customers: CustomerDirectory;
  readonly settlements: SettlementStore;
  readonly clock: Clock;
}

/** Plans and subscriptions at Stripe. */
export class PlansFeature implements Feature {
  readonly controllers = [PlansController];
  readonly manage: ManagePlan;
  readonly webhook: SubscriptionWebhook;
  readonly providers: readonly Provider[];

  constructor({ prisma, stripe, customers, settlements, clock }: PlanParts) {
    const store = new PostgresPlans(prisma);
    const provider = new StripePlans(stripe, new StripeSavedPayments(stripe));
    const publish = new PublishSubscription(provider, store, settlements, clock);
    this.manage = new ManagePlan(customers, provider, store, publish, clock);
    this.webhook = new SubscriptionWebhook(publish);
    this.providers = instances(this.manage);
  }
}
