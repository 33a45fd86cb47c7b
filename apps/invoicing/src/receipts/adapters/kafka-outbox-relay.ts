import type { InvoiceIssued } from '@orbit/events';
import type { Clock } from '@orbit/kernel';
import { reportOutbox, type OutboxState } from '@orbit/metrics';
import type { EventProducer } from '@orbit/messaging';
import type { PrismaClient } from '@orbit/persistence';
import { BackgroundJobs, type Logger } from '@orbit/runtime';
import type { OutboxRelay } from '../application/ports.js';

const RELAY = 'relay of the outbox';
const BATCH_SIZE_MAX = 500;
/** Finds what a crash or an absent Kafka left behind. */
const POLL_INTERVAL_MS = 2_000;
const TRANSACTION_MS_MAX = 30_000;
/** Any constant that no other advisory lock of this database uses. */
const RELAY_LOCK = 7_040_601;

interface OutboxRow {
  readonly position: bigint;
  readonly event_id: string;
  readonly key: string;
  readonly value: InvoiceIssued;
  readonly created_at: Date;
}

/**
 * Publishes the outbox in its order, at least once: a crash between publishing and marking publishes
 * again under the same event id. One relay at a time runs, whatever the number of instances.
 */
export class KafkaOutboxRelay implements OutboxRelay {
  private readonly jobs: BackgroundJobs;
  private endReading: () => void = () => undefined;

  constructor(
    private readonly prisma: PrismaClient,
    private readonly producer: Pick<EventProducer, 'publish'>,
    private readonly clock: Clock,
    logger: Pick<Logger, 'info' | 'warn'>,
  ) {
    const run = (): Promise<void> => this.publishAll();
    const relay = { name: RELAY, intervalMs: POLL_INTERVAL_MS, backsOff: false, run };
    this.jobs = new BackgroundJobs([relay], logger);
  }

  start(): void {
    this.endReading = reportOutbox(() => this.state());
    this.jobs.start();
  }

  stop(): Promise<void> {
    this.endReading();
    return this.jobs.stop();
  }

  wake(): void {
    this.jobs.wake(RELAY);
  }

  /** The number and the age of what waits. Errors: the database's own. */
  async state(): Promise<OutboxState | undefined> {
    const [row] = await this.prisma.$queryRaw<OutboxState[]>`
      SELECT count(*) AS depth, extract(epoch FROM now() - min(created_at))::float8 AS "ageSeconds"
      FROM invoicing.invoice_outbox WHERE published_at IS NULL`;
    return row;
  }

  private async publishAll(): Promise<void> {
    while ((await this.publishBatch()) === BATCH_SIZE_MAX);
  }

  /** Returns how many events it published; 0 when another relay is at work. */
  async publishBatch(): Promise<number> {
    return this.prisma.$transaction(
      async (sql) => {
        const [lock] = await sql.$queryRaw<{ held: boolean }[]>`
          SELECT pg_try_advisory_xact_lock(${RELAY_LOCK}::bigint) AS held`;
        if (lock?.held !== true) return 0;
        const rows = await sql.$queryRaw<OutboxRow[]>`
          SELECT position, event_id, key, value, created_at FROM invoicing.invoice_outbox
          WHERE published_at IS NULL ORDER BY position LIMIT ${BATCH_SIZE_MAX}`;
        if (rows.length === 0) return 0;
        await this.producer.publish(
          'invoice.issued',
          rows.map((row) => ({
            key: row.key,
            value: row.value,
            id: row.event_id,
            timeMs: row.created_at.getTime(),
          })),
        );
        const positions = rows.map((row) => row.position.toString());
        await sql.$executeRaw`
          UPDATE invoicing.invoice_outbox SET published_at = ${new Date(this.clock.nowMs()).toISOString()}::text::timestamptz
          WHERE position = ANY(${positions}::text[]::bigint[])`;
        return rows.length;
      },
      { timeout: TRANSACTION_MS_MAX },
    );
  }
}
