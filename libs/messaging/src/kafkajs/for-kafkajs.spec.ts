import type { Message } from 'kafkajs';
import { createRequire } from 'node:module';
import { forKafkajs } from './for-kafkajs.js';

const encode = createRequire(import.meta.url)(
  'kafkajs/src/protocol/recordBatch/record/v0/index.js',
) as (message: Message & { offsetDelta: number; timestampDelta: number }) => { buffer: Buffer };
const encoded = (message: Message): Buffer =>
  encode({ ...message, offsetDelta: 0, timestampDelta: 0 }).buffer;

const odd = {
  key: 'org_1',
  value: 'x',
  headers: { none: null, mixed: [null, 'b'], full: 'c' },
} as unknown as Message;

test('a header without a value, which kafkajs refuses to encode, is sent empty', () => {
  expect(() => encoded(odd)).toThrow();
  const mended = forKafkajs(odd);
  expect(mended.headers).toEqual({
    none: Buffer.alloc(0),
    mixed: [Buffer.alloc(0), 'b'],
    full: 'c',
  });
  expect(encoded(mended).length).toBeGreaterThan(0);
});

test('any other message goes as it is', () => {
  const usual = { value: 'x', headers: { a: 'b' } };
  expect(forKafkajs(usual)).toBe(usual);
});
