import { eventually, testInfra, uniqueId } from '@orbit/testing';
import { Partitioners, type Admin, type Consumer, type Producer } from 'kafkajs';
import { registerFetchSessions } from './fetch-sessions.js';
import { makeKafka } from '../kafka-client.js';
import { makeTopics } from '../../topics/make-topics.js';

const PARTITIONS = 6;
const kafka = makeKafka({ brokers: testInfra().kafkaBrokers, clientId: 'sessions' }, 15_000);

let topic = '';
let admin: Admin;
let producer: Producer;
let consumer: Consumer;
/** "partition/value" in the order of arrival. */
const seen: string[] = [];
/** Bytes of each answer to a fetch. */
const answers: number[] = [];
/** Less than one partition takes. */
const NOTHING_BYTES_MAX = 32;

const send = (partition: number, value: string): Promise<unknown> =>
  producer.send({ topic, messages: [{ partition, value }] });

beforeAll(async () => {
  registerFetchSessions();
  topic = uniqueId();
  admin = kafka.admin();
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  await makeTopics(admin, [{ topic, numPartitions: PARTITIONS }]);
  await consumer.subscribe({ topic, fromBeginning: true });
  consumer.on(consumer.events.REQUEST, ({ payload: { apiName, size } }) => {
    if (apiName === 'Fetch') answers.push(size);
  });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      seen.push(`${partition}/${String(message.value)}`);
      await Promise.resolve();
    },
  });
  await eventually(() => expect(answers.length).toBeGreaterThan(2));
});

beforeEach(() => {
  seen.length = 0;
  answers.length = 0;
});

afterAll(async () => {
  await Promise.all([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
});

describe('a consumer that fetches in sessions', () => {
  it('hears of a partition only when it has something', async () => {
    await eventually(() => expect(answers.length).toBeGreaterThan(3));
    expect(Math.max(...answers)).toBeLessThan(NOTHING_BYTES_MAX);
    await send(4, 'first');
    await send(4, 'second');
    await eventually(() => expect(seen).toEqual(['4/first', '4/second']));
    await eventually(() => expect(answers.at(-1)).toBeLessThan(NOTHING_BYTES_MAX));
  });

  it('reads on where it was after a partition was paused', async () => {
    const at = [{ topic, partitions: [2] }];
    consumer.pause(at);
    await send(2, 'while paused');
    await send(3, 'meanwhile');
    await eventually(() => expect(seen).toEqual(['3/meanwhile']));
    consumer.resume(at);
    await send(2, 'after');
    await eventually(() => expect(seen.slice(1)).toEqual(['2/while paused', '2/after']));
  });

  it('reads again from an offset that it goes back to', async () => {
    await send(5, 'one');
    await send(5, 'two');
    await eventually(() => expect(seen).toHaveLength(2));
    consumer.seek({ topic, partition: 5, offset: '0' });
    await eventually(() => expect(seen).toEqual(['5/one', '5/two', '5/one', '5/two']));
  });
});
