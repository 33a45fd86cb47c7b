import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { short } from './numbers.mjs';

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

const versionOf = (command, args) => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split('\n')[0];
  } catch {
    return 'unknown';
  }
};

/** One line each: what this was measured on. */
export function machine() {
  const cpus = os.cpus();
  const memoryGb = Math.round(os.totalmem() / 2 ** 30);
  return [
    `machine: ${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}, ${memoryGb} GB, ${os.type()} ${os.release()}`,
    `software: Node ${process.versions.node}, PostgreSQL 18, Kafka 4.1 (one broker), ${versionOf('redis-server', ['--version']).split(' sha')[0]}`,
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
