import { createServer, type IncomingHttpHeaders } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

/** One span as OTLP over HTTP brings it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export interface OtlpReceiver {
  readonly url: string;
  all(): readonly ReceivedSpan[];
  /** Headers of every other request, webhooks of accounts among them. */
  others(): readonly IncomingHttpHeaders[];
  spansOf(traceId: string): readonly ReceivedSpan[];
  close(): Promise<void>;
}

interface WireSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}
interface WireTraces {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { key: string; value: { stringValue?: string } }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** Takes spans as a collector does, `POST /v1/traces` with JSON, and keeps them. */
export async function receiveSpans(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const others: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      if (request.url === '/v1/traces') spans.push(...spansIn(body as WireTraces));
      else others.push(request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    all: () => spans,
    others: () => others,
    spansOf: (wanted) => spans.filter(({ traceId }) => traceId === wanted),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spansIn({ resourceSpans }: WireTraces): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const name = resource.attributes.find(({ key }) => key === 'service.name');
    const service = name?.value.stringValue ?? '';
    return scopeSpans.flatMap((scope) =>
      scope.spans.map(({ links = [], kind, parentSpanId, ...span }) => ({
        service,
        ...{ name: span.name, traceId: span.traceId, spanId: span.spanId },
        kind: KINDS[kind] ?? 'unspecified',
        parentSpanId,
        links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
      })),
    );
  });
}
