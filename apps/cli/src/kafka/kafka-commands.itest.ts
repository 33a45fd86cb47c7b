// Goal: replay and dlq move the right messages, once, with their bytes untouched, and say what they did.
// Method: the real CLI as a process against a real Kafka; no consumer takes part, so every message counts.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTopics, patientAdmin } from '@orbit/messaging';
import { testInfra, uniqueId } from '@orbit/testing';
import { Kafka, logLevel, type KafkaMessage, type Producer } from 'kafkajs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRanges } from './kafka-read.js';
import { runOrbit, type OrbitRun } from '../cli/orbit-process.fake.js';

const PREFIX = `${uniqueId('orbitcli')}.`;
const TOPIC = 'charge.requested';
const LETTERS = `${PREFIX}${TOPIC}.dlq`;
const { kafkaBrokers } = testInfra();
const kafka = new Kafka({ brokers: [...kafkaBrokers], logLevel: logLevel.NOTHING });
let producer: Producer;
let home: string;
let env: Record<string, string>;

/** Loads its modules anew and joins a group of its own: seconds on a busy machine, and a test has up to ten. */
const orbit = (...args: readonly string[]): Promise<OrbitRun> => runOrbit(env, args);
async function orbitJson<T>(...args: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await orbit(...args, '--json', '--yes');
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'orbit-cli-'));
  env = { KAFKA_BROKERS: kafkaBrokers.join(','), KAFKA_TOPIC_PREFIX: PREFIX, ORBIT_HOME: home };
  await createTopics({ brokers: kafkaBrokers, topicPrefix: PREFIX });
  // A repeat after a slow answer must not make a message two.
  producer = kafka.producer({ allowAutoTopicCreation: false, idempotent: true });
  await producer.connect();
});
afterAll(async () => {
  await producer.disconnect();
  const admin = patientAdmin(kafka.admin());
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(PREFIX));
  await admin.deleteTopics({ topics });
  await admin.disconnect();
  await rm(home, { recursive: true, force: true });
});

/** Everything that a topic holds, with its partition. */
async function readAll(topic: string): Promise<(KafkaMessage & { partition: number })[]> {
  const admin = patientAdmin(kafka.admin());
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const found: (KafkaMessage & { partition: number })[] = [];
  const ranges = offsets
    .map(({ partition, low, high }) => ({ partition, from: BigInt(low), to: BigInt(high) }))
    .filter(({ from, to }) => from < to);
  const take = (partition: number, messages: KafkaMessage[]): void => {
    found.push(...messages.map((message) => ({ ...message, partition })));
  };
  await readRanges(kafka, topic, ranges, take, new AbortController().signal);
  return found;
}

const chargeOf = (organizationId: string, chargeId: string, currency = 'USD') => ({
  key: organizationId,
  value: JSON.stringify({ charge_id: chargeId, organization_id: organizationId, currency }),
  headers: { ce_id: `event_${chargeId}` },
});
const send = (topic: TopicName, messages: Parameters<Producer['send']>[0]['messages']) =>
  producer.send({ topic: `${PREFIX}${topic}`, messages });
type TopicName = 'charge.requested' | 'charge.requested.dlq' | 'topup.completed';
const copiesIn = (messages: readonly KafkaMessage[], id: string): KafkaMessage[] =>
  messages.filter(({ headers }) => headers?.['orbit_replay']?.toString() === id);

interface Replay {
  readonly id: string;
  readonly status: string;
  readonly sent: number;
  readonly would_send: number;
  readonly skipped: Record<string, number>;
}

test('replay sends the same bytes once, keeps copies and other wallets out, and counts in a dry run', async () => {
  const [acme, other] = [uniqueId('org'), uniqueId('org')];
  await send(TOPIC, [
    ...Array.from({ length: 30 }, (_, n) => chargeOf(acme, `acme_${n}`)),
    ...Array.from({ length: 20 }, (_, n) => chargeOf(other, `other_${n}`)),
    chargeOf(acme, 'acme_eur', 'EUR'),
  ]);
  const range = ['replay', TOPIC, '--from', 'earliest'];
  const dry = await orbitJson<Replay>(...range, '--dry-run');
  expect(dry).toMatchObject({ status: 'dry_run', would_send: 51 });
  expect(await readAll(PREFIX + TOPIC)).toHaveLength(51);

  const first = await orbitJson<Replay>(...range, '--wallet', `${acme}:USD`);
  expect(first).toMatchObject({ status: 'done', sent: 30, skipped: { other_wallets: 21 } });
  const after = await readAll(PREFIX + TOPIC);
  const copies = copiesIn(after, first.id);
  expect(copies).toHaveLength(30);
  for (const copy of copies) {
    const original = after.find(
      ({ value, headers }) =>
        !headers?.['orbit_replay'] && copy.value?.equals(value ?? Buffer.of()),
    );
    expect(original?.key).toEqual(copy.key);
    expect(original?.partition).toBe(after.find((one) => one === copy)?.partition);
    expect(copy.headers?.['ce_id']).toEqual(original?.headers?.['ce_id']);
  }

  const second = await orbitJson<Replay>(...range, '--wallet', acme);
  expect(second).toMatchObject({ sent: 31, skipped: { other_wallets: 20, copies: 30 } });
});

