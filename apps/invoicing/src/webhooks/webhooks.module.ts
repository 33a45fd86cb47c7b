import type { Provider } from '@nestjs/common';
import { systemClock, type AccountClock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient, type Sql } from '@orbit/persistence';
import { instances, WakeUp, type BackgroundJob, type Feature } from '@orbit/runtime';
import { randomBytes } from 'node:crypto';
import { EventsConsumer } from './adapters/events.consumer.js';
import { HttpSender } from './adapters/http-sender.js';
import { measuredDeliveries, reportDue } from './adapters/measured-deliveries.js';
import { PrismaDeliveries } from './adapters/prisma-deliveries.js';
import { PrismaEndpoints, SqlEndpoints } from './adapters/prisma-endpoints.js';
import { SqlDeliveryLog } from './adapters/sql-delivery-log.js';
import { SqlFacts } from './adapters/sql-facts.js';
import { SqlOrbitFacts } from './adapters/sql-orbit-facts.js';
import { SqlOwnEndpoints } from './adapters/sql-own-endpoints.js';
import { WebhookEndpointsController } from './adapters/webhook-endpoints.controller.js';
import { WebhooksController } from './adapters/webhooks.controller.js';
import { ForwardEvents } from './application/forward-events.js';
import { ManageEndpoints } from './application/manage-endpoints.js';
import { ReadDeliveries } from './application/read-deliveries.js';
import { SendDeliveries } from './application/send-deliveries.js';
import { ServeEndpoints } from './application/serve-endpoints.js';
import type { FactsOfMany } from './domain/fact.js';
import { SECRET_PREFIX } from './domain/sign.js';

/**
 * The first attempt leaves within two seconds of the fact. Who records one wakes the loop before the transaction ends,
 * so it looks again after this, and after twice as long each time: no later than the transaction takes once more.
 */
const SEND_INTERVAL_MS = 500;
/** Without a wake-up: what another process recorded that died. */
const SEND_IDLE_MS = 30_000;
const SECRET_BYTES = 32;
const FORGET_INTERVAL_MS = 3_600_000;

export type FactsIn = (sql: Sql) => FactsOfMany;

/** Webhooks: their endpoints, and the job that sends. */
export class WebhooksFeature implements Feature {
  readonly controllers = [WebhookEndpointsController, WebhooksController, EventsConsumer];
  readonly providers: readonly Provider[];
  readonly jobs: readonly BackgroundJob[];
  private readonly recorded = new WakeUp();
  private readonly sending: SendDeliveries;
  private endReading: () => void = () => undefined;

  /** `senders` is a pool of its own, so that deliveries take no connection from what they report. */
  constructor(
    prisma: PrismaClient,
    private readonly senders: PrismaClient,
    accountClock: AccountClock,
  ) {
    const changes = new PrismaChanges(
      prisma,
      systemClock,
      'invoicing',
      (sql) => new SqlEndpoints(sql),
    );
    const newSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');
    const serve = new ServeEndpoints(new PrismaEndpoints(prisma), changes, accountClock, newSecret);
    const wake = (): void => this.recorded.ring();
    const reading = new ReadDeliveries(new SqlDeliveryLog(prisma), systemClock, wake);
    this.providers = instances(
      serve,
      new ManageEndpoints(new SqlOwnEndpoints(prisma), systemClock, newSecret),
      reading,
      new ForwardEvents(new SqlOrbitFacts(prisma, wake), systemClock),
    );
    this.sending = new SendDeliveries(
      measuredDeliveries(new PrismaDeliveries(senders)),
      new HttpSender(systemClock),
      systemClock,
      Math.random,
      wake,
    );
    const send = {
      ...{ name: 'send-webhooks', wokenBy: this.recorded, startsAtOnce: true, isQuiet: true },
      ...{ intervalMs: SEND_INTERVAL_MS, idleIntervalMs: SEND_IDLE_MS },
      dueInMs: () => this.sending.dueInMs(),
      run: () => this.sending.run(),
    };
    const prune = {
      name: 'forget-webhooks',
      intervalMs: FORGET_INTERVAL_MS,
      startsAtOnce: true,
      run: () => reading.prune(),
    };
    this.jobs = [send, prune];
  }

  /** Facts recorded on a connection or in a transaction; the job that sends is woken by each. */
  readonly factsIn: FactsIn = (sql) => new SqlFacts(sql, systemClock, () => this.recorded.ring());

  start(): void {
    this.endReading = reportDue(this.senders);
  }

  async stop(): Promise<void> {
    this.endReading();
    await this.sending.whenIdle();
  }
}
