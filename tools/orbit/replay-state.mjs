/** What a replay has done so far, in `$ORBIT_HOME/replays/<id>.json`, so that it can go on after a break. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../infra/make-folder.mjs';
import { readJsonFile } from '../stack/json-file.mjs';
import { UsageError } from './faults.mjs';
import { countOf } from './kafka-range.mjs';

export const newReplayId = (nowMs) =>
  `rpl_${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')}_${randomBytes(3).toString('hex')}`;

const fileOf = (home, id) => path.join(home, 'replays', `${id}.json`);

/** A state at its beginning: nothing is sent, every partition stands at its start. */
export function newState({ id, topic, wallet, rate, ranges, nowMs }) {
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

/** What is still to be read. */
export const rangesLeft = (state) =>
  state.ranges
    .map(({ partition, next, to }) => ({ partition, from: next, to }))
    .filter(({ from, to }) => from < to);

export const countAll = (state) => countOf(state.ranges);
export const countRead = (state) =>
  state.ranges.reduce((sum, { from, next }) => sum + Number(next - from), 0);

const OFFSETS = ['from', 'to', 'next'];

/** Written in one step: a crash leaves the state before or after, never half of one. */
export function saveState(home, state) {
  const file = fileOf(home, state.id);
  makeFolder(path.dirname(file));
  const asText = (_, value) => (typeof value === 'bigint' ? String(value) : value);
  fs.writeFileSync(`${file}.tmp`, `${JSON.stringify(state, asText, 2)}\n`);
  fs.renameSync(`${file}.tmp`, file);
}

export function loadState(home, id) {
  if (!/^[\w-]+$/.test(id) || !fs.existsSync(fileOf(home, id))) {
    throw new UsageError(`There is no replay ${id} in ${path.join(home, 'replays')}.`);
  }
  const state = readJsonFile(fileOf(home, id), {
    isWhole: ({ ranges, topic }) => Array.isArray(ranges) && typeof topic === 'string',
    advice: 'Start the replay anew; what it sent before is not booked twice.',
  });
  for (const range of state.ranges) for (const name of OFFSETS) range[name] = BigInt(range[name]);
  return state;
}
