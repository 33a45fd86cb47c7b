import { readTrace, startSpan, underTrace, type OpenSpan, type TraceHeaders } from '@orbit/runtime';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** The trace that the request belongs to; null without one. */
    trace: TraceHeaders | null;
    span: OpenSpan | null;
  }
}

/**
 * Puts the work of a request into the trace that its `traceparent` names. A request without one, while no spans are
 * exported, passes as if this were not here.
 */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.decorateRequest('trace', null);
  fastify.decorateRequest('span', null);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers, method } = request;
    const parent = headers['traceparent'] === undefined ? null : readTrace(headers);
    const attributes = { 'http.request.method': method };
    request.span = startSpan(method, { kind: 'server', parent, attributes });
    request.trace = request.span?.trace ?? parent;
    enter(request.trace, done);
  });
  // Reading a body goes on in the turn of the socket.
  fastify.addHook('preValidation', (request, _reply, done) => enter(request.trace, done));
  fastify.addHook('onResponse', (request, reply, done) => {
    const { span } = request;
    if (span !== null) {
      const route = request.routeOptions.url;
      if (route !== undefined) {
        span.rename(`${request.method} ${route}`);
        span.set({ 'http.route': route });
      }
      span.set({ 'http.response.status_code': reply.statusCode });
      if (reply.statusCode >= 500) span.fail(`status ${reply.statusCode}`);
      span.end();
    }
    done();
  });
}

function enter(trace: TraceHeaders | null, done: () => void): void {
  if (trace === null) done();
  else underTrace(trace, done);
}
