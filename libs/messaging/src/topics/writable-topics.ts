import { OrbitError } from '@orbit/contracts';
import kafkajs, { type Admin } from 'kafkajs';

const TOPIC = kafkajs.ConfigResourceTypes.TOPIC;
const COPIES_MIN = 'min.insync.replicas';

/**
 * Whether a write to every partition of these topics would be taken now: it has a leader, and as many copies in sync
 * as `acks=all` asks for. A cluster that answers may still take no write.
 * Errors: kafkajs' for a topic or a leader that is not there; OrbitError `unavailable` for missing copies.
 */
export async function refuseUnwritable(admin: Admin, topics: readonly string[]): Promise<void> {
  if (topics.length === 0) return;
  const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
  const fewest = new Map(
    metadata.topics.map(({ name, partitions }) => [
      name,
      Math.min(...partitions.map(({ isr }) => isr.length)),
    ]),
  );
  const thin = metadata.topics.filter(({ partitions }) =>
    partitions.some(({ isr, replicas }) => isr.length < replicas.length),
  );
  // All copies are there: no setting can ask for more.
  if (thin.length === 0) return;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: thin.map(({ name }) => ({ type: TOPIC, name, configNames: [COPIES_MIN] })),
  });
  for (const { resourceName, configEntries } of resources) {
    const wanted = Number(configEntries[0]?.configValue ?? 1);
    const inSync = fewest.get(resourceName) ?? 0;
    if (inSync >= wanted) continue;
    throw new OrbitError(
      'unavailable',
      `Kafka takes no write to ${resourceName}: ${inSync} copies are in sync, and ${wanted} are asked for.`,
    );
  }
}
