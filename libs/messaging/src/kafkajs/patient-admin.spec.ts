import { jest } from '@jest/globals';
import kafkajs, { type Admin } from 'kafkajs';
import { createRequire } from 'node:module';
import { askPatiently, isPassing, patientAdmin } from './patient-admin.js';
import { untilTopicsAnswer } from '../topics/make-topics.js';

const require = createRequire(import.meta.url);
/** Errors exactly as kafkajs makes them from the code in an answer. */
const { createErrorFromCode } = require('kafkajs/src/protocol/error.js') as {
  createErrorFromCode: (code: number) => Error;
};
const { KafkaJSAggregateError, KafkaJSNumberOfRetriesExceeded } = kafkajs;
const NOT_THERE_YET = 3;
const NOT_LEADER = 6;
const ALREADY_THERE = 36;
const NOT_ALLOWED = 29;
const END = [{ partition: 0, offset: '5', high: '5', low: '0' }];

const after = <T>(refusals: readonly number[], answer: T) => {
  const left = [...refusals];
  return jest.fn(() => {
    const code = left.shift();
    return code === undefined ? Promise.resolve(answer) : Promise.reject(createErrorFromCode(code));
  });
};

function adminThat(methods: Partial<Record<keyof Admin, unknown>>): Admin {
  return { describeConfigs: jest.fn(() => Promise.resolve({})), ...methods } as unknown as Admin;
}

test.each([NOT_THERE_YET, 5, NOT_LEADER, 9, 14, 15, 16, 75, 78])(
  'what passes by itself, code %i, is asked again',
  async (code) => {
    const fetchTopicOffsets = after([code, code], END);
    const admin = patientAdmin(adminThat({ fetchTopicOffsets }));
    await expect(admin.fetchTopicOffsets('charge.requested')).resolves.toEqual(END);
    expect(fetchTopicOffsets).toHaveBeenCalledTimes(3);
  },
);

test('the leaders that kafkajs remembers are asked for anew before a question is repeated', async () => {
  const admin = adminThat({ fetchTopicOffsets: after([NOT_LEADER], END) });
  const { describeConfigs } = admin;
  await patientAdmin(admin).fetchTopicOffsets('charge.requested');
  expect(describeConfigs).toHaveBeenCalledTimes(1);
});

test('what does not pass, and what lasts longer than one waits, is told as it came', async () => {
  const refused = adminThat({ fetchTopicOffsets: after([NOT_ALLOWED], END) });
  await expect(patientAdmin(refused).fetchTopicOffsets('a')).rejects.toMatchObject({
    type: 'TOPIC_AUTHORIZATION_FAILED',
  });
  const ask = after([NOT_LEADER, NOT_LEADER, NOT_LEADER], END);
  await expect(askPatiently(ask, 100)).rejects.toMatchObject({ type: 'NOT_LEADER_FOR_PARTITION' });
  expect(ask).toHaveBeenCalledTimes(2);
});

test('what kafkajs has repeated in vain, and several topics at once, count by what they hold', () => {
  const passing = createErrorFromCode(NOT_THERE_YET);
  const tired = new KafkaJSNumberOfRetriesExceeded(passing, { retryCount: 5, retryTime: 1 });
  expect(isPassing(tired)).toBe(true);
  const other = createErrorFromCode(NOT_ALLOWED);
  const there = createErrorFromCode(ALREADY_THERE);
  expect(isPassing(new KafkaJSAggregateError('', [passing, there] as never))).toBe(true);
  expect(isPassing(new KafkaJSAggregateError('', [passing, other] as never))).toBe(false);
  expect(isPassing(new Error('away'))).toBe(false);
});

test('topics are there when every partition answers, not when the metadata says so', async () => {
  const partitions = [{ partitionId: 0, leader: 0 }];
  const fetchTopicMetadata = after([NOT_THERE_YET, 5], { topics: [{ name: 'a', partitions }] });
  const fetchTopicOffsets = after([NOT_LEADER, NOT_THERE_YET], END);
  const admin = adminThat({ fetchTopicMetadata, fetchTopicOffsets });
  await untilTopicsAnswer(admin, [{ topic: 'a', partitions: 1 }]);
  expect(fetchTopicMetadata).toHaveBeenCalledTimes(3);
  expect(fetchTopicOffsets).toHaveBeenCalledTimes(3);
});
