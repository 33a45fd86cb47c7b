import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { instances, type Feature, type Logger } from '@orbit/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import type Stripe from 'stripe';
import {
  CREATE_LIMITS,
  SWEEP_INTERVAL_MS,
  unitPricesOf,
  type CheckoutConfig,
} from '../checkout.config.js';
import type { ReceiveWebhook } from '../webhooks/application/receive-webhook.js';
import { PaymentMethodsController } from './adapters/payment-methods.controller.js';
import { PostgresInbox } from './adapters/postgres-inbox.js';
import { PostgresOutbox } from './adapters/postgres-outbox.js';
import { PostgresSettlements } from './adapters/postgres-settlement.js';
import { PostgresCustomers, PostgresTopUps } from './adapters/postgres-topups.js';
import { StripeProvider } from './adapters/stripe-provider.js';
import { StripeSavedPayments } from './adapters/stripe-saved-payments.js';
import { TopUpController } from './adapters/topup.controller.js';
import { ApplyPayment } from './application/apply-payment.js';
import { ChargeSavedMethod } from './application/charge-saved.js';
import { ChargeTopUpNow } from './application/charge-topup.js';
import { CreateTopUpSession } from './application/create-topup.js';
import { CustomerDirectory } from './application/customer-directory.js';
import { ParkedTopUps } from './application/parked-topups.js';
import type { SavedPayments } from './application/payment-ports.js';
import { PaymentMethods } from './application/payment-methods.js';
import { SweepTopUps } from './application/sweep-topups.js';
import { TopUpWebhook } from './application/topup-webhook.js';

export interface GroundParts {
  readonly config: CheckoutConfig;
  readonly prisma: PrismaClient;
  readonly stripe: Stripe;
  readonly policies: ConstructorParameters<typeof ChargeSavedMethod>[4];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Stands before each adapter: see RefundDoubles. */
  readonly port: <T extends object>(real: T) => T;
  /** Stands between the use cases and Stripe. */
  readonly saved?: ((real: SavedPayments) => SavedPayments) | undefined;
}

/** The ground of checkout: rows, Stripe, saved methods, customers, and how a payment is applied. */
export function groundOf(parts: GroundParts) {
  const { config, prisma, stripe, policies, clock, logger, port } = parts;
  const provider = port(new StripeProvider(stripe));
  const realPayments = port(new StripeSavedPayments(stripe));
  const payments = parts.saved?.(realPayments) ?? realPayments;
  const topups = port(new PostgresTopUps(prisma));
  const customers = new CustomerDirectory(new PostgresCustomers(prisma), provider, clock, logger);
  const settlements = port(new PostgresSettlements(prisma));
  const retrySpacingMs = config.AUTO_RELOAD_RETRY_SECONDS * 1_000;
  const applyPayment = new ApplyPayment(settlements, clock, logger, retrySpacingMs);
  return {
    ...{ provider, payments, topups, customers, settlements, applyPayment, retrySpacingMs },
    inbox: port(new PostgresInbox(prisma)),
    outbox: port(new PostgresOutbox(prisma)),
    charge: new ChargeSavedMethod(
      topups,
      customers,
      payments,
      applyPayment,
      policies,
      clock,
      logger,
    ),
    webhook: new TopUpWebhook(topups, provider, payments, applyPayment, logger),
  };
}

export type CheckoutGround = ReturnType<typeof groundOf>;

/** With what tests run by hand. */
export interface TopUpsFeature extends Feature {
  readonly createTopUp: CreateTopUpSession;
  readonly chargeTopUp: ChargeTopUpNow;
  readonly parkedTopUps: ParkedTopUps;
  readonly paymentMethods: PaymentMethods;
  readonly sweep: SweepTopUps;
}

/** Top-ups by page and by saved method; a sweep finds those that no webhook reported. */
export function topupsFeature(
  ground: CheckoutGround,
  { config, clock, logger }: Pick<GroundParts, 'config' | 'clock' | 'logger'>,
  receive: ReceiveWebhook,
): TopUpsFeature {
  const { topups, customers, provider, payments, settlements, applyPayment, charge, inbox } =
    ground;
  const prices = unitPricesOf(config);
  const createTopUp = new CreateTopUpSession(
    topups,
    customers,
    provider,
    clock,
    (ms) => sleep(ms),
    logger,
    CREATE_LIMITS,
    prices,
  );
  const chargeTopUp = new ChargeTopUpNow(
    topups,
    customers,
    payments,
    charge,
    clock,
    config.PAYMENT_RETURN_URL,
    prices,
  );
  const parkedTopUps = new ParkedTopUps(topups, settlements, clock, logger);
  const paymentMethods = new PaymentMethods(customers, payments, clock, prices);
  const sweep = new SweepTopUps(
    topups,
    inbox,
    provider,
    charge,
    applyPayment,
    receive,
    clock,
    logger,
  );
  return {
    controllers: [TopUpController, PaymentMethodsController],
    providers: instances(createTopUp, chargeTopUp, parkedTopUps, paymentMethods),
    jobs: [{ name: 'sweep', intervalMs: SWEEP_INTERVAL_MS, run: () => sweep.run() }],
    ...{ createTopUp, chargeTopUp, parkedTopUps, paymentMethods, sweep },
  };
}
