/**
 * Charge accepted (acknowledged by Kafka) → `charge.posted` seen by a consumer, at a steady pace, beside
 * the same bytes from producer to consumer with nothing in between.
 */
import kafkajs from 'kafkajs';
import { makeTopics, physicalTopic } from '@orbit/messaging';
import { ChargeBatcher } from '@orbit/spend';
import { cpuText, watchCpu } from './cpu.mjs';
import { quantile, median, row, short } from './numbers.mjs';
import { chargeEvent, organizationsOf } from './post/charges.mjs';
import { auditStage } from './post/checks.mjs';
import { adminOf } from './post/progress.mjs';
import { walletsStage } from './wallets.mjs';

const WALLETS = 1_000;
const PER_SECOND = 1_000;
const ADDED_MS_MAX = 25;
/** Kafka and Node compile what is used often while they work; at this pace that takes so long. */
const WARM_SECONDS = 20;
const PARTITIONS = 6;

/** Hands each message's charge id to `seen` the moment it arrives. */
async function listen(servers, topic, seen) {
  const kafka = new kafkajs.Kafka({
    clientId: 'bench-listener',
    brokers: servers.brokers,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const consumer = kafka.consumer({ groupId: `listener-${topic}`, maxWaitTimeInMs: 500 });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    // kafkajs would commit after every batch, 7 ms each, and be slower than what it listens to.
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const nowMs = performance.now();
      for (const { value } of batch.messages) seen(JSON.parse(value.toString()), nowMs);
    },
  });
  await joined;
  return consumer;
}

/** Publishes at a steady pace; answers when each charge was acknowledged and seen. */
class Flight {
  acknowledged = new Map();
  arrived = new Map();

  /** A message carries one charge or several. */
  seen = (value, nowMs) => {
    for (const { charge_id: id } of Array.isArray(value) ? value : [value]) {
      if (!this.arrived.has(id)) this.arrived.set(id, nowMs);
    }
  };

  async publish(batcher, organizations, seconds) {
    const total = seconds * PER_SECOND;
    const startedMs = performance.now();
    const sends = [];
    for (let sent = 0; sent < total;) {
      const due = Math.min(total, ((performance.now() - startedMs) * PER_SECOND) / 1_000);
      for (; sent < due; sent++) {
        const event = chargeEvent(organizations[(sent * 7_919) % WALLETS], Date.now());
        const send = batcher.publish(event);
        sends.push(send.then(() => this.acknowledged.set(event.id, performance.now())));
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(sends);
  }

  /** Waits for every charge; the times from acknowledged to seen in ms. Errors: one never comes. */
  async times() {
    const endMs = performance.now() + 30_000;
    while (this.arrived.size < this.acknowledged.size && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const missing = [...this.acknowledged.keys()].filter((id) => !this.arrived.has(id));
    if (missing.length > 0) {
      throw new Error(`No figure: ${missing.length} charges were accepted and never seen.`);
    }
    return [...this.acknowledged].map(([id, ms]) => Math.max(0, this.arrived.get(id) - ms));
  }
}

export async function runE2e({ servers, options, note }) {
  const stage = await walletsStage(servers, 'e2e');
  const consumers = [];
  const p99 = { ours: [], kafka: [] };
  const organizations = organizationsOf(WALLETS);
  let sentCount = 0;
  try {
    await stage.fund(organizations);
    const bare = `${stage.prefix}bench.bare`;
    await createTopic(servers, bare);
    const flights = { ours: null, kafka: null };
    const posted = physicalTopic(stage.prefix, 'charge.posted');
    consumers.push(
      await listen(servers, posted, (value, ms) => flights.ours?.seen(value, ms)),
      await listen(servers, bare, (value, ms) => flights.kafka?.seen(value, ms)),
    );
    const ours = new ChargeBatcher({ producer: stage.producer });
    const kafka = new ChargeBatcher({ producer: toTopic(stage.producer, bare) });
    const fly = async (name, batcher, seconds) => {
      flights[name] = new Flight();
      await flights[name].publish(batcher, organizations, seconds);
      if (name === 'ours') sentCount += seconds * PER_SECOND;
      return flights[name].times();
    };
    await fly('kafka', kafka, WARM_SECONDS);
    await fly('ours', ours, WARM_SECONDS);
    for (let number = 1; number <= options.rounds; number++) {
      const seconds = Math.ceil(options.seconds * 2);
      for (const [name, batcher] of Object.entries({ kafka, ours })) {
        const cpu = watchCpu({ 'wallet-ledger': stage.ledger.pid, ...servers.pids });
        const before = process.cpuUsage();
        const times = await fly(name, batcher, seconds);
        const { user, system } = process.cpuUsage(before);
        const charges = seconds * PER_SECOND;
        const micros = { ...cpu(charges), load: (user + system) / charges };
        p99[name].push(quantile(times, 0.99));
        note(
          `e2e, ${name}: p50 ${short(quantile(times, 0.5))} ms, p99 ${short(quantile(times, 0.99))} ms; ` +
            `CPU in µs per charge: ${cpuText(micros)}`,
        );
      }
    }
    await auditStage(servers, stage.database, sentCount, organizations);
  } finally {
    await Promise.allSettled(consumers.map((consumer) => consumer.disconnect()));
    await stage.stop();
  }
  const [ours, baseline] = [median(p99.ours), median(p99.kafka)];
  const holds = ours <= baseline + ADDED_MS_MAX;
  const target = `p99 ≤ baseline + ${ADDED_MS_MAX} ms`;
  return [
    row({
      id: 'accepted-to-posted',
      ours,
      baseline,
      ratio: ours / baseline,
      target,
      holds,
      unit: 'ms',
    }),
  ];
}

/** The same producer and the same bytes, to a topic that nobody works on. */
function toTopic(producer, topic) {
  return {
    publish: (_, events) =>
      producer.publishRaw([
        {
          topic,
          messages: events.map(({ key, value, id }) => ({
            key,
            value: JSON.stringify(value),
            headers: { ce_specversion: '1.0', ce_id: id, 'content-type': 'application/json' },
          })),
        },
      ]),
  };
}

async function createTopic(servers, topic) {
  const admin = adminOf(servers);
  await admin.connect();
  try {
    await makeTopics(admin, [{ topic, numPartitions: PARTITIONS }]);
  } finally {
    await admin.disconnect();
  }
}
