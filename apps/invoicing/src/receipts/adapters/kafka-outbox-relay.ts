import type { InvoiceIssued } from '@orbit/events';
import type { Clock } from '@orbit/kernel';
import { Outbox, type EventProducer, type KeptEvent } from '@orbit/messaging';
import { reportOutbox } from '@orbit/metrics';
import { queryTransactions, type PrismaClient } from '@orbit/persistence';
import { BackgroundJobs, type Logger } from '@orbit/runtime';
import type { OutboxRelay } from '../application/ports.js';

const RELAY = 'relay of the outbox';
const BATCH_SIZE_MAX = 500;
/** Finds what a crash or an absent Kafka left behind. */
const POLL_INTERVAL_MS = 2_000;
const TABLE = { name: 'invoicing.invoice_outbox', atColumn: 'created_at' } as const;

/** Publishes what receipts put into the outbox: see libs/messaging. Whoever commits some wakes it. */
export class KafkaOutboxRelay implements OutboxRelay {
  private readonly jobs: BackgroundJobs;
  private readonly outbox: Outbox;
  private endReading: () => void = () => undefined;

  constructor(
    prisma: PrismaClient,
    private readonly producer: Pick<EventProducer, 'publish'>,
    private readonly clock: Clock,
    logger: Pick<Logger, 'info' | 'warn'>,
  ) {
    this.outbox = new Outbox(TABLE, queryTransactions(prisma));
    const run = (): Promise<number> =>
      this.outbox.relay(
        (events) => this.publish(events),
        () => clock.nowMs(),
      );
    const job = { name: RELAY, intervalMs: POLL_INTERVAL_MS, backsOff: false, isQuiet: true, run };
    this.jobs = new BackgroundJobs([job], logger);
  }

  start(): void {
    this.endReading = reportOutbox(() => this.outbox.state());
    this.jobs.start();
  }

  async stop(): Promise<void> {
    this.endReading();
    await this.jobs.stop();
  }

  wake(): void {
    this.jobs.wake(RELAY);
  }

  /** Returns how many events it published; 0 when another relay is at work. */
  publishBatch(): Promise<number> {
    return this.outbox.drain(BATCH_SIZE_MAX, (events) => this.publish(events), this.clock.nowMs());
  }

  private publish(events: readonly KeptEvent[]): Promise<void> {
    return this.producer.publish(
      'invoice.issued',
      events.map(({ key, value, id, atMs }) => ({
        ...{ key, id, timeMs: atMs },
        value: value as InvoiceIssued,
      })),
    );
  }
}
