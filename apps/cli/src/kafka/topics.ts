import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { UsageError } from '../cli/faults.js';
import { examples } from '../cli/frame.js';

const DAY_MS = 86_400_000;

/** `orbit topics`: what Kafka holds. */
export function register(program: Command, context: Context): void {
  const topics = program
    .command('topics [topic]')
    .description('topics with their partitions, messages, end offsets and retention')
    .action(async (only?: string) => context.print(await readTopics(context, only)));
  examples(topics, 'topics', 'topics charge.requested --json');
}

async function readTopics(context: Context, only?: string): Promise<object[]> {
  const admin = await context.kafkaAdmin();
  const { ConfigResourceTypes } = (await import('kafkajs')).default;
  const { json } = context.options();
  const isOurs = (name: string): boolean =>
    !name.startsWith('__') && name.startsWith(context.topicPrefix);
  const names = (await admin.listTopics())
    .filter((name) => isOurs(name) && (only === undefined || name === context.topicPrefix + only))
    .sort();
  if (only !== undefined && names.length === 0) throw new UsageError(`There is no topic ${only}.`);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: ['retention.ms'],
    })),
  });
  const retention = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Number(configEntries[0]?.configValue),
    ]),
  );
  const rows: object[] = [];
  for (const topic of names) {
    const offsets = await admin.fetchTopicOffsets(topic);
    offsets.sort((a, b) => a.partition - b.partition);
    rows.push({
      topic,
      partitions: offsets.length,
      messages: offsets.reduce((sum, { high, low }) => sum + BigInt(high) - BigInt(low), 0n),
      ...(json
        ? { offsets: offsets.map(({ partition, low, high }) => ({ partition, low, high })) }
        : { ends: offsets.map(({ high }) => high).join(' ') }),
      retention: retentionText(retention.get(topic)),
    });
  }
  return rows;
}

const retentionText = (ms: number | undefined): string => {
  if (ms === -1) return 'for ever';
  return ms !== undefined && Number.isFinite(ms) ? `${ms / DAY_MS} days` : '?';
};
