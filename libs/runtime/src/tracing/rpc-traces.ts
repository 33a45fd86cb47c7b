import { underTrace } from './current-trace.js';
import { startSpan, type OpenSpan } from './spans.js';
import { readTrace } from './trace-headers.js';

/** The interface of Nest's TCP context; other transports have no metadata. */
interface CallContext {
  getPattern?(): string;
  getMetadata?(): Readonly<Record<string, string>> | undefined;
}

/** Runs RPC handlers in the trace that their call brought. */
export function rpcTraces() {
  const open = new WeakMap<object, OpenSpan>();
  return {
    begin(context: unknown, work: () => Promise<unknown>): Promise<unknown> {
      const call = context as CallContext;
      const parent = readTrace(call.getMetadata?.());
      const pattern = call.getPattern?.() ?? 'call';
      const attributes = { 'rpc.system': 'nest_tcp', 'rpc.method': pattern };
      const span = startSpan(pattern, { kind: 'server', parent, attributes });
      if (span !== null) open.set(call, span);
      return underTrace(span?.trace ?? parent, work);
    },
    end(context: unknown): void {
      const call = context as CallContext;
      open.get(call)?.end();
      open.delete(call);
    },
  };
}
