import { jest } from '@jest/globals';
import type { Admin } from 'kafkajs';
import { refuseUnwritable } from './writable-topics.js';

const partition = (inSync: number) => ({
  leader: 1,
  isr: [1, 2, 3].slice(0, inSync),
  replicas: [1, 2, 3],
});

function adminOf(inSync: readonly number[], wanted: string) {
  const describeConfigs = jest.fn(() =>
    Promise.resolve({
      resources: [{ resourceName: 'a', configEntries: [{ configName: '', configValue: wanted }] }],
    }),
  );
  const topics = [{ name: 'a', partitions: inSync.map(partition) }];
  const fetchTopicMetadata = jest.fn(() => Promise.resolve({ topics }));
  return { describeConfigs, fetchTopicMetadata } as unknown as Admin & typeof describeConfigs;
}

test('a topic with all copies is writable, and nothing more is asked', async () => {
  const admin = adminOf([3, 3], '2');
  await refuseUnwritable(admin, ['a']);
  expect(admin.describeConfigs).not.toHaveBeenCalled();
});

test('one copy less is writable as long as as many are in sync as a write asks for', async () => {
  await refuseUnwritable(adminOf([3, 2], '2'), ['a']);
  const thin = refuseUnwritable(adminOf([3, 1], '2'), ['a']);
  await expect(thin).rejects.toThrow('no write to a: 1 copies are in sync, and 2 are asked for');
});

test('without a topic there is nothing to ask', async () => {
  const admin = adminOf([0], '1');
  await refuseUnwritable(admin, []);
  expect(admin.fetchTopicMetadata).not.toHaveBeenCalled();
});
