import { applyDecorators, Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { TopicName } from '@orbit/events';
import type { TraceHeaders } from '@orbit/runtime';
import type { KafkaMessage } from 'kafkajs';
import { throwError, type Observable } from 'rxjs';

/** Binds batch handlers to the Kafka strategy alone, so that no RPC caller can feed them. */
export const KAFKA_BATCH_TRANSPORT = Symbol('orbit.kafka-batch');

/** One message that was read and fits its schema. */
export interface ReceivedEvent<T> {
  readonly value: T;
  readonly key: string;
  /** The sender's `ce_id`, or `<topic>-<partition>-<offset>` of a sender that speaks no CloudEvents. */
  readonly id: string;
  /** When it happened by `ce_time`, else when the broker took it; milliseconds since the epoch. */
  readonly timeMs: number;
  readonly offset: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The trace that its handling belongs to; goes into the headers of what it leads to. */
  readonly trace?: TraceHeaders;
  readonly raw: KafkaMessage;
}

/** Messages of one partition, in order. */
export interface EventBatch<T> {
  readonly topic: TopicName;
  readonly partition: number;
  readonly events: readonly ReceivedEvent<T>[];
  /** Sent by itself while the handler runs; call it only around work that blocks the event loop. */
  heartbeat(): Promise<void>;
  /** Names an event that can never be handled; goes to `<topic>.dlq` before the offsets commit. */
  deadLetter(event: ReceivedEvent<T>, reason: string, detail: string): void;
}

/** Leaves errors as they are: the strategy must distinguish a broken invariant from an error that may be retried. */
@Catch()
class RethrowFilter implements RpcExceptionFilter {
  catch(exception: unknown): Observable<never> {
    return throwError(() => exception);
  }
}

/**
 * A controller method `(batch: EventBatch<T>) => Promise<void>` that gets every batch of these topics.
 * At least once: when it resolves, the batch counts as done. When it rejects, the same batch comes again,
 * except after an InvariantViolation, which stops the partition. A service's handlers of one topic run one after
 * another, in the order of its controllers; when one rejects, the batch comes again to all of them.
 */
export const BatchHandler = (...topics: readonly TopicName[]): MethodDecorator =>
  applyDecorators(
    EventPattern([...topics], KAFKA_BATCH_TRANSPORT) as MethodDecorator,
    UseFilters(new RethrowFilter()),
  );
