// Goal: events carry the trace of what made them, each its own, also out of a batch of many.
// Method: no server; spans are made by a maker that numbers them.
import { afterEach, describe, expect, test } from '@jest/globals';
import { currentTrace, makeSpansWith, underTrace, type SpanOptions } from '@orbit/runtime';
import type { ReceivedEvent } from './consume/batch-handler.js';
import { handleTraced } from './consume/batch-traces.js';
import { SendTraces } from './produce/send-traces.js';

const trace = (last: string) => ({
  traceparent: `00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333${last}-01`,
});
const received = (last: string): ReceivedEvent<unknown> =>
  ({ id: last, offset: last, trace: trace(last) }) as unknown as ReceivedEvent<unknown>;

afterEach(() => makeSpansWith(null));

describe('while nothing is exported', () => {
  test('an event goes under its own trace, else under that of whoever publishes it', () => {
    const [one, two] = [trace('1'), trace('2')];
    const sent = underTrace(one, () => {
      const traces = new SendTraces();
      return [
        traces.of('charge.posted', { id: 'a' }),
        traces.of('charge.posted', { id: 'b', headers: two }),
        traces.of('charge.posted', { id: 'c', headers: { traceparent: 'nonsense' } }),
      ];
    });
    expect(sent).toEqual([one, two, one]);
    expect(new SendTraces().of('charge.posted', { id: 'd' })).toBeUndefined();
  });

  test('a batch of one is handled in its trace, one of several in none', async () => {
    const seen: unknown[] = [];
    const handle = async (): Promise<void> => void seen.push(currentTrace());
    await handleTraced('charge.requested', [received('1')], handle);
    await handleTraced('charge.requested', [received('1'), received('2')], handle);
    expect(seen).toEqual([trace('1'), undefined]);
  });
});

describe('while spans are exported', () => {
  interface Made extends SpanOptions {
    readonly name: string;
    readonly own: { readonly traceparent: string };
    isEnded: boolean;
  }
  const collect = (): Made[] => {
    const made: Made[] = [];
    makeSpansWith({
      start: (name, options) => {
        const own = trace(String.fromCharCode(97 + made.length));
        const span = { ...options, name, own, isEnded: false };
        made.push(span);
        const nothing = (): void => undefined;
        const end = (): void => void (span.isEnded = true);
        return { trace: own, rename: nothing, set: nothing, fail: nothing, end };
      },
    });
    return made;
  };

  test('each message of a batch is a span of its own trace, and the batch links to all of them', async () => {
    const made = collect();
    const seen: unknown[] = [];
    await handleTraced('charge.requested', [received('1'), received('2')], async (events) => {
      seen.push(...events.map((event) => event.trace), currentTrace());
      await Promise.resolve();
    });
    const [first, second, batch] = made;
    expect(made.map(({ name, parent }) => [name, parent])).toEqual([
      ['process charge.requested', trace('1')],
      ['process charge.requested', trace('2')],
      ['process batch of charge.requested', null],
    ]);
    expect(batch?.links).toEqual([first?.own, second?.own]);
    expect(seen).toEqual([first?.own, second?.own, batch?.own]);
    expect(made.every(({ isEnded }) => isEnded)).toBe(true);
  });

  test('a sent event is a span whose trace is in its headers, ended when the sending failed, too', async () => {
    const made = collect();
    const traces = new SendTraces();
    expect(traces.of('charge.posted', { id: 'a', headers: trace('1') })).toEqual(trace('a'));
    expect(made[0]?.parent).toEqual(trace('1'));
    await expect(traces.around(Promise.reject(new Error('Kafka is away')))).rejects.toThrow();
    expect(made[0]?.isEnded).toBe(true);
  });
});
