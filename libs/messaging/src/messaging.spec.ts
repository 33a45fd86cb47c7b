import { INSTANT_PATTERN } from '@orbit/events';
import { seededRandom } from '@orbit/testing';
import type { KafkaMessage } from 'kafkajs';
import { toHeaders } from './consume/cloud-events.js';
import { assignPartitions, type GroupMember } from './topics/co-partition-assigner.js';
import { toDeadLetterMessage } from './consume/dead-letter.js';
import { decodeMessage } from './consume/decode-message.js';
import { PartitionTurns } from './consume/lanes/partition-turns.js';
import { encodeRecords } from './kafkajs/encoder/record-encoder.js';
import { RETRY_POLICY, retryDelayMs } from './consume/retry-policy.js';
import { SendQueue, type TopicMessages } from './produce/send-queue.js';

const value = {
  charge_id: 'c1',
  organization_id: 'org_1',
  amount: '0.0075',
  currency: 'USD',
  channel: 'sms',
  occurred_at: '2026-05-16T11:21:18.901Z',
};
const message = (body: string | Buffer | null, headers = {}): KafkaMessage => ({
  key: Buffer.from('org_1'),
  value: body === null ? null : Buffer.from(body),
  timestamp: '1700000000000',
  attributes: 0,
  offset: '7',
  headers,
});
const decode = (body: string | Buffer | null, headers = {}) =>
  decodeMessage('charge.requested', 3, message(body, headers));

describe('decodeMessage', () => {
  test('reads the attributes of a CloudEvent', () => {
    const headers = toHeaders({ id: 'e1', type: 'charge.requested', source: 'sms', timeMs: 5 });
    expect(decode(JSON.stringify(value), headers)).toMatchObject({
      event: { id: 'e1', key: 'org_1', timeMs: 5, offset: '7', value },
    });
  });

  const { amount: _, currency: _c, channel: _ch, ...named } = value;
  const byPrice = { ...named, price: 'chat', quantities: { input: 1234, output: '567.5' } };
  test('takes a charge by a price, and one by an amount; not one by both, or by neither', () => {
    for (const fits of [value, byPrice, { ...named, price: 'sms', quantity: '0.5' }]) {
      expect(decode(JSON.stringify(fits))).toMatchObject({ event: { value: fits } });
    }
    for (const [wrong, field] of [
      [named, 'amount'],
      [{ ...byPrice, amount: '1' }, 'amount'],
      [{ ...byPrice, currency: 'USD' }, 'currency'],
      [{ ...byPrice, channel: 'ai' }, 'channel'],
      [{ ...value, quantities: { input: 1 } }, 'quantities'],
      [{ ...value, quantity: '1' }, 'quantity'],
      [{ ...byPrice, price: 'No' }, 'price'],
      [{ ...byPrice, quantities: {} }, 'quantities'],
      [{ ...byPrice, quantities: { input: -1 } }, 'quantities.input'],
      [{ ...byPrice, quantities: { input: '1e3' } }, 'quantities.input'],
    ] as const) {
      const read = decode(JSON.stringify(wrong));
      expect([field, JSON.stringify(read)]).toEqual([field, expect.stringContaining(field)]);
      expect(read).toMatchObject({ code: 'invalid_value' });
    }
  });

  test('names a message without headers by its place and dates it by the broker', () => {
    expect(decode(JSON.stringify(value))).toMatchObject({
      event: { id: 'charge.requested-3-7', timeMs: 1_700_000_000_000 },
    });
  });

  test('takes headers without a value as headers that are not there', () => {
    const headers = { ce_id: null, ce_type: [Buffer.from('charge.posted'), null], trace: null };
    expect(decode(JSON.stringify(value), headers)).toMatchObject({
      event: { id: 'charge.requested-3-7', headers: {} },
    });
  });

  test.each([
    ['no value', null, {}, 'not_json'],
    ['text', 'hello', {}, 'not_json'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 'not_json'],
    ['null', 'null', {}, 'invalid_value'],
    ['a list', '[]', {}, 'invalid_value'],
    ['an amount of zero', JSON.stringify({ ...value, amount: '0.00' }), {}, 'invalid_value'],
    ['an amount as a number', JSON.stringify({ ...value, amount: 1 }), {}, 'invalid_value'],
    ['seven decimals', JSON.stringify({ ...value, amount: '0.0000001' }), {}, 'invalid_value'],
    ['an unknown field', JSON.stringify({ ...value, tip: '1' }), {}, 'invalid_value'],
    [
      'year 1',
      JSON.stringify({ ...value, occurred_at: '0001-01-01T00:00:00Z' }),
      {},
      'invalid_value',
    ],
    ['a NUL', JSON.stringify({ ...value, metadata: { a: 'x\0' } }), {}, 'invalid_value'],
    ['half a pair', JSON.stringify({ ...value, metadata: { a: '\ud800' } }), {}, 'invalid_value'],
    ['a NUL in an id', JSON.stringify(value), { ce_id: 'e\0' }, 'invalid_envelope'],
    ['a foreign type', JSON.stringify(value), { ce_type: 'x' }, 'invalid_envelope'],
    ['another version', JSON.stringify(value), { ce_specversion: '2.0' }, 'invalid_envelope'],
    ['a time that is none', JSON.stringify(value), { ce_time: 'noon' }, 'invalid_envelope'],
  ])('refuses %s', (_title, body, headers, code) => {
    expect(decode(body, headers)).toMatchObject({ code });
  });

  test.each([
    ['no key', null, 'there is no key'],
    ['an empty key', '', 'there is no key'],
    ["another organization's key", 'org_2', 'the key is "org_2"'],
    ['a key in other letters', 'ORG_1', 'the key is "ORG_1"'],
  ])('refuses a message of an organization with %s, and says what to do', (_title, key, why) => {
    const raw = message(JSON.stringify(value));
    const keyed = { ...raw, key: key === null ? null : Buffer.from(key) };
    const decoded = decodeMessage('charge.requested', 3, keyed);
    expect(decoded).toMatchObject({ code: 'wrong_key' });
    expect((decoded as { message: string }).message).toContain(
      `${why}, and organization_id "org_1": publish it again with organization_id as its key`,
    );
  });

  test('names the field at fault', () => {
    expect(decode(JSON.stringify({ ...value, currency: 'usd' }))).toMatchObject({
      message: expect.stringContaining('currency') as string,
    });
    expect(decode(JSON.stringify({ ...value, tip: '1' }))).toMatchObject({
      message: expect.stringContaining('tip') as string,
    });
  });
});

