import type { Provider } from '@nestjs/common';
import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient, type Sql } from '@orbit/persistence';
import type { BillingCatalogue } from '../billing/domain/stores.js';
import { OrbSubscriptionsController } from './adapters/orb-subscriptions.controller.js';
import { SqlOffers } from './adapters/sql-offers.js';
import type { AgreementReads } from './application/agree-on-plan.js';
import { SqlCouponSubscriptions, SqlRedemptions } from './adapters/sql-redemptions.js';
import { RedeemCoupon, ServeCouponSubscriptions } from './application/redeem-coupon.js';
import { CancelSubscription } from './application/cancel-subscription.js';
import { ChangePhase, ChangePlan, ChangeTrial } from './application/change-plan.js';
import { ChangeIntervals } from './application/change-intervals.js';
import { ChangeQuantity } from './application/change-quantity.js';
import { ChangeSubscription, ShowSubscriptions } from './application/change-subscription.js';
import { CreateSubscription } from './application/create-subscription.js';
import type { ChangeTransaction } from './application/ports.js';
import { ServeSubscriptions } from './application/serve-subscriptions.js';

export const ORB_SUBSCRIPTION_CONTROLLERS = [OrbSubscriptionsController];

export interface OrbSubscriptionParts {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
  readonly catalogue: BillingCatalogue;
  /** Billing, on a connection or in a transaction. */
  readonly transactionOf: (sql: Sql) => Omit<ChangeTransaction, 'offers' | 'coupons'>;
  readonly metering: AgreementReads['metering'];
}

/** Subscriptions that are made and changed over /v1, wired. */
export function orbSubscriptionProviders(parts: OrbSubscriptionParts): readonly Provider[] {
  const { prisma, clock, accountClock, catalogue, metering } = parts;
  const transactionOf = (sql: Sql): ChangeTransaction => ({
    ...parts.transactionOf(sql),
    offers: new SqlOffers(sql),
    coupons: new SqlRedemptions(sql),
  });
  const reads = { catalogue, metering };
  const changes = new PrismaChanges(prisma, clock, 'invoicing', transactionOf);
  const { subscriptions, customers } = transactionOf(prisma);
  const show = new ShowSubscriptions();
  const change = new ChangeSubscription(changes, accountClock, show);
  const uses = [
    new CreateSubscription(customers, reads, changes, accountClock, show),
    new ServeSubscriptions(subscriptions, customers, catalogue, accountClock, show, change),
    new CancelSubscription(change),
    new ChangePlan(subscriptions, customers, reads, change),
    new ChangePhase(change),
    new ChangeQuantity(change),
    new ChangeTrial(change),
    new ChangeIntervals(subscriptions, customers, reads, change),
    new RedeemCoupon(change),
    new ServeCouponSubscriptions(
      { subscriptions: new SqlCouponSubscriptions(prisma, subscriptions), customers, catalogue },
      accountClock,
      show,
    ),
  ];
  return uses.map((use) => ({ provide: use.constructor, useValue: use }));
}
