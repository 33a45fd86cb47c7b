// Goal: a trace that a caller sent goes on as it is, nonsense is no trace and no error, and spans hang together.
// Method: headers as strangers send them; a maker of spans that keeps what it was told.
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  currentTrace,
  inSpan,
  isTracing,
  makeSpansWith,
  readTrace,
  startSpan,
  underTrace,
  type SpanOptions,
} from '../index.js';
import { wantsTraces } from './start-tracing.js';

const GOOD = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('readTrace', () => {
  test('takes what W3C allows, a later version as 00, and a state in one header or several', () => {
    expect(readTrace({ traceparent: GOOD })).toEqual({ traceparent: GOOD });
    expect(readTrace({ traceparent: `cc${GOOD.slice(2)}-what-comes` })).toEqual({
      traceparent: GOOD,
    });
    expect(readTrace({ traceparent: GOOD, tracestate: 'a=1,b=2' })).toEqual({
      traceparent: GOOD,
      tracestate: 'a=1,b=2',
    });
    const several = readTrace({ traceparent: GOOD, tracestate: ['a=1', 'b=2'] });
    expect(several?.tracestate).toBe('a=1,b=2');
  });
  test.each([
    undefined,
    '',
    'nonsense',
    `${GOOD}, ${GOOD}`,
    `${GOOD}-more`,
    GOOD.toUpperCase(),
    GOOD.replace('00-', 'ff-'),
    GOOD.replace('b7ad6b7169203331', '0000000000000000'),
    GOOD.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
    `01${GOOD.slice(2)}-${'x'.repeat(1_000)}`,
    [GOOD, GOOD],
    7,
  ])('%p is no trace', (traceparent) => {
    expect(readTrace({ traceparent })).toBeNull();
  });
  test.each(['', 'a=\u00e9', 'x'.repeat(513), 'a=1\r\nevil: yes'])(
    'the state %j is left out, the trace stays',
    (tracestate) => {
      expect(readTrace({ traceparent: GOOD, tracestate })).toEqual({ traceparent: GOOD });
    },
  );
  test('no headers, no trace', () => {
    expect([readTrace(undefined), readTrace({})]).toEqual([null, null]);
  });
});

describe('the current trace', () => {
  const trace = { traceparent: GOOD };
  test('reaches what the work starts, and nobody else', async () => {
    expect(currentTrace()).toBeUndefined();
    const seen = await underTrace(trace, async () => {
      await Promise.resolve();
      return [currentTrace(), underTrace(null, () => currentTrace())];
    });
    expect(seen).toEqual([trace, undefined]);
    expect(currentTrace()).toBeUndefined();
  });
});

describe('spans', () => {
  afterEach(() => makeSpansWith(null));

  test('are none while nothing is exported, and the work is in its parent', async () => {
    expect(isTracing()).toBe(false);
    expect(startSpan('x', { kind: 'internal' })).toBeNull();
    const parent = { traceparent: GOOD };
    const inside = await inSpan('x', { kind: 'internal', parent }, () =>
      Promise.resolve(currentTrace()),
    );
    expect(inside).toBe(parent);
  });

  test('are the current trace of their work, end once, and know its failure', async () => {
    const told: unknown[] = [];
    const own = { traceparent: GOOD.replace('b7ad', 'aaaa') };
    makeSpansWith({
      start: (name, options: SpanOptions) => {
        told.push([name, options.kind]);
        return {
          trace: own,
          rename: (text) => told.push(text),
          set: (attributes) => told.push(attributes),
          fail: (error) => told.push((error as Error).message),
          end: () => told.push('end'),
        };
      },
    });
    const work = inSpan('x', { kind: 'client' }, () =>
      Promise.reject(new Error(currentTrace() === own ? 'inside' : 'outside')),
    );
    await expect(work).rejects.toThrow('inside');
    expect(told).toEqual([['x', 'client'], 'inside', 'end']);
  });
});

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_SDK_DISABLED: 'true' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
])('%j asks for traces: %p', (environment, wanted) => {
  expect(wantsTraces(environment)).toBe(wanted);
});
