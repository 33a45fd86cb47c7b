// Goal: a capture that the ledger cannot take is neither sent every few seconds for ever nor given up.
import { beforeEach, expect, test } from '@jest/globals';
import { frozenClock, type FrozenClock } from '@orbit/testing';
import { RepublishLostCaptures, type StuckCaptures } from './republish-unsettled.js';

const KEY = { organizationId: 'org_1', currency: 'USD' } as const;
const SECOND = 1_000;
const HOUR = 3_600_000;

let clock: FrozenClock;
let captured: Set<string>;
let sent: string[];
let told: StuckCaptures[];
let isKafkaAway: boolean;
let asked: number;
let job: RepublishLostCaptures;

beforeEach(() => {
  clock = frozenClock();
  captured = new Set();
  sent = [];
  told = [];
  isKafkaAway = false;
  asked = 0;
  const reader = { listWallets: () => Promise.resolve([{ walletNo: 1n, key: KEY }]) };
  job = new RepublishLostCaptures(
    reader,
    {
      find: (keys) => Promise.resolve(captured.size > 0 ? keys : []),
      republish: (_key, _olderThanMs, isDue = () => true) => {
        asked += 1;
        const due = [...captured].filter((chargeId) => isDue(chargeId));
        if (isKafkaAway) return Promise.reject(new Error('Kafka is away'));
        sent.push(...due);
        return Promise.resolve(due.length);
      },
    },
    clock,
    (stuck) => told.push(stuck),
  );
});

async function runFor(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5 * SECOND) {
    await job.run().catch(() => undefined);
    clock.advance(5 * SECOND);
  }
}

test('a capture that stays unsettled is sent after growing waits, at least every hour, and never given up', async () => {
  captured.add('stuck');
  await runFor(HOUR);
  expect(sent).toHaveLength(6);
  await runFor(24 * HOUR);
  expect(sent.length).toBeGreaterThanOrEqual(6 + 23);
  expect(sent.length).toBeLessThanOrEqual(6 + 25);
});

test('a wallet without old captures is not asked for, except once after its last one was settled', async () => {
  await job.run();
  expect(asked).toBe(0);
  captured.add('late');
  await job.run();
  captured.clear();
  await job.run();
  await job.run();
  expect(asked).toBe(2);
});

test('a capture that is lost while another is stuck is sent at the next run', async () => {
  captured.add('stuck');
  await runFor(HOUR);
  captured.add('lost');
  await job.run();
  expect(sent.filter((chargeId) => chargeId === 'lost')).toHaveLength(1);
});

test('from the third time on it is told in the log and as something that stands still, until it is settled', async () => {
  captured.add('stuck');
  await runFor(2 * 60 * SECOND);
  expect([told, job.stalls()]).toEqual([[], []]);
  await runFor(2 * 60 * SECOND);
  expect(told).toEqual([
    { key: KEY, count: 1, oldestChargeId: 'stuck', sent: 3, nextInMs: 240 * SECOND },
  ]);
  expect(job.stalls()).toEqual([
    {
      what: 'captures',
      state: 'unsettled',
      detail: '1 in 1 wallets; one is stuck of org_1, sent 3 times',
    },
  ]);
  captured.clear();
  await job.run();
  expect(job.stalls()).toEqual([]);
});

test('what could not be sent because Kafka is away does not count as sent', async () => {
  captured.add('lost');
  isKafkaAway = true;
  await runFor(60 * SECOND);
  isKafkaAway = false;
  await job.run();
  expect(sent).toEqual(['lost']);
});
