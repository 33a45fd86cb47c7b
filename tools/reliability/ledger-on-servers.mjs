/** A ledger of a test's own (database, topics, group) on servers that others may share. */
import { createTopics, patientAdmin } from '@orbit/messaging';
import { RpcClient } from '@orbit/runtime';
import kafkajs from 'kafkajs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { LedgerProcess } from './ledger-process.mjs';

const { Kafka, logLevel, Partitioners } = kafkajs;
const POLL_MS = 100;

/** Where orbit and tests find this ledger, and what they do with it. */
export class LedgerOnServers {
  #clients = new Map();

  /** `infra`: {kafkaBrokers, redisUrl}; `databaseUrl`: as the ledger's role; `adminUrl`: as the administrator. */
  static async create({ infra, databaseUrl, adminUrl, topicPrefix = '' }) {
    const home = await mkdtemp(join(tmpdir(), 'orbit-ledger-'));
    const ledger = new LedgerOnServers({ home, infra, databaseUrl, adminUrl, topicPrefix });
    await createTopics({
      brokers: infra.kafkaBrokers,
      topicPrefix,
      services: ['wallet-ledger'],
    });
    await ledger.producer.connect();
    await ledger.admin.connect();
    return ledger;
  }

  constructor({ home, infra, databaseUrl, adminUrl, topicPrefix }) {
    this.home = home;
    this.infra = infra;
    this.topicPrefix = topicPrefix;
    this.pool = new pg.Pool({ connectionString: adminUrl, max: 4 });
    this.pool.on('error', () => undefined);
    this.env = {
      DATABASE_URL: databaseUrl,
      REDIS_URL: infra.redisUrl,
      KAFKA_BROKERS: infra.kafkaBrokers.join(','),
      KAFKA_TOPIC_PREFIX: topicPrefix,
    };
    /** Environment of `orbit` commands against this ledger. */
    this.orbitEnv = {
      KAFKA_BROKERS: this.env.KAFKA_BROKERS,
      KAFKA_TOPIC_PREFIX: topicPrefix,
      REDIS_URL: infra.redisUrl,
      ORBIT_DATABASE_URL: adminUrl,
      ORBIT_HOME: home,
    };
    this.kafka = new Kafka({
      clientId: 'ledger-test',
      brokers: [...infra.kafkaBrokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    this.producer = this.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    this.admin = patientAdmin(this.kafka.admin());
  }

  instance(name = 'wallet-ledger', env = {}) {
    return LedgerProcess.create({ home: this.home, name, env: { ...this.env, ...env } });
  }

  /** A call of the ledger's RPC, on the instance at `address`. */
  call(address, pattern, payload) {
    if (!this.#clients.has(address)) {
      this.#clients.set(address, RpcClient.at('wallet-ledger', address));
    }
    return this.#clients.get(address).call(pattern, payload);
  }

  /** Commands for the ledger, keyed by organization, as every sender keys them. */
  send(topic, values) {
    const messages = values.map((value) => ({
      key: value.organization_id,
      value: JSON.stringify(value),
    }));
    return this.producer.send({ topic: this.topicPrefix + topic, acks: -1, messages });
  }

  /** Messages that the ledger has not answered yet. */
  async lag() {
    let lag = 0n;
    const groupId = `${this.topicPrefix}wallet-ledger`;
    const topics = ['charge.requested', 'topup.completed'].map((t) => this.topicPrefix + t);
    for (const { topic, partitions } of await this.admin.fetchOffsets({ groupId, topics })) {
      const ends = new Map(
        (await this.admin.fetchTopicOffsets(topic)).map((end) => [end.partition, end]),
      );
      for (const { partition, offset } of partitions) {
        const { low, high } = ends.get(partition);
        lag += BigInt(high) - (BigInt(offset) < 0n ? BigInt(low) : BigInt(offset));
      }
    }
    return Number(lag);
  }

  /** Resolves when everything that was sent has been answered and committed. */
  async untilRead(timeoutMs = 60_000) {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const lag = await this.lag().catch(() => Number.POSITIVE_INFINITY);
      if (lag === 0) return;
      if (performance.now() > deadlineMs) throw new Error(`${lag} messages are still not read`);
      await sleep(POLL_MS);
    }
  }

  async close() {
    for (const client of this.#clients.values()) client.close();
    await this.producer.disconnect();
    const topics = (await this.admin.listTopics()).filter(
      (topic) => this.topicPrefix !== '' && topic.startsWith(this.topicPrefix),
    );
    if (topics.length > 0) await this.admin.deleteTopics({ topics });
    await this.admin.disconnect();
    await this.pool.end();
    await rm(this.home, { recursive: true, force: true });
  }
}
