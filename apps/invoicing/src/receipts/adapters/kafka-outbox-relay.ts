import type { InvoiceIssued } from '@orbit/events';
import type { Clock } from '@orbit/kernel';
import { Outbox, toOutgoing, type EventProducer, type KeptEvent } from '@orbit/messaging';
import { reportOutbox } from '@orbit/metrics';
import { queryTransactions, type PrismaClient } from '@orbit/persistence';
import { WakeUp, type BackgroundJob } from '@orbit/runtime';
import type { OutboxRelay } from '../application/ports.js';

const BATCH_SIZE_MAX = 500;
/** Finds what a crash or an absent Kafka left behind. */
const POLL_INTERVAL_MS = 2_000;
const TABLE = {
  name: 'invoicing.invoice_outbox',
  atColumn: 'created_at',
  keepsTrace: true,
} as const;

/** Publishes what receipts put into the outbox: see libs/messaging. Whoever commits some wakes it. */
export class KafkaOutboxRelay implements OutboxRelay {
  readonly job: BackgroundJob;
  private readonly committed = new WakeUp();
  private readonly outbox: Outbox;
  private endReading: () => void = () => undefined;

  constructor(
    prisma: PrismaClient,
    private readonly producer: Pick<EventProducer, 'publish'>,
    private readonly clock: Clock,
  ) {
    this.outbox = new Outbox(TABLE, queryTransactions(prisma));
    this.job = {
      ...{ name: 'relay of the outbox', intervalMs: POLL_INTERVAL_MS, wokenBy: this.committed },
      ...{ startsAtOnce: true, backsOff: false, isQuiet: true },
      run: () =>
        this.outbox.relay(
          (events) => this.publish(events),
          () => clock.nowMs(),
        ),
    };
  }

  start(): void {
    this.endReading = reportOutbox(() => this.outbox.state());
  }

  stop(): void {
    this.endReading();
  }

  wake(): void {
    this.committed.ring();
  }

  /** Returns how many events it published; 0 when another relay is at work. */
  publishBatch(): Promise<number> {
    return this.outbox.drain(BATCH_SIZE_MAX, (events) => this.publish(events), this.clock.nowMs());
  }

  private publish(events: readonly KeptEvent[]): Promise<void> {
    return this.producer.publish(
      'invoice.issued',
      events.map((event) => ({ ...toOutgoing(event), value: event.value as InvoiceIssued })),
    );
  }
}