describe('an instant of a message', () => {
  const faultOf = (occurred_at: string) => decode(JSON.stringify({ ...value, occurred_at }));

  test.each([
    '2026-02-30T10:00:00Z',
    '2026-02-29T10:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T23:59:59.999Z',
    '2026-06-31T00:00:00+02:00',
    '2026-11-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2000-01-01T09:00:00+14:00',
    '2999-12-31T23:00:00-01:00',
  ])(
    '%s exists in no calendar: it goes to the dead letters, with the name of its field',
    (text) => {
      expect(faultOf(text)).toEqual({
        code: 'invalid_value',
        message: expect.stringMatching(/^occurred_at is no instant: a day that exists/),
      });
    },
  );

  test('every day of 2000 to 2999 that the calendar has is taken, and no other', () => {
    const pattern = new RegExp(INSTANT_PATTERN);
    const wrong: string[] = [];
    for (let year = 2000; year < 3000; year++) {
      for (let month = 1; month <= 12; month++) {
        const daysCount = new Date(Date.UTC(year, month, 0)).getUTCDate();
        for (const day of [1, 9, 10, 19, 20, 28, 29, 30, 31]) {
          const two = (n: number): string => String(n).padStart(2, '0');
          const text = `${year}-${two(month)}-${two(day)}T00:00:00Z`;
          if (pattern.test(text) !== day <= daysCount) wrong.push(text);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

test('toDeadLetterMessage: keeps key, bytes and headers, adds the reason', () => {
  const raw = message('{broken', { trace: Buffer.from('abc') });
  const letter = { raw, code: 'not_json', message: 'x'.repeat(5_000) };
  const sent = toDeadLetterMessage(letter, 'charge.requested', 3, 0);
  expect(sent.key).toBe(raw.key);
  expect(sent.value).toBe(raw.value);
  expect(sent.headers).toMatchObject({
    trace: Buffer.from('abc'),
    orbit_error_code: 'not_json',
    orbit_source_partition: '3',
    orbit_source_offset: '7',
    orbit_failed_at: '1970-01-01T00:00:00.000Z',
  });
  expect(String(sent.headers?.['orbit_error_message'])).toHaveLength(1_000);
});

test('toDeadLetterMessage: leaves out what kafkajs adds to a header named as a property of every object', () => {
  const raw = message('{', {
    constructor: [Object as never, Buffer.from('x')],
    ['__proto__']: [Object.prototype as never, Buffer.from('y')],
    none: null,
  });
  const letter = { raw, code: 'not_json', message: 'no' };
  const { headers } = toDeadLetterMessage(letter, 'charge.requested', 3, 0);
  expect(headers?.['constructor']).toEqual([Buffer.from('x')]);
  expect(Object.entries(headers ?? {})).toContainEqual(['__proto__', [Buffer.from('y')]]);
  expect(encodeRecords([{ value: null, headers: headers ?? {} }]).count).toBe(1);
});

test('retryDelayMs: doubles up to the maximum, half of it drawn', () => {
  const delays = [1, 2, 3, 4, 9].map((attempt) => [
    retryDelayMs(RETRY_POLICY, attempt, 0),
    retryDelayMs(RETRY_POLICY, attempt, 0.999_999),
  ]);
  expect(delays).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [400, 800],
    [1_000, 2_000],
  ]);
});

describe('assignPartitions', () => {
  const counts = { 'charge.requested': 6, 'topup.completed': 6, small: 2 };
  const member = (memberId: string, owned: number[] = []): GroupMember => ({
    memberId,
    owned,
    topics: Object.keys(counts),
  });
  const numbersOf = (assignment: ReturnType<typeof assignPartitions>, id: string): number[] =>
    assignment[id]?.['charge.requested'] ?? [];

  test('gives one number of every topic to one member, every partition once, evenly', () => {
    const random = seededRandom(7);
    for (let size = 1; size <= 8; size++) {
      const members = Array.from({ length: size }, (_, index) =>
        member(
          `m${index}`,
          [0, 1, 2, 3, 4, 5, 6].filter(() => random.chance(0.4)),
        ),
      );
      const assignment = assignPartitions(members, counts);
      const all = members.flatMap(({ memberId }) => numbersOf(assignment, memberId));
      expect([...all].sort()).toEqual([0, 1, 2, 3, 4, 5]);
      const loads = members.map(({ memberId }) => numbersOf(assignment, memberId).length);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      for (const { memberId } of members) {
        const numbers = numbersOf(assignment, memberId);
        expect(assignment[memberId]?.['topup.completed'] ?? []).toEqual(numbers);
        expect(assignment[memberId]?.['small'] ?? []).toEqual(numbers.filter((n) => n < 2));
      }
    }
  });

  test('a member keeps what it had when another joins or leaves', () => {
    const joined = assignPartitions([member('a', [0, 1, 2, 3, 4, 5]), member('b')], counts);
    expect(numbersOf(joined, 'a')).toEqual([0, 1, 2]);
    expect(numbersOf(joined, 'b')).toEqual([3, 4, 5]);
    const left = assignPartitions([member('b', [3, 4, 5]), member('c', [1])], counts);
    expect(numbersOf(left, 'b')).toEqual([3, 4, 5]);
    expect(numbersOf(left, 'c')).toEqual([0, 1, 2]);
  });

  test('a topic that only some members know goes to these', () => {
    const old = { ...member('a'), topics: ['charge.requested'] };
    const assignment = assignPartitions([old, member('b')], counts);
    expect(assignment['a']?.['topup.completed']).toBeUndefined();
    expect(assignment['b']?.['topup.completed']).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

test('PartitionTurns: one partition number in turn, also after a failure; others beside it', async () => {
  const turns = new PartitionTurns();
  const seen: string[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const first = turns.take(1, async () => {
    await held;
    seen.push('first');
    throw new Error('failed');
  });
  const second = turns.take(1, async () => {
    await Promise.resolve();
    seen.push('second');
  });
  await turns.take(2, async () => {
    await Promise.resolve();
    seen.push('other');
  });
  release();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(seen).toEqual(['other', 'first', 'second']);
});

describe('SendQueue', () => {
  test('counts headers of others: dead letters with long ones leave in several requests', async () => {
    const sent: number[] = [];
    const queue = new SendQueue(async ([set]) => {
      sent.push(set?.messages.length ?? 0);
      await Promise.resolve();
    });
    const headers = { trace: [null, Buffer.alloc(1024 * 1024)], orbit_error_code: 'not_json' };
    const messages = Array.from({ length: 14 }, () => ({ key: null, value: null, headers }));
    await queue.push([{ topic: 'dlq', messages: messages as never }], 1_000);
    expect(sent).toEqual([5, 5, 4]);
  });

  const set = (text: string): TopicMessages => ({
    topic: 't',
    messages: [{ key: 'k', value: text }],
  });

  test('what comes while a request is under way leaves together in the next', async () => {
    const requests: (string | Buffer | null)[][] = [];
    const queue = new SendQueue(async (sets) => {
      await new Promise((resolve) => setImmediate(resolve));
      requests.push(sets.flatMap(({ messages }) => messages.map((m) => m.value)));
    });
    const first = queue.push([set('a')], 5_000);
    await new Promise((resolve) => process.nextTick(resolve));
    await Promise.all([first, queue.push([set('b')], 5_000), queue.push([set('c')], 5_000)]);
    expect(requests).toEqual([['a'], ['b', 'c']]);
  });

  test('a call that waited too long fails and is never sent', async () => {
    const sent: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const queue = new SendQueue(async (sets) => {
      sent.push(...sets.flatMap(({ messages }) => messages.map((m) => String(m.value))));
      await held;
    });
    const first = queue.push([set('a')], 60_000);
    await new Promise((resolve) => process.nextTick(resolve));
    await expect(queue.push([set('late')], 10)).rejects.toMatchObject({ code: 'unavailable' });
    release();
    await first;
    await queue.push([set('b')], 60_000);
    expect(sent).toEqual(['a', 'b']);
  });

  test('a large call is split below the size that a broker takes, in order', async () => {
    const sizes: number[] = [];
    const order: number[] = [];
    const queue = new SendQueue(async (sets) => {
      const messages = sets.flatMap((one) => one.messages);
      sizes.push(messages.reduce((sum, m) => sum + Buffer.byteLength(m.value ?? ''), 0));
      order.push(...messages.map((m) => Number(m.key)));
      await Promise.resolve();
    });
    const megabyte = 'x'.repeat(1024 * 1024);
    const messages = Array.from({ length: 20 }, (_, index) => ({
      key: `${index}`,
      value: megabyte,
    }));
    await queue.push([{ topic: 't', messages }], 60_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 1024 * 1024);
    expect(order).toEqual(messages.map((_, index) => index));
  });
});
