import type { AccountClock, Clock } from '@orbit/kernel';
import type { Changes } from '@orbit/orb-api';
import { PrismaChanges, type PrismaClient, type Sql } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import type { BillingCatalogue } from '../billing/domain/stores.js';
import { OrbSubscriptionsController } from './adapters/orb-subscriptions.controller.js';
import { SubscriptionChangesController } from './adapters/subscription-changes.controller.js';
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
import { SqlPendingChanges } from './adapters/sql-pending-changes.js';
import { ServePendingChanges, type ChangeHandlers } from './application/serve-pending-changes.js';
import { ServeSubscriptions } from './application/serve-subscriptions.js';

export const ORB_SUBSCRIPTION_CONTROLLERS = [
  OrbSubscriptionsController,
  SubscriptionChangesController,
];

export interface OrbSubscriptionParts {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
  readonly catalogue: BillingCatalogue;
  /** Billing, on a connection or in a transaction. */
  readonly transactionOf: (
    sql: Sql,
  ) => Omit<ChangeTransaction, 'offers' | 'coupons' | 'pending' | 'rolledBack'>;
  readonly metering: AgreementReads['metering'];
  /** Does what fell due of an account by a change; never fails. */
  readonly runDueNow: (accountId: string) => Promise<void>;
}

/** Subscriptions that are made and changed over /v1. */
export function orbSubscriptionsFeature(parts: OrbSubscriptionParts): Feature {
  const { prisma, clock, accountClock, catalogue, metering } = parts;
  const transactionOf = (sql: Sql): ChangeTransaction => ({
    ...parts.transactionOf(sql),
    offers: new SqlOffers(sql),
    coupons: new SqlRedemptions(sql),
    pending: new SqlPendingChanges(sql),
    rolledBack: (work) => rolledBack(sql, work),
  });
  const reads = { catalogue, metering };
  const kept = new PrismaChanges(prisma, clock, 'invoicing', transactionOf);
  const changes: Changes<ChangeTransaction> = {
    run: async (call, work) => {
      const answer = await kept.run(call, work);
      await parts.runDueNow(call.account.id);
      return answer;
    },
  };
  const { subscriptions, customers } = transactionOf(prisma);
  const show = new ShowSubscriptions();
  const change = new ChangeSubscription(changes, accountClock, show);
  const pending = new SqlPendingChanges(prisma);
  const creates = new CreateSubscription(customers, reads, changes, accountClock, show);
  const cancels = new CancelSubscription(change);
  const plans = new ChangePlan(subscriptions, customers, reads, change);
  const phases = new ChangePhase(change);
  const quantities = new ChangeQuantity(change);
  const trials = new ChangeTrial(change);
  const intervals = new ChangeIntervals(subscriptions, customers, reads, change);
  const coupons = new RedeemCoupon(change);
  const handlers: ChangeHandlers = {
    'create-subscription': (call) => creates.run(call),
    'cancel-subscription': (call) => cancels.cancel(call),
    'unschedule-cancellation': (call) => cancels.unschedule(call),
    'schedule-plan-change': (call) => plans.schedule(call),
    'unschedule-plan-change': (call) => plans.unschedule(call),
    'trigger-phase': (call) => phases.trigger(call),
    'update-fixed-fee-quantity': (call) => quantities.update(call),
    'unschedule-fixed-fee-quantity': (call) => quantities.unschedule(call),
    'update-trial': (call) => trials.update(call),
    'add-edit-price-intervals': (call) => intervals.run(call),
    'redeem-coupon': (call) => coupons.redeem(call),
  };
  const redeeming = new SqlCouponSubscriptions(prisma, subscriptions);
  const uses = [
    ...[creates, cancels, plans, phases, quantities, trials, intervals, coupons],
    new ServeSubscriptions(
      subscriptions,
      customers,
      catalogue,
      pending,
      accountClock,
      show,
      change,
    ),
    new ServeCouponSubscriptions(
      { subscriptions: redeeming, customers, catalogue, pending },
      accountClock,
      show,
    ),
    new ServePendingChanges(pending, changes, accountClock, handlers),
  ];
  return { controllers: ORB_SUBSCRIPTION_CONTROLLERS, providers: instances(...uses) };
}

/** Errors: those of `work`, which end the transaction. */
async function rolledBack<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await sql.$executeRaw`SAVEPOINT pending_change`;
  const result = await work();
  await sql.$executeRaw`ROLLBACK TO SAVEPOINT pending_change`;
  return result;
}
