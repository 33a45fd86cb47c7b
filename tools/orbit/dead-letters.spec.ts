import { expect, test } from '@jest/globals';
import { headersOf, toLetter, toRetry } from './dead-letters.mjs';
import { toCopy } from './replay.mjs';

// As kafkajs hands a message over whose producer named a header `constructor`.
const message = {
  key: null,
  value: Buffer.from('{}'),
  offset: '7',
  timestamp: '0',
  headers: {
    constructor: [Object, Buffer.from('x')],
    twice: [Buffer.from('a'), Buffer.from('b')],
    orbit_error_code: Buffer.from('malformed_json'),
    orbit_source_partition: Buffer.from('2'),
  },
};
const sendable = { constructor: [Buffer.from('x')], twice: [Buffer.from('a'), Buffer.from('b')] };

test('retry and replay send what a header brought, never what kafkajs added to one named as a property of objects', () => {
  expect(toRetry(toLetter(0, message))).toEqual({
    key: null,
    value: message.value,
    headers: { ...sendable, orbit_retry_of: '0:7' },
    partition: 2,
  });
  expect(toCopy({ ...message, headers: { twice: message.headers.twice } }, 1, 'r1')).toMatchObject({
    partition: 1,
    headers: { twice: sendable.twice, orbit_replay: 'r1' },
  });
  expect(toCopy(message, 1, 'r1').headers.constructor).toEqual(sendable.constructor);
  expect(headersOf(message)).toMatchObject({ constructor: 'x', twice: 'a' });
});