test('replay by instants and by offsets takes half-open ranges', async () => {
  const organizationId = uniqueId('org');
  // Within the retention of the topic: Kafka looks every five minutes for what is older, and takes it away.
  const startMs = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
  const at = (ms: number): string => new Date(startMs + ms).toISOString();
  const dayAfter = at(2 * 86_400_000).slice(0, 10);
  for (const [n, ms] of [1_000, 2_000, 3_000].entries()) {
    const timestamp = String(startMs + ms);
    await send('topup.completed', [{ ...chargeOf(organizationId, `tu_${n}`), timestamp }]);
  }
  const [{ partition = 0 } = {}] = await readAll(`${PREFIX}topup.completed`);
  const count = async (from: string, to: string): Promise<number> => {
    const range = ['--from', from, '--to', to, '--dry-run'];
    return (await orbitJson<Replay>('replay', 'topup.completed', ...range)).would_send;
  };
  expect(await count(at(1_000).replace('.000Z', 'Z'), at(3_000))).toBe(2);
  expect(await count(at(1_001), dayAfter)).toBe(2);
  expect(await count(`${partition}:1`, `${partition}:2`)).toBe(1);
  expect(await count('1', 'latest')).toBe(2);
});

/**
 * Replays 200 charges of an organization of its own and interrupts that when it tells of the first ones: at this rate
 * it would go on for forty seconds, and a busy machine is late with the signal.
 */
async function interruptedReplay(name: string): ReturnType<typeof runOrbit> {
  const organizationId = uniqueId('org');
  await send(
    TOPIC,
    Array.from({ length: 200 }, (_, n) => chargeOf(organizationId, `${name}_${n}`)),
  );
  const range = ['--from', 'earliest', '--wallet', organizationId, '--rate', '5/s', '--json'];
  return runOrbit(env, ['replay', TOPIC, ...range, '--yes'], 'read: ');
}

test('replay that is interrupted goes on where it stopped and sends nothing twice', async () => {
  const stopped = await interruptedReplay('slow');
  expect(stopped.status).toBe(130);
  const { id, sent } = JSON.parse(stopped.stdout) as Replay;
  expect(sent).toBeLessThan(200);
  expect(stopped.stderr).toContain(`replay --resume ${id}`);

  const rest = await orbitJson<Replay>('replay', '--resume', id, '--rate', '10000');
  expect(rest).toMatchObject({ id, status: 'done', sent: 200 });
  const copies = copiesIn(await readAll(PREFIX + TOPIC), id);
  expect(new Set(copies.map(({ value }) => String(value))).size).toBe(200);
  expect(copies).toHaveLength(200);
  const state = JSON.parse(await readFile(join(home, 'replays', `${id}.json`), 'utf8')) as object;
  expect(state).toMatchObject({ status: 'done', topic: TOPIC });
}, 240_000);

