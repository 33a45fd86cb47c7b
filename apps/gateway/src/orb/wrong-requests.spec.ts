// Goal: every field of every operation served wrong in turn: 400 in the contract's form that names the field, and no
// owner hears of it. Method: bodies out of the contract itself, each place exchanged; the whole HTTP app, injected,
// over owners in memory.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  bodyFaults,
  ORB_OPERATIONS,
  queryFaults,
  readQuery,
  type OrbOperation,
} from '@orbit/orb-api';
import { sampleBody, wrongBodies } from '@orbit/testing';
import { FakeWorld } from '../gateway.fake.js';
import { SERVED_OPERATIONS } from './operations.js';

const world = new FakeWorld();
const key = world.orb.add('acct_a', 'live');
let app: NestFastifyApplication;
beforeAll(async () => {
  app = await world.start();
});
afterAll(() => app.close());
beforeEach(() => {
  world.orb.calls.length = 0;
  world.orb.published.length = 0;
});

const served = ORB_OPERATIONS.filter(({ id }) => id in SERVED_OPERATIONS);
const urlOf = ({ path }: OrbOperation, query = ''): string =>
  `/v1${path.replaceAll(/\{\w+\}/g, 'org_1')}${query}`;

async function ask(operation: OrbOperation, url: string, payload?: string) {
  const answer = await app.inject({
    ...{ method: operation.method as 'POST', url },
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, text: answer.body };
}

/** Of each kind one: the contract knows no more of a value than its type, its words and its length. */
const VALUES = [null, '', 'x', -1, 1e300, true, [], {}] as const;
/** Of the bodies of one sample: spread over all its places, so that the test takes seconds. */
const BODIES_MAX = 15;

/** Whether a refusal names the field, or the one that it lies in. */
function isNamed(text: string, path: string): boolean {
  const names = path.split(/[.[\]]+/).filter((part) => part !== '' && !/^\d+$/.test(part));
  return names.some((name) => text.includes(name));
}

test('every operation that is served and takes a body has a sample that fits the contract', () => {
  const without = served
    .filter(({ bodySchema, id }) => bodySchema !== null && id !== 'ingest')
    .filter((operation) => sampleBody(operation) === null);
  expect(without.map(({ id }) => id)).toEqual([]);
});

test.each(
  served
    .filter(({ bodySchema, id }) => bodySchema !== null && id !== 'ingest')
    .map((one) => [one.id, one] as const),
)(
  '%s: each field missing, of another type, too small, too large or unknown is refused by its name',
  async (_id, operation) => {
    const unnamed: string[] = [];
    for (const branch of [0, 1]) {
      const valid = sampleBody(operation, branch);
      if (valid === null) continue;
      const refusals = [...wrongBodies(valid, VALUES)].filter(
        ({ body }) => bodyFaults(operation, body).length > 0,
      );
      const step = Math.max(1, refusals.length / BODIES_MAX);
      for (let at = 0; at < refusals.length; at += step) {
        const { path, value, body } = refusals[Math.floor(at)]!;
        const { status, text } = await ask(operation, urlOf(operation), JSON.stringify(body));
        const fact = `${String(status)} ${path} = ${JSON.stringify(value)}: ${text.slice(0, 300)}`;
        const isRefused = status === 400 && text.includes('#400-request-validation-errors');
        if (!isRefused || !isNamed(text, path)) unnamed.push(fact);
      }
    }
    expect(unnamed).toEqual([]);
    expect(world.orb.calls).toEqual([]);
  },
);

test('numbers that no decimal holds, broken text and what is no object are refused on every operation', async () => {
  const odd: string[] = [];
  for (const operation of served) {
    if (operation.bodySchema === null) continue;
    for (const payload of [
      '[]',
      '"x"',
      '7',
      '{"a":9007199254740993}',
      '{"a":1e400}',
      '{"a":"\\u0000"}',
      '{',
    ]) {
      const { status, text } = await ask(operation, urlOf(operation), payload);
      if (status !== 400 || !text.includes('validation_errors'))
        odd.push(`${operation.id} ${payload} ${text}`);
    }
  }
  expect(odd).toEqual([]);
  expect([world.orb.calls, world.orb.published]).toEqual([[], []]);
});

test('query parameters of another form are refused by their names, on every operation', async () => {
  const odd: string[] = [];
  for (const operation of served) {
    for (const { name } of operation.queryParameters) {
      const wrong = encodeURIComponent(name) + '=' + encodeURIComponent("x'; --");
      const read = readQuery(operation, wrong);
      const faults = [...read.faults, ...queryFaults(operation, read.values)];
      const sample =
        operation.bodySchema && JSON.stringify(sampleBody(operation) ?? { events: [] });
      const { status, text } = await ask(
        operation,
        urlOf(operation, `?${wrong}`),
        sample ?? undefined,
      );
      const isNamedHere = faults.every((fault) => text.includes(fault.split(/[ [.]/)[0] ?? ''));
      if (status >= 500 || (faults.length > 0 && !(status === 400 && isNamedHere))) {
        odd.push(`${operation.id}?${wrong}: ${String(status)} ${text.slice(0, 200)}`);
      }
    }
  }
  expect(odd).toEqual([]);
});

test.each([
  '%00',
  '%ff',
  '%',
  '%2e%2e',
  'x'.repeat(3_000),
  '%F0%9F%98%80',
  "'%20OR%201=1",
  '%E0%A4%A',
])('an id %j is an id that nothing has, or none at all: never a fault of ours', async (id) => {
  const odd: string[] = [];
  for (const operation of served) {
    if (operation.pathParameters.length === 0) continue;
    const url = `/v1${operation.path.replaceAll(/\{\w+\}/g, id)}`;
    const body = operation.bodySchema === null ? undefined : '{}';
    const { status, text } = await ask(operation, url, body);
    if (status >= 500 || (status >= 400 && !text.includes('"type"')))
      odd.push(`${operation.id} ${String(status)} ${text}`);
  }
  expect(odd).toEqual([]);
});
