import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { currentTrace } from './current-trace.js';
import type { OpenSpan, SpanKind, SpanMaker, SpanOptions } from './spans.js';
import { parseTraceparent, traceparentOf, type TraceHeaders } from './trace-headers.js';

/** A group commit links to every charge of its group. */
const LINKS_MAX = 5_000;

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
  internal: OtelKind.INTERNAL,
};

export interface Exporting extends SpanMaker {
  /** Sends what is left; never rejects. */
  stop(): Promise<void>;
}

/**
 * Spans that leave by OTLP over HTTP. Where to, how many and under which name is in variables
 * that OpenTelemetry's libraries read (docs/tracing.md). A receiver that is unavailable costs spans, never
 * an answer.
 */
export function exportSpans(service: string): Exporting {
  // The name in the environment, if there is one, counts.
  const resource = resourceFromAttributes({ 'service.name': service }).merge(
    detectResources({ detectors: [envDetector] }),
  );
  const provider = new BasicTracerProvider({
    resource,
    spanLimits: { linkCountLimit: LINKS_MAX },
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('orbit');
  return {
    start: (name, options) => openSpan(tracer, name, options),
    stop: () => provider.shutdown().catch(() => undefined),
  };
}

function openSpan(tracer: Tracer, name: string, options: SpanOptions): OpenSpan {
  const { kind, attributes = {}, links = [], parent = currentTrace() ?? null } = options;
  const span = tracer.startSpan(
    name,
    {
      kind: KINDS[kind],
      attributes,
      links: links.flatMap((link) => {
        const context = toSpanContext(link);
        return context === null ? [] : [{ context }];
      }),
    },
    contextOf(parent),
  );
  return {
    trace: headersOf(span, parent),
    rename: (text) => void span.updateName(text),
    set: (more) => void span.setAttributes(more),
    fail: (error) => {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: () => span.end(),
  };
}

function contextOf(parent: TraceHeaders | null): Context {
  const context = parent === null ? null : toSpanContext(parent);
  return context === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
}

function toSpanContext({ traceparent, tracestate }: TraceHeaders): SpanContext | null {
  const parsed = parseTraceparent(traceparent);
  if (parsed === null) return null;
  const { traceId, spanId, flags } = parsed;
  const state = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) };
  return { traceId, spanId, traceFlags: flags, isRemote: true, ...state };
}

/** The state of others goes on as it came: we have none of our own. */
function headersOf(span: Span, parent: TraceHeaders | null): TraceHeaders {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const traceparent = traceparentOf({ traceId, spanId, flags: traceFlags });
  const { tracestate } = parent ?? {};
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}
