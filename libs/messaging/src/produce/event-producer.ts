import { OrbitError } from '@orbit/contracts';
import type { TopicName } from '@orbit/events';
import { invariant } from '@orbit/kernel';
import type { Logger } from '@orbit/runtime';
import { Partitioners, type Admin, type Message, type Producer } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { toHeaders } from '../consume/cloud-events.js';
import { encodedByPartition } from '../kafkajs/encoder/encoded-by-partition.js';
import { registerOwnEncoder } from '../kafkajs/encoder/encoded-produce.js';
import { makeKafka } from '../kafkajs/kafka-client.js';
import { patientAdmin } from '../kafkajs/patient-admin.js';
import { forKafkajs } from '../kafkajs/for-kafkajs.js';
import { PartitionChoice } from '../kafkajs/encoder/partition-choice.js';
import { SendQueue, type TopicMessages } from './send-queue.js';
import { SendTraces } from './send-traces.js';
import { physicalTopic } from '../topics/topic-names.js';
import { refuseUnwritable } from '../topics/writable-topics.js';

export interface OutgoingEvent<T> {
  /** The organization id: one organization, one partition. */
  readonly key: string;
  readonly value: T;
  readonly id: string;
  readonly timeMs: number;
  /** `ce_source`; the client id of the producer when absent. */
  readonly source?: string;
  /** Further headers, such as `orbit_reply_to`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EventSet {
  readonly topic: TopicName;
  readonly events: readonly OutgoingEvent<unknown>[];
}

export interface EventProducerOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topicPrefix?: string;
  readonly logger?: Logger;
  /** Longest time a publish may take, queueing and repeats included. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** `off`: kafkajs encodes what is sent (kafkajs/README.md). Default `on`. */
  readonly ownEncoder?: 'on' | 'off';
}

const REQUEST_TIMEOUT_MS_DEFAULT = 10_000;
const PROBE_MS = 2_000;
const PROBE_TIMEOUT_MS = 3_000;
/** How old our knowledge of a topic's partitions may be; kafkajs' own is as old. */
const METADATA_MS = 5 * 60_000;
/** How long a topic may be between two leaders before the caller gets an error. */
const METADATA_PATIENCE_MS = 3_000;
const AWAY_TIMEOUT_MS = 2_000;
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 10 };

/**
 * Publishes events, acknowledged by every in-sync copy (acks=all).
 *
 * At least once. kafkajs' idempotent producer is experimental, and would still not cover a process that dies
 * between its database and Kafka; every consumer here drops what it has seen, by charge id or event id, so
 * repeats cost nothing and the plain producer is enough. One request is under way at a time, so a repeat
 * cannot overtake what was published after it; what comes meanwhile leaves together in the next request.
 */
export class EventProducer {
  private readonly producer: Producer;
  private readonly admin: Admin;
  private readonly queue: SendQueue;
  private readonly prefix: string;
  private readonly requestTimeoutMs: number;
  private readonly choices = new Map<string, { choice: PartitionChoice; untilMs: number }>();
  /** Topics that were published to, or were to be: readiness asks whether these take a write. */
  private readonly topics = new Set<string>();
  private connected = false;
  private probe: NodeJS.Timeout | null = null;
  private connecting: Promise<void> | null = null;
  private isOpen = false;
  private readonly encodes: boolean;

  constructor(private readonly options: EventProducerOptions) {
    this.prefix = options.topicPrefix ?? '';
    this.requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS_DEFAULT;
    this.encodes = options.ownEncoder !== 'off';
    if (this.encodes) registerOwnEncoder();
    const kafka = makeKafka(options, this.requestTimeoutMs);
    this.producer = kafka.producer({
      // Murmur2, as Java and librdkafka clients: a key has one partition whoever sends.
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: false,
      retry: RETRY,
    });
    const admin = kafka.admin({ retry: { retries: 0, initialRetryTime: 50 } });
    this.admin = patientAdmin(admin, Math.min(METADATA_PATIENCE_MS, this.requestTimeoutMs / 2));
    this.queue = new SendQueue((sets) => this.send(sets));
  }

  /** Waits for Kafka a few seconds, then goes on trying in the background; never rejects, see isConnected. */
  async connect(): Promise<void> {
    this.isOpen = true;
    this.connecting ??= this.tryConnect().finally(() => {
      this.connecting = null;
    });
    await Promise.race([this.connecting, sleep(PROBE_TIMEOUT_MS, undefined, { ref: false })]);
    this.scheduleProbe();
  }

