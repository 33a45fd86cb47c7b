/**
 * Where an integration test runs: Jest's own environment for Node, which takes the file's topics away when it ends. A
 * broker that keeps those of every file has some fifteen thousand partitions at last, and no handles left for more.
 */
import { TestEnvironment } from 'jest-environment-node';
import kafkajs from 'kafkajs';

const REQUEST_TIMEOUT_MS = 30_000;

export default class SharedServersEnvironment extends TestEnvironment {
  async teardown() {
    const ids = this.global.orbitTestIds ?? [];
    await super.teardown();
    await deleteTopicsOf(ids);
  }
}

/** Topics are named `<id>.<topic>`. What fails here fails no test: the servers are thrown away in the end. */
async function deleteTopicsOf(ids) {
  if (ids.length === 0 || !process.env.ORBIT_TEST_INFRA) return;
  const { kafkaBrokers } = JSON.parse(process.env.ORBIT_TEST_INFRA);
  const kafka = new kafkajs.Kafka({
    brokers: kafkaBrokers,
    clientId: 'orbit-test-topics',
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
    const prefixes = ids.map((id) => `${id}.`);
    const topics = (await admin.listTopics()).filter((topic) =>
      prefixes.some((prefix) => topic.startsWith(prefix)),
    );
    if (topics.length > 0) await admin.deleteTopics({ topics, timeout: REQUEST_TIMEOUT_MS });
  } catch (error) {
    console.error(`The topics of a test file stay: ${error.message}`);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
