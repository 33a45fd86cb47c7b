import os from 'node:os';
import { Redis } from 'ioredis';
import { short } from './numbers.mjs';
import { withClient } from './servers.mjs';

const HEAD = ['id', 'ours', 'baseline', 'ratio', 'target', 'holds', 'unit'];

export const cellsOf = (row) => [
  row.id,
  short(row.ours),
  short(row.baseline),
  row.ratio === null ? '–' : row.ratio.toFixed(2),
  row.target,
  row.holds ? 'yes' : 'no',
  row.unit,
];

/** The rows as a text table with columns of equal width. */
export function tableOf(rows) {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

async function redisVersion(url) {
  const redis = new Redis(url);
  try {
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}

/** One line each: what this is measured on. */
export async function machine({ redisUrl, adminUrl }) {
  const cpus = os.cpus();
  const memoryGb = Math.round(os.totalmem() / 2 ** 30);
  const postgres = await withClient(adminUrl, async (client) => {
    const { rows } = await client.query("SELECT current_setting('server_version') AS version");
    return rows[0].version;
  });
  return [
    `machine: ${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}, ${memoryGb} GB, ${os.type()} ${os.release()}`,
    `software: Node ${process.versions.node}, PostgreSQL ${postgres}, Kafka 4.1 (one broker), Redis ${await redisVersion(redisUrl)}`,
    'settings: PostgreSQL fsync=on, synchronous_commit=on, full_page_writes=on, shared_buffers=128MB; ' +
      'Kafka acks=all; Redis append-only file every second',
  ];
}

/** How busy the machine is with others: a figure made meanwhile is worth less. */
export const loadLine = () =>
  `load before: ${os
    .loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')}`;
