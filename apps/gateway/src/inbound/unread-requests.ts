import { ERROR_CATALOGUE, OrbitError, type ErrorCode } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import type { FastifyInstance } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

type Refusal = readonly [ErrorCode, string];

const NO_REQUEST: Refusal = ['malformed_request', 'This is no HTTP request that can be read.'];

/** By the code of Node's parser; everything else is no request that can be read. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are larger than 16 KiB.'],
  HPE_INVALID_METHOD: ['malformed_request', 'The request begins with no method of HTTP.'],
};

/**
 * Answers what Node's parser refuses before there is a request: no hook and no filter hears of that. Nothing of
 * what came is told back. Where it ended is not known, so the connection ends with the answer.
 */
export function refuseUnread(clock: Clock) {
  return (fault: Error & { readonly code?: string }, socket: Socket): void => {
    // Nobody is there to read an answer.
    if (fault.code === 'ECONNRESET' || socket.destroyed) return;
    if (socket.writable) socket.write(answer(REFUSALS[fault.code ?? ''] ?? NO_REQUEST, clock));
    socket.destroy(fault);
  };
}

function answer([code, message]: Refusal, clock: Clock): string {
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
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** HTTP/1.1 asks for a Host; Node is told to leave that to us, because its own refusal has no body. */
export function refuseWithoutHost(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers, httpVersion } = request.raw;
    const hasHost = headers.host !== undefined || httpVersion !== '1.1';
    const message = 'The request names no Host.';
    done(hasHost ? undefined : new OrbitError('malformed_request', message));
  });
}
