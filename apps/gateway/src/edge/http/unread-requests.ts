import { ERROR_CATALOGUE, OrbitError, type ErrorCode } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import type { FastifyInstance } from 'fastify';
import { methodRefusal, type KnownRoutes } from './known-routes.js';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

type Refusal = readonly [ErrorCode, string, allow?: string];

const NO_SUCH_ROUTE = 'There is no such route. See /api/docs.';
const NO_REQUEST: Refusal = ['malformed_request', 'This is no HTTP request that can be read.'];

/** By the code of Node's parser; everything else is no request that can be read. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are larger than 16 KiB.'],
  HPE_INVALID_METHOD: ['malformed_request', 'The request begins with no method of HTTP.'],
};

/**
 * Returns what Node's parser refuses before there is a request: no hook and no filter sees it. Nothing of the input
 * is repeated. Where it ended is not known, so the connection ends with the answer.
 */
export function refuseUnread(clock: Clock, routes: KnownRoutes, toPath: (url: string) => string) {
  return (fault: ParserFault, socket: Socket): void => {
    // Nobody is there to read an answer.
    if (fault.code === 'ECONNRESET' || socket.destroyed) return;
    const refusal =
      unknownMethod(fault, routes, toPath) ?? REFUSALS[fault.code ?? ''] ?? NO_REQUEST;
    if (socket.writable) socket.write(answer(refusal, clock));
    socket.destroy(fault);
  };
}

interface ParserFault extends Error {
  readonly code?: string;
  /** The last bytes received; they begin with the request at fault, unless that came behind another one. */
  readonly rawPacket?: unknown;
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) (\/[!-~]{0,2048}) HTTP\/1\.[01]\r?\n/;
/** Of a request line as REQUEST_LINE takes it. */
const LINE_LENGTH_MAX = 2_120;

/** Node's parser knows a list of methods; a route takes those of its own, and says so of any other. */
function unknownMethod(
  { code, rawPacket }: ParserFault,
  routes: KnownRoutes,
  toPath: (url: string) => string,
): Refusal | null {
  if (code !== 'HPE_INVALID_METHOD' || !Buffer.isBuffer(rawPacket)) return null;
  const line = REQUEST_LINE.exec(rawPacket.toString('latin1', 0, LINE_LENGTH_MAX));
  const [, method = '', url = ''] = line ?? [];
  if (line === null) return null;
  const methods = routes.methodsOf(toPath(url).split('?', 1)[0] ?? '');
  if (methods.length === 0) return ['unknown_route', NO_SUCH_ROUTE];
  return ['method_not_allowed', methodRefusal(methods, method), methods.join(', ')];
}

function answer([code, message, allow]: Refusal, clock: Clock): string {
  const { status, type } = ERROR_CATALOGUE[code];
  const nowMs = clock.nowMs();
  const request_id = newId('req', nowMs);
  const meta = { request_id, timestamp: new Date(nowMs).toISOString() };
  const body = JSON.stringify({ error: { type, code, message }, meta });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${request_id}`,
    ...(allow === undefined ? [] : [`allow: ${allow}`]),
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** HTTP/1.1 asks for one Host, and Node keeps the first of several: what stands before us may have read another. */
const hostsOf = (rawHeaders: readonly string[]): number => {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
};

/** HTTP/1.1 asks for a Host; Node leaves the check to us, because its own refusal has no body. */
export function refuseWithoutOneHost(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers, httpVersion } = request.raw;
    const hasHost = headers.host !== undefined || httpVersion !== '1.1';
    if (!hasHost) return done(new OrbitError('malformed_request', 'The request names no Host.'));
    if (hostsOf(request.raw.rawHeaders) < 2) return done();
    done(new OrbitError('malformed_request', 'The request names more than one Host.'));
  });
}

/** Of a route that serves files, by what is behind its prefix. */
const FOREIGN = /(^|[/\\])\.{1,2}([/\\]|$)|\\|\/\/|%00/;

/**
 * A path that leaves its folder, or none that a file could have, names nothing. Asked where files are served and where
 * nothing is: in a parameter of a route, such as a charge id, the same characters are a text like any other.
 */
export function refuseForeignPaths(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url;
    if (route !== undefined && !route.includes('*')) return done();
    const path = request.url.split('?', 1)[0] ?? '';
    const isForeign = FOREIGN.test(path) || FOREIGN.test(decoded(path));
    done(isForeign ? new OrbitError('unknown_route', NO_SUCH_ROUTE) : undefined);
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '//';
  }
}
