import { currentTrace, underTrace } from './current-trace.js';
import { inSpan, isTracing, startSpan } from './spans.js';
import type { TraceHeaders } from './trace-headers.js';

/**
 * Runs work that is done once for many: in none of their traces, because it began in the turn of one of them. While
 * spans are exported it is a span `<name> group` of its own, linked both ways with a span `<name>` in each trace.
 */
export function inSharedSpan<T>(
  name: string,
  traces: readonly TraceHeaders[],
  work: () => Promise<T>,
): Promise<T> {
  if (!isTracing()) return underTrace(null, work);
  const attributes = { 'orbit.group.traces': traces.length };
  const options = { kind: 'internal', parent: null, links: traces, attributes } as const;
  return inSpan(`${name} group`, options, async () => {
    const group = currentTrace();
    const links = group === undefined ? [] : [group];
    const own = traces.map((parent) => startSpan(name, { kind: 'internal', parent, links }));
    try {
      return await work();
    } catch (error) {
      for (const span of own) span?.fail(error);
      throw error;
    } finally {
      for (const span of own) span?.end();
    }
  });
}
