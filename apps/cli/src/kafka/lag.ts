import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Admin } from 'kafkajs';
import type { Context } from '../cli/context.js';
import { UsageError } from '../cli/faults.js';
import { examples } from '../cli/frame.js';

interface Options {
  readonly all?: boolean;
  readonly max?: string;
  readonly watch?: boolean;
  /** Seconds. */
  readonly interval: string;
}

interface Bound {
  readonly low: bigint;
  readonly high: bigint;
}

interface LagRow {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly committed: bigint | null;
  readonly end: bigint;
  readonly lag: number;
}

/** `orbit lag`: how far behind every consumer group is. */
export function register(program: Command, context: Context): void {
  const lag = program
    .command('lag [group]')
    .summary('how far behind the consumer groups are')
    .description(
      'Messages that a consumer group has not committed yet, by topic and partition.\nPartitions that are read to the end are summed up in one line per topic unless --all.',
    )
    .option('--all', 'every partition')
    .option('--max <n>', 'end with 1 when any group is further behind than this')
    .option('--watch', 'again and again until Ctrl-C')
    .option('--interval <seconds>', 'pause between two looks', '2')
    .action((group: string | undefined, options: Options) => run(context, group, options));
  examples(lag, 'lag', 'lag wallet-ledger --watch', 'lag --max 10000 --json');
}

const toNumber = (text: string, name: string): number => {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`${name} "${text}" is no number.`);
};

async function run(context: Context, group: string | undefined, options: Options): Promise<void> {
  const { all, max, watch, interval } = options;
  const pauseMs = toNumber(interval, '--interval') * 1_000;
  const limit = max === undefined ? null : toNumber(max, '--max');
  const admin = await context.kafkaAdmin();
  for (;;) {
    const rows = await readLag(context, admin, group);
    const { json } = context.options();
    if (watch && !json && context.stdout.isTTY) context.stdout.write('\u001b[2J\u001b[H');
    context.print(all || json ? rows : summarize(rows));
    if (limit !== null && worst(rows) > limit) {
      context.finding();
      context.say(`A group is ${worst(rows)} messages behind; ${limit} were allowed.`);
    }
    if (!watch) return;
    const { interruption: signal } = context;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

async function readLag(context: Context, admin: Admin, only?: string): Promise<LagRow[]> {
  const { groups } = await admin.listGroups();
  const isOurs = (id: string): boolean =>
    id.startsWith(context.topicPrefix) && !id.startsWith('orbit-cli-');
  const ids = groups
    .map(({ groupId }) => groupId)
    .filter((id) => isOurs(id) && (only === undefined || id === context.topicPrefix + only))
    .sort();
  if (only !== undefined && ids.length === 0) throw new UsageError(`There is no group ${only}.`);
  const ends = new Map<string, ReadonlyMap<number, Bound>>();
  const rows: LagRow[] = [];
  for (const group of ids) {
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId: group })) {
      const bounds = ends.get(topic) ?? (await readEnds(admin, topic));
      ends.set(topic, bounds);
      for (const { partition, offset } of partitions) {
        const bound = bounds.get(partition);
        if (bound) rows.push(toRow(group, topic, partition, BigInt(offset), bound));
      }
    }
  }
  return rows.sort(inOrder);
}

async function readEnds(admin: Admin, topic: string): Promise<ReadonlyMap<number, Bound>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(
    offsets.map(({ partition, low, high }) => [
      partition,
      { low: BigInt(low), high: BigInt(high) },
    ]),
  );
}

/** A group that never committed starts at the beginning: everything waits for it. */
function toRow(
  group: string,
  topic: string,
  partition: number,
  committed: bigint,
  { low, high }: Bound,
): LagRow {
  const next = committed < 0n ? low : committed;
  return {
    group,
    topic,
    partition,
    committed: committed < 0n ? null : committed,
    end: high,
    lag: Number(high - next),
  };
}

const inOrder = (a: LagRow, b: LagRow): number =>
  a.group.localeCompare(b.group) || a.topic.localeCompare(b.topic) || a.partition - b.partition;

/** Topics without lag as one line, partitions with lag as they are. */
function summarize(rows: readonly LagRow[]): object[] {
  return [...groupByTopic(rows).values()].flatMap((partitions): readonly object[] => {
    if (partitions.some(({ lag }) => lag > 0)) return partitions;
    const { group, topic } = partitions[0] ?? {};
    return [{ group, topic, partition: 'all', committed: '', end: '', lag: 0 }];
  });
}

function groupByTopic(rows: readonly LagRow[]): ReadonlyMap<string, readonly LagRow[]> {
  const groups = new Map<string, LagRow[]>();
  for (const row of rows) {
    const name = `${row.group} ${row.topic}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

const worst = (rows: readonly LagRow[]): number =>
  rows.reduce((max, { lag }) => Math.max(max, lag), 0);
