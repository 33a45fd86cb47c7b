import type { Provider } from '@nestjs/common';
import { systemClock, type AccountClock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient, type Sql } from '@orbit/persistence';
import { BackgroundJobs, type Logger } from '@orbit/runtime';
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
import type { Facts } from './domain/fact.js';
import { SECRET_PREFIX } from './domain/sign.js';

export const WEBHOOK_CONTROLLERS = [WebhookEndpointsController, WebhooksController, EventsConsumer];

const SEND_JOB = 'send-webhooks';
/**
 * The first attempt leaves within two seconds of the fact. Who records one wakes the loop before the transaction ends,
 * so it looks again after this, and after twice as long each time: no later than the transaction takes once more.
 */
const SEND_INTERVAL_MS = 500;
/** Without a wake-up: what another process recorded that died. */
const SEND_IDLE_MS = 30_000;
const SECRET_BYTES = 32;
const FORGET_INTERVAL_MS = 3_600_000;

export type FactsIn = (sql: Sql) => Facts;

/** Webhooks, wired: their endpoints, and the loop that sends. */
export class Webhooks {
  readonly providers: readonly Provider[];
  /** Facts recorded on a connection or in a transaction; the loop hears of each. */
  readonly factsIn: FactsIn = (sql) =>
    new SqlFacts(sql, systemClock, () => this.jobs.wake(SEND_JOB));
  private readonly jobs: BackgroundJobs;
  private readonly sending: SendDeliveries;
  private endReading: () => void = () => undefined;

  /** `senders` is a pool of its own, so that deliveries take no connection from what they report. */
  constructor(
    prisma: PrismaClient,
    private readonly senders: PrismaClient,
    accountClock: AccountClock,
    logger: Logger,
  ) {
    const changes = new PrismaChanges(
      prisma,
      systemClock,
      'invoicing',
      (sql) => new SqlEndpoints(sql),
    );
    const newSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');
    const serve = new ServeEndpoints(new PrismaEndpoints(prisma), changes, accountClock, newSecret);
    const wake = (): void => this.jobs.wake(SEND_JOB);
    const reading = new ReadDeliveries(new SqlDeliveryLog(prisma), systemClock, wake);
    this.providers = [
      { provide: ServeEndpoints, useValue: serve },
      {
        provide: ManageEndpoints,
        useValue: new ManageEndpoints(new SqlOwnEndpoints(prisma), systemClock, newSecret),
      },
      { provide: ReadDeliveries, useValue: reading },
      {
        provide: ForwardEvents,
        useValue: new ForwardEvents(new SqlOrbitFacts(prisma, wake), systemClock),
      },
    ];
    this.sending = new SendDeliveries(
      measuredDeliveries(new PrismaDeliveries(senders)),
      new HttpSender(systemClock),
      systemClock,
      Math.random,
      wake,
    );
    const job = {
      name: SEND_JOB,
      intervalMs: SEND_INTERVAL_MS,
      idleIntervalMs: SEND_IDLE_MS,
      isQuiet: true,
      dueInMs: () => this.sending.dueInMs(),
      run: () => this.sending.run(),
    };
    const forget = {
      name: 'forget-webhooks',
      intervalMs: FORGET_INTERVAL_MS,
      run: () => reading.forget(),
    };
    this.jobs = new BackgroundJobs([job, forget], logger);
  }

  start(): void {
    this.endReading = reportDue(this.senders);
    this.jobs.start();
  }

  async stop(): Promise<void> {
    this.endReading();
    await this.jobs.stop();
    await this.sending.settled();
  }
}
