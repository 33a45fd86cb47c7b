import { expect, test } from '@jest/globals';
import { reconnectFromUselessServer, uselessnessOf } from './useless-server.js';

test.each([
  ["READONLY You can't write against a read only replica.", 'READONLY'],
  ['MISCONF Redis is configured to save RDB snapshots, but cannot persist on disk.', 'MISCONF'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM'],
  ['ERR Error running script: @user_script: 3: -OOM command not allowed when used', 'OOM'],
  ['LOADING Redis is loading the dataset in memory', 'LOADING'],
  [
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'MASTERDOWN',
  ],
  ['NOREPLICAS Not enough good replicas to write.', 'NOREPLICAS'],
  ['CLUSTERDOWN The cluster is down', 'CLUSTERDOWN'],
  ['NOAUTH Authentication required.', 'NOAUTH'],
])('a server that says this serves nobody: %s', (message, word) => {
  expect(uselessnessOf(new Error(message))).toBe(word);
  expect(reconnectFromUselessServer()(new Error(message))).toBe(true);
});

test.each([
  'WRONGTYPE Operation against a key',
  'NOSCRIPT No matching script.',
  'BUSY Redis is busy',
])('what is said of one command ends no connection: %s', (message) => {
  expect(uselessnessOf(new Error(message))).toBeNull();
  expect(reconnectFromUselessServer()(new Error(message))).toBe(false);
});

test('a new connection at once, then ever more rarely, and at once again after a quiet time', () => {
  let nowMs = 0;
  const reconnect = reconnectFromUselessServer(() => nowMs);
  const made: number[] = [];
  for (; nowMs < 30_000; nowMs += 100) if (reconnect(new Error('OOM full'))) made.push(nowMs);
  expect(made.slice(0, 6)).toEqual([0, 500, 1_500, 3_500, 7_500, 12_500]);
  nowMs += 60_000;
  const laterMs = nowMs;
  expect(reconnect(new Error('READONLY no'))).toBe(true);
  nowMs += 600;
  expect([reconnect(new Error('READONLY no')), laterMs > 0]).toEqual([true, true]);
});
