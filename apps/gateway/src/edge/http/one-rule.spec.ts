// Goal: a charge is taken or refused for its content alike, whichever way it comes in. Method: the very same bytes of
// metadata and ids over HTTP and as a message of charge.requested.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeMessage } from '@orbit/messaging';
import { FakeWorld } from '../../gateway.fake.js';

const world = new FakeWorld();
const key = world.addOrganization('org_a');
let app: NestFastifyApplication;

beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());

const COMMON = '"amount":"1","currency":"USD","channel":"sms"';
const ADDRESSED = '"organization_id":"org_a","occurred_at":"2026-05-16T11:21:18.901Z"';

async function overHttp(body: Buffer): Promise<{ status: number; param?: string }> {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  const url = '/api/v1/billing/charges';
  const answer = await app.inject({ method: 'POST', url, headers, payload: body });
  const { error } = answer.json<{ error?: { param?: string } }>();
  return { status: answer.statusCode, ...(error?.param && { param: error.param }) };
}

function overKafka(value: Buffer): 'taken' | 'refused' {
  const message = { key: Buffer.from('org_a'), value, timestamp: '0', attributes: 0, offset: '1' };
  const decoded = decodeMessage('charge.requested', 0, { ...message, headers: {} });
  return 'event' in decoded ? 'taken' : 'refused';
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

interface Case {
  /** The rest of the object, as bytes. */
  readonly rest: string;
  readonly before?: string;
}
const metadata = (rest: string): Case => ({ rest: `"charge_id":"c1","metadata":{${rest}}` });
const chargeId = (id: string): Case => ({ rest: `"charge_id":"${id}"` });
const charge = (extra: string, { rest, before = '' }: Case): Buffer =>
  bytes(`${before}{${COMMON},${extra ? `${extra},` : ''}${rest}}`);

test.each<[string, Case, string | undefined]>([
  ['an integer that a double changes', metadata('"order":9007199254740993'), 'metadata.order'],
  ['more digits than a double has', metadata('"rate":0.12345678901234567'), 'metadata.rate'],
  ['a number beyond doubles', metadata('"n":1e400'), 'metadata.n'],
  ['a number nearer to zero than doubles', metadata('"n":1e-400'), 'metadata.n'],
  ['a NUL', metadata('"note":"a\\u0000"'), 'metadata.note'],
  ['half of a surrogate pair', metadata('"note":"\\udc00"'), 'metadata.note'],
  ['__proto__', metadata('"__proto__":1'), 'metadata.__proto__'],
  ['__proto__ in escapes', metadata('"\\u005f_proto__":1'), 'metadata.__proto__'],
  ['a name without a character', metadata('"":1'), 'metadata'],
  ['an object', metadata('"deep":{"order":1}'), 'metadata.deep'],
  ['51 names', metadata(Array.from({ length: 51 }, (_, n) => `"k${n}":1`).join()), 'metadata'],
  ['1,025 characters', metadata(`"note":"${'x'.repeat(1_025)}"`), 'metadata.note'],
  ['1,025 emoji', metadata(`"note":"${utf8('😀').repeat(1_025)}"`), 'metadata.note'],
  ['a byte order mark', { ...chargeId('c1'), before: '\xef\xbb\xbf' }, undefined],
  ['bytes that are no UTF-8', metadata('"note":"\xff"'), undefined],
  ['an overlong NUL', metadata('"note":"\xc0\x80"'), undefined],
  ['a surrogate in UTF-8', metadata('"note":"\xed\xa0\x80"'), undefined],
  ['a raw NUL', metadata('"note":"\x00"'), undefined],
  ['a charge id .', chargeId('.'), 'charge_id'],
  ['a charge id ..', chargeId('..'), 'charge_id'],
  ['a charge id \\u002e', chargeId('\\u002e'), 'charge_id'],
  ['a charge id with a blank', chargeId('a b'), 'charge_id'],
])('%s is refused by both', async (_title, one, param) => {
  world.calls.length = 0;
  expect(await overHttp(charge('', one))).toEqual({ status: 400, ...(param && { param }) });
  expect(overKafka(charge(ADDRESSED, one))).toBe('refused');
  expect(world.calls).toEqual([]);
});

test.each<[string, Case]>([
  ['numbers that a double keeps', metadata('"a":9007199254740992,"b":0.1,"c":1.10,"d":1E+2')],
  ['a negative zero', metadata('"a":-0,"b":-0.0')],
  ['null', metadata('"a":null')],
  ['long digits in a text', metadata('"order":"9007199254740993"')],
  ['names that every object has', metadata('"constructor":1,"toString":2')],
  ['a name that stands twice', metadata('"a":1,"a":2')],
  ['an emoji, raw and in escapes', metadata(`"a":"${utf8('😀')}","b":"\\ud83d\\ude00"`)],
  ['1,024 emoji', metadata(`"note":"${utf8('😀').repeat(1_024)}"`)],
  ['50 names', metadata(Array.from({ length: 50 }, (_, n) => `"k${n}":1`).join())],
  ['a charge id ...', chargeId('...')],
  ['a charge id of dots and slashes', chargeId('../..')],
  ['a charge id like an escape', chargeId('%2e')],
])('%s is taken by both', async (_title, one) => {
  expect(await overHttp(charge('', one))).toEqual({ status: 201 });
  expect(overKafka(charge(ADDRESSED, one))).toBe('taken');
});
