/** Where a piece of work stands in a trace, as W3C Trace Context writes it into headers; passed on as it is. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Content of a valid `traceparent`. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  /** Bit 0: whoever began the trace records it. */
  readonly flags: number;
}

type Given = Readonly<Record<string, unknown>>;

/** Of version 00 exactly this; a later one may have more behind it. */
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const LENGTH_MAX = 512;
const NOTHING = /^0+$/;
/** Printable ASCII: it goes into headers again. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** Null: it is none. A malformed header begins no trace and gets no error. */
export function parseTraceparent(text: string): TraceParent | null {
  if (text.length > LENGTH_MAX) return null;
  const found = TRACEPARENT.exec(text);
  if (!found) return null;
  const [, version = '', traceId = '', spanId = '', flags = '', more] = found;
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (NOTHING.test(traceId) || NOTHING.test(spanId)) return null;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** The trace that headers name, of HTTP, Kafka or RPC; null when they name none, or not one that can be read. */
export function readTrace(headers: Given | undefined): TraceHeaders | null {
  const traceparent = headers?.['traceparent'];
  if (typeof traceparent !== 'string') return null;
  const parent = parseTraceparent(traceparent);
  if (parent === null) return null;
  const state = stateOf(headers?.['tracestate']);
  const named = { traceparent: traceparentOf(parent) };
  return state === null ? named : { ...named, tracestate: state };
}

/** As version 00, which is what we speak. */
export function traceparentOf({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
}

/** Left out when it is none: the trace goes on without it. */
function stateOf(given: unknown): string | null {
  const text = Array.isArray(given) ? given.join(',') : given;
  return typeof text === 'string' && TRACESTATE.test(text) ? text : null;
}