test.each([
  [['replay', TOPIC], '--from is missing'],
  [['replay', TOPIC, '--from', 'yesterday'], '"yesterday" is no position'],
  [['replay', 'no.such.topic', '--from', '0'], 'no topic'],
  [['replay', TOPIC, '--from', '0', '--wallet', ':USD'], '--wallet'],
  [['replay', TOPIC, '--from', '0', '--rate', 'fast'], '--rate'],
  [['replay', '--resume', 'rpl_none'], 'no replay rpl_none'],
  [['dlq', 'retry'], '--all'],
  [['dlq', 'show', TOPIC, '0:999'], 'no dead letter 0:999'],
  [['nonsense'], 'unknown command'],
])('orbit %j ends with 2 and says why', async (args, why) => {
  const { status, stdout, stderr } = await orbit(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(why);
});

const letterOf = (organizationId: string, chargeId: string, reason: string, offset: number) => {
  const message = chargeOf(organizationId, chargeId);
  const why = {
    orbit_error_code: reason,
    orbit_error_message: `because of ${reason}`,
    orbit_source_topic: TOPIC,
    orbit_source_partition: '0',
    orbit_source_offset: String(offset),
    orbit_failed_at: '2026-05-16T11:21:18.901Z',
  };
  return { ...message, headers: { ...message.headers, ...why } };
};
interface LetterList {
  readonly open: number;
  readonly reasons: readonly { reason: string; open: number; handled: number }[];
  readonly letters: readonly { id: string; event: string; status: string }[];
}

test('dlq lists by reason, retries once, discards only with consent, and never lists what was handled', async () => {
  const organizationId = uniqueId('org');
  await send('charge.requested.dlq', [
    letterOf(organizationId, 'dl_0', 'unknown_wallet', 900),
    letterOf(organizationId, 'dl_1', 'unknown_wallet', 901),
    letterOf(organizationId, 'dl_2', 'invalid_charge', 902),
    letterOf(organizationId, 'dl_3', 'invalid_charge', 903),
  ]);
  const list = (): Promise<LetterList> => orbitJson<LetterList>('dlq', 'list', TOPIC);
  const before = await list();
  expect(before.open).toBe(4);
  expect(before.reasons).toMatchObject([
    { reason: 'unknown_wallet', open: 2, handled: 0 },
    { reason: 'invalid_charge', open: 2, handled: 0 },
  ]);
  const shown = await orbitJson<object>('dlq', 'show', TOPIC, 'dl_2');
  expect(shown).toMatchObject({
    reason: 'invalid_charge',
    status: 'open',
    headers: { orbit_source_offset: '902' },
    value: { charge_id: 'dl_2', organization_id: organizationId },
  });

  const retry = ['dlq', 'retry', TOPIC, '--reason', 'unknown_wallet'];
  expect(await orbitJson('dlq', 'retry', TOPIC, '--dry-run')).toMatchObject({ retried: 4 });
  const unasked = await orbit(...retry);
  expect(unasked.status).toBe(1);
  expect(unasked.stderr).toContain(`Send 2 letters of ${TOPIC} again?`);
  expect(unasked.stderr).toContain('--yes');
  expect(await orbitJson(...retry)).toMatchObject({ retried: 2, already_handled: 0 });
  expect(await orbitJson(...retry)).toMatchObject({ retried: 0, already_handled: 2 });
  const sent = (await readAll(PREFIX + TOPIC)).filter(({ headers }) => headers?.['orbit_retry_of']);
  expect(sent.map(({ headers }) => headers?.['ce_id']?.toString()).sort()).toEqual([
    'event_dl_0',
    'event_dl_1',
  ]);
  expect(Object.keys(sent[0]?.headers ?? {}).sort()).toEqual(['ce_id', 'orbit_retry_of']);

  const refused = await orbit('dlq', 'discard', TOPIC, 'dl_2');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('--yes');
  const discard = ['dlq', 'discard', TOPIC, 'dl_2', '--note', 'a test', '--yes'];
  expect(await orbitJson(...discard)).toMatchObject({ discarded: 1 });
  const after = await list();
  expect(after.open).toBe(1);
  expect(after.letters.map(({ event }) => event)).toEqual(['dl_3']);
  expect(await readAll(LETTERS)).toHaveLength(6);
}, 240_000);

test('topics and lag tell offsets and what a group has not read', async () => {
  const topics =
    await orbitJson<{ topic: string; partitions: number; messages: string }[]>('topics');
  expect(topics.find(({ topic }) => topic === LETTERS)).toMatchObject({
    partitions: 1,
    messages: '6',
    retention: '90 days',
  });
  const group = `${PREFIX}readers`;
  const admin = patientAdmin(kafka.admin());
  await admin.connect();
  await admin.setOffsets({
    groupId: group,
    topic: LETTERS,
    partitions: [{ partition: 0, offset: '2' }],
  });
  await admin.disconnect();
  const rows = await orbitJson<object[]>('lag', 'readers');
  expect(rows).toMatchObject([{ topic: LETTERS, partition: 0, committed: '2', end: '6', lag: 4 }]);
  expect((await orbit('lag', 'readers', '--max', '3')).status).toBe(1);
  expect((await orbit('lag', 'readers', '--max', '4')).status).toBe(0);
});

test('what Kafka removes before a replay has read it is told, and not waited for', async () => {
  const stopped = await interruptedReplay('gone');
  const { id } = JSON.parse(stopped.stdout) as Replay;
  const admin = patientAdmin(kafka.admin());
  await admin.connect();
  const partitions = (await admin.fetchTopicOffsets(PREFIX + TOPIC)).map(({ partition, high }) => ({
    partition,
    offset: high,
  }));
  await admin.deleteTopicRecords({ topic: PREFIX + TOPIC, partitions });
  await admin.disconnect();
  const resumed = await runOrbit(env, ['replay', '--resume', id, '--json', '--yes']);
  expect(resumed.status).toBe(2);
  expect(resumed.stderr + resumed.stdout).toContain('past its retention');
});
