import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { systemClock, type Clock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import { createPrisma } from '@orbit/persistence';
import type { Logger } from '@orbit/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTopUpSession } from './application/create-topup.js';
import { ReceiveWebhook } from './application/receive-webhook.js';
import { RelayOutbox } from './application/relay-outbox.js';
import { SettleTopUp } from './application/settle-topup.js';
import { SweepTopUps } from './application/sweep-topups.js';
import {
  CREATE_LIMITS,
  POOL_SIZE_MAX,
  RELAY_INTERVAL_MS,
  SWEEP_INTERVAL_MS,
  type CheckoutConfig,
} from './checkout.config.js';
import { BackgroundWork } from './inbound/background-work.js';
import { TopUpController } from './inbound/topup.controller.js';
import { KafkaTopUpEvents } from './outbound/kafka-topup-events.js';
import {
  PostgresInbox,
  PostgresOutbox,
  PostgresSettlements,
} from './outbound/postgres-settlement.js';
import { PostgresCustomers, PostgresTopUps } from './outbound/postgres-topups.js';
import { createStripe, StripeProvider, StripeSignatureCheck } from './outbound/stripe-provider.js';

/** The service without Nest: the use cases over their adapters, and their life. */
export interface CheckoutParts {
  readonly createTopUp: CreateTopUpSession;
  readonly receiveWebhook: ReceiveWebhook;
  readonly sweep: SweepTopUps;
  readonly relay: RelayOutbox;
  readonly background: BackgroundWork;
  /** Rejects with the reason while something that is needed cannot be reached. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** The only place where ports meet adapters. */
export function assembleCheckout(
  config: CheckoutConfig,
  logger: Logger,
  clock: Clock = systemClock,
): CheckoutParts {
  const prisma = createPrisma(config.DATABASE_URL, { poolSizeMax: POOL_SIZE_MAX });
  const producer = new EventProducer({
    brokers: config.KAFKA_BROKERS.split(','),
    clientId: 'checkout',
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    logger,
  });
  const events = new KafkaTopUpEvents(producer);
  const stripe = createStripe(config.STRIPE_SECRET_KEY, config.STRIPE_API_BASE);
  const provider = new StripeProvider(stripe);
  const signatures = new StripeSignatureCheck(stripe, config.STRIPE_WEBHOOK_SECRET);
  const topups = new PostgresTopUps(prisma);
  const customers = new PostgresCustomers(prisma);
  const inbox = new PostgresInbox(prisma);
  const settle = new SettleTopUp(new PostgresSettlements(prisma), clock, logger);
  const receive = new ReceiveWebhook(signatures, inbox, topups, provider, settle, clock, logger);
  const sweep = new SweepTopUps(topups, inbox, provider, settle, receive, clock, logger);
  const publish = events.publish.bind(events);
  const relay = new RelayOutbox(new PostgresOutbox(prisma), publish, clock);
  const background = new BackgroundWork(
    { name: 'relay', intervalMs: RELAY_INTERVAL_MS, run: () => relay.run() },
    { name: 'sweep', intervalMs: SWEEP_INTERVAL_MS, run: () => sweep.run() },
    logger,
  );
  return {
    createTopUp: new CreateTopUpSession(
      topups,
      customers,
      provider,
      clock,
      (ms) => sleep(ms),
      logger,
      CREATE_LIMITS,
    ),
    receiveWebhook: receive,
    sweep,
    relay,
    background,
    async ready() {
      await prisma.$queryRaw`SELECT 1 FROM checkout.topup LIMIT 1`;
      await events.connect();
    },
    async close() {
      await background.stop();
      await producer.disconnect();
      await prisma.$disconnect();
    },
  };
}

const PARTS = Symbol('CheckoutParts');

@Module({})
export class CheckoutModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(PARTS) private readonly parts: CheckoutParts) {}

  static of(parts: CheckoutParts): DynamicModule {
    return {
      module: CheckoutModule,
      controllers: [TopUpController],
      providers: [
        { provide: PARTS, useValue: parts },
        { provide: CreateTopUpSession, useValue: parts.createTopUp },
        { provide: ReceiveWebhook, useValue: parts.receiveWebhook },
        { provide: BackgroundWork, useValue: parts.background },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.parts.background.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.parts.close();
  }
}
