import { currentTrace, underTrace } from './current-trace.js';
import type { TraceHeaders } from './trace-headers.js';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  readonly kind: SpanKind;
  /** Parent of the span: the current trace by default; null begins a trace. */
  readonly parent?: TraceHeaders | null;
  /** Other traces that it does work for. */
  readonly links?: readonly TraceHeaders[];
  readonly attributes?: SpanAttributes;
}

/** A piece of work that has begun. */
export interface OpenSpan {
  /** For whatever is a part of it. */
  readonly trace: TraceHeaders;
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  fail(error: unknown): void;
  end(): void;
}

export interface SpanMaker {
  start(name: string, options: SpanOptions): OpenSpan;
}

let maker: SpanMaker | null = null;

/** Spans are made from now on; null: no longer. */
export function makeSpansWith(given: SpanMaker | null): void {
  maker = given;
}

/** Whether spans are exported. */
export const isTracing = (): boolean => maker !== null;

/** Null while nothing is exported: then what a caller sent is passed on as it is. */
export function startSpan(name: string, options: SpanOptions): OpenSpan | null {
  return maker?.start(name, options) ?? null;
}

/** Runs `work` as one span; while nothing is exported, in its parent's trace. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: () => Promise<T>,
): Promise<T> {
  const span = startSpan(name, options);
  const { parent = currentTrace() ?? null } = options;
  if (span === null) return underTrace(parent, work);
  try {
    return await underTrace(span.trace, work);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
