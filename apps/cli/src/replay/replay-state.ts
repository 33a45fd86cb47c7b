/** The progress of a replay, in `$ORBIT_HOME/replays/<id>.json`, so that it can go on after a break. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../../../tools/infra/make-folder.mjs';
import { readJsonFile } from '../../../../tools/stack/json-file.mjs';
import { UsageError } from '../cli/faults.js';
import { countOf, type OffsetRange } from '../kafka/kafka-range.js';
import type { NamedWallet, SkipReason } from './replay-filter.js';

export interface ReplayRange extends OffsetRange {
  /** The first offset that is not done. */
  next: bigint;
}

/** Of a replay of either kind, as its file has it. */
export interface AnyState {
  readonly id: string;
  readonly kind?: string;
  readonly topic: string;
  readonly wallet: NamedWallet | null;
  readonly startedAt: string;
  status: string;
  readonly ranges: readonly ReplayRange[];
}

export interface ReplayState extends AnyState {
  /** Messages a second; null for as fast as it goes. */
  readonly rate: number | null;
  sent: number;
  readonly skipped: Record<SkipReason, number>;
}

interface NewReplay {
  readonly id: string;
  readonly topic: string;
  readonly wallet: NamedWallet | null;
  readonly rate: number | null;
  readonly ranges: readonly OffsetRange[];
  readonly nowMs: number;
}

export const newReplayId = (nowMs: number): string =>
  `rpl_${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')}_${randomBytes(3).toString('hex')}`;

const fileOf = (home: string, id: string): string => path.join(home, 'replays', `${id}.json`);

/** A state at its beginning: nothing is sent, every partition stands at its start. */
export function newState({ id, topic, wallet, rate, ranges, nowMs }: NewReplay): ReplayState {
  return {
    id,
    topic,
    wallet,
    rate,
    startedAt: new Date(nowMs).toISOString(),
    status: 'running',
    sent: 0,
    skipped: { other_wallets: 0, copies: 0, dead_letters: 0 },
    ranges: ranges.map(({ partition, from, to }) => ({ partition, from, to, next: from })),
  };
}

/** The ranges still to be read. */
export const rangesLeft = (state: AnyState): OffsetRange[] =>
  state.ranges
    .map(({ partition, next, to }) => ({ partition, from: next, to }))
    .filter(({ from, to }) => from < to);

export const countAll = (state: AnyState): number => countOf(state.ranges);
export const countRead = (state: AnyState): number =>
  state.ranges.reduce((sum, { from, next }) => sum + Number(next - from), 0);

const OFFSETS = ['from', 'to', 'next'] as const;

/** Written in one step: a crash leaves the state before or after, never half of one. */
export function saveState(home: string, state: AnyState): void {
  const file = fileOf(home, state.id);
  makeFolder(path.dirname(file));
  const asText = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? String(value) : value;
  fs.writeFileSync(`${file}.tmp`, `${JSON.stringify(state, asText, 2)}\n`);
  fs.renameSync(`${file}.tmp`, file);
}

export function loadState(home: string, id: string): AnyState {
  if (!/^[\w-]+$/.test(id) || !fs.existsSync(fileOf(home, id))) {
    throw new UsageError(`There is no replay ${id} in ${path.join(home, 'replays')}.`);
  }
  const state = readJsonFile(fileOf(home, id), {
    isWhole: ({ ranges, topic }) => Array.isArray(ranges) && typeof topic === 'string',
    advice: 'Start the replay anew; what it sent before is not booked twice.',
  });
  if (state === null) throw new UsageError(`There is no replay ${id}.`);
  const ranges = state['ranges'] as Record<string, unknown>[];
  for (const range of ranges) {
    for (const name of OFFSETS) range[name] = BigInt(range[name] as string);
  }
  return state as unknown as AnyState;
}
