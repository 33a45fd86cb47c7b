// Goal: what we encode is, byte for byte, what kafkajs would have sent.
import { expect, test } from '@jest/globals';
import { seededRandom } from '@orbit/testing';
import type { Message } from 'kafkajs';
import { createRequire } from 'node:module';
import { crc32c } from './crc32c.js';
import { encodeRecords } from './record-encoder.js';

const require = createRequire(import.meta.url);
const kafkajsRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
  message: Message & { offsetDelta: number; timestampDelta: number },
) => { readonly buffer: Buffer };
const kafkajsCrc = require('kafkajs/src/protocol/recordBatch/crc32C/crc32C.js') as (
  bytes: Buffer,
) => number;

const byKafkajs = (messages: readonly Message[]): Buffer =>
  Buffer.concat(
    messages.map(
      (message, offsetDelta) =>
        kafkajsRecord({ ...message, offsetDelta, timestampDelta: 0 }).buffer,
    ),
  );

test('records of every kind of key, value and header are the bytes of kafkajs', () => {
  const messages: Message[] = [
    { key: 'org_1', value: '{"a":1}', headers: { ce_id: 'x', ce_type: 'charge.posted' } },
    { key: null, value: null },
    { value: 'no key', headers: {} },
    { key: Buffer.from([0, 255, 7]), value: Buffer.from('raw'), headers: { b: Buffer.from([1]) } },
    {
      key: 'ünïcode ключ',
      value: '值'.repeat(100),
      headers: { twice: ['a', 'b'], long: 'z'.repeat(300) },
    },
    { key: '', value: '' },
  ];
  expect(encodeRecords(messages).bytes).toEqual(byKafkajs(messages));
});

test('thousands of records of random sizes are the bytes of kafkajs', () => {
  const random = seededRandom(7);
  const text = (max: number): string => 'aé√'.repeat(random.integer(0, max - 1));
  const messages = Array.from({ length: 3_000 }, (_, n) => ({
    key: `org_${n % 17}`,
    value: text(400),
    headers: { ce_id: `posted:${n}`, ce_time: text(20) },
  }));
  const encoded = encodeRecords(messages);
  expect(encoded.count).toBe(3_000);
  expect(encoded.bytes.equals(byKafkajs(messages))).toBe(true);
});

test('the checksum is that of kafkajs for every length', () => {
  const random = seededRandom(11);
  for (let length = 0; length < 70; length++) {
    const bytes = Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
    expect(crc32c(bytes)).toBe(kafkajsCrc(bytes));
  }
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});