  async disconnect(): Promise<void> {
    this.isOpen = false;
    this.connected = false;
    if (this.probe) clearTimeout(this.probe);
    await this.connecting;
    await Promise.allSettled([this.producer.disconnect(), this.admin.disconnect()]);
  }

  /**
   * Whether Kafka answered when last asked, at most PROBE_MS + PROBE_TIMEOUT_MS ago, and would take a write to every
   * topic that was published to.
   */
  isConnected(): boolean {
    return this.connected;
  }

  /**
   * Resolves when every event is safe in Kafka.
   * Errors: OrbitError `unavailable`; events may have arrived all the same, so repeat with the same ids.
   */
  publish<T>(topic: TopicName, events: readonly OutgoingEvent<T>[]): Promise<void> {
    return this.publishMany([{ topic, events }]);
  }

  async publishMany(sets: readonly EventSet[]): Promise<void> {
    const traces = new SendTraces();
    const messages = sets.map(({ topic, events }) => ({
      topic: physicalTopic(this.prefix, topic),
      messages: events.map((event) => this.toMessage(topic, event, traces)),
    }));
    await traces.around(this.publishRaw(messages));
  }

  /** Messages as they are, to physical topics; for dead letters, whose bytes must not change. */
  async publishRaw(sets: readonly TopicMessages[]): Promise<void> {
    const filled = sets.filter(({ messages }) => messages.length > 0);
    if (filled.length === 0) return;
    // Known to be unavailable: a short wait, in case it comes back just now, and then the caller knows.
    const timeoutMs = this.connected
      ? this.requestTimeoutMs
      : Math.min(this.requestTimeoutMs, AWAY_TIMEOUT_MS);
    try {
      await this.queue.push(filled, timeoutMs);
    } catch (error) {
      this.connected = false;
      throw error;
    }
  }

  private toMessage(topic: TopicName, event: OutgoingEvent<unknown>, traces: SendTraces): Message {
    const { id, timeMs, source = this.options.clientId } = event;
    return {
      key: event.key,
      value: JSON.stringify(event.value),
      headers: {
        ...toHeaders({ id, timeMs, source, type: topic }),
        ...event.headers,
        ...traces.of(topic, event),
      },
    };
  }

  private async send(sets: readonly TopicMessages[]): Promise<void> {
    for (const { topic } of sets) this.topics.add(topic);
    try {
      await this.producer.sendBatch({
        acks: -1,
        timeout: this.requestTimeoutMs,
        topicMessages: await Promise.all(sets.map((set) => this.toSend(set))),
      });
      this.connected = this.isOpen;
    } catch (error) {
      // It may have failed because partitions moved or were added.
      this.choices.clear();
      this.options.logger?.warn({ err: error }, 'events could not be published');
      this.connected = false;
      throw new OrbitError('unavailable', 'Kafka did not take the events.', { cause: error });
    }
  }

  private async toSend({
    topic,
    messages,
  }: TopicMessages): Promise<TopicMessages & { messages: Message[] }> {
    if (!this.encodes) return { topic, messages: messages.map(forKafkajs) };
    return { topic, messages: encodedByPartition(messages, await this.choiceOf(topic)) };
  }

  private async choiceOf(topic: string): Promise<PartitionChoice> {
    const known = this.choices.get(topic);
    if (known && known.untilMs > performance.now()) return known.choice;
    const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] });
    const [metadata] = topics;
    invariant(metadata, 'Kafka answers for the topic that it was asked for');
    const choice = new PartitionChoice(metadata);
    this.choices.set(topic, { choice, untilMs: performance.now() + METADATA_MS });
    return choice;
  }

  private async tryConnect(): Promise<void> {
    // kafkajs may repeat for longer than readiness can wait.
    const late = setTimeout(() => (this.connected = false), PROBE_TIMEOUT_MS);
    try {
      // Both do nothing when they are connected already.
      await Promise.all([this.producer.connect(), this.admin.connect()]);
      await this.admin.describeCluster();
      await refuseUnwritable(this.admin, [...this.topics]);
      if (!this.connected) this.options.logger?.debug('producer reached Kafka');
      this.connected = this.isOpen;
    } catch (error) {
      if (this.connected) this.options.logger?.warn({ err: error }, 'producer lost Kafka');
      this.connected = false;
    } finally {
      clearTimeout(late);
    }
  }

  /** kafkajs notices a lost broker only when it sends; readiness must know sooner. */
  private scheduleProbe(): void {
    if (!this.isOpen || this.probe) return;
    this.probe = setTimeout(() => {
      this.probe = null;
      if (this.isOpen) void this.connect();
    }, PROBE_MS);
    this.probe.unref();
  }
}
