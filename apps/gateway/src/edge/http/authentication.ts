import { createHash, timingSafeEqual } from 'node:crypto';
import { OrbitError } from '@orbit/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AdmitRequest } from '../../organizations/admit-request.js';
import { wrongKey, type WrongKeys } from '../keys/wrong-keys.js';
import type { Principal } from '../ports.js';
import { mayRun } from '../../organizations/api-key.js';
import { doorOf } from './doors.js';
import type { RateLimitState } from '../../organizations/request-rate.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route below /api/v1/billing before its body is read. */
    principal: Principal;
    /** Set on the routes that anybody may ask and that show an operator more. */
    isOperator?: boolean;
  }
}

export const BILLING_PATH = '/api/v1/billing';
const LEDGER_HEALTH_PATH = '/health/ledger';

/**
 * Refuses strangers before the body is read. A Fastify hook rather than a Nest guard: it covers every
 * route below its path, also one that is written tomorrow, and costs no execution context.
 */
export function authenticate(
  fastify: FastifyInstance,
  admitRequest: AdmitRequest,
  operatorKey: string,
  wrongKeys: WrongKeys,
): void {
  const operatorDigest = digest(operatorKey);
  fastify.decorateRequest('principal');
  fastify.decorateRequest('isOperator');
  fastify.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url;
    if (route === undefined) return;
    const door = doorOf(route);
    if (door === 'organization key') {
      const { principal, rate } = await admitRequest.run(keyOf(request), request.ip);
      writeRateHeaders(reply, rate);
      if (!rate.isAllowed) {
        throw new OrbitError('rate_limited', 'Too many requests for this API key.', {
          retryAfterSeconds: Math.max(1, Math.ceil(rate.retryAfterMs / 1000)),
        });
      }
      if (!mayRun(principal.mode, principal.accountMode, request.method)) throw testKey();
      request.principal = principal;
    } else if (door === 'operator key') {
      requireOperator(keyOf(request), operatorDigest, () => wrongKeys.note(request.ip, 'operator'));
    } else if (route === LEDGER_HEALTH_PATH) {
      request.isOperator = isOperatorKey(keyOf(request) ?? '', operatorDigest);
    }
  });
}

const testKey = (): OrbitError =>
  new OrbitError(
    'test_key',
    'This is a test key of an organization of the live account: it reads, and moves no money. Use a live key.',
  );

/** X-API-Key, or a bearer token for clients that only know that. */
export function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  const match = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '');
  return match?.[1];
}

function requireOperator(
  key: string | undefined,
  operatorDigest: Buffer,
  note: () => number,
): void {
  if (key === undefined) {
    throw new OrbitError('missing_api_key', 'Send the operator key in the X-API-Key header.');
  }
  if (isOperatorKey(key, operatorDigest)) return;
  throw wrongKey(note(), 'This is not the operator key.');
}

/** Digests have one length, so the comparison reveals nothing about the key's. */
const isOperatorKey = (key: string, operatorDigest: Buffer): boolean =>
  timingSafeEqual(digest(key), operatorDigest);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function writeRateHeaders(reply: FastifyReply, rate: RateLimitState): void {
  reply.header('ratelimit-limit', rate.limit);
  reply.header('ratelimit-remaining', rate.remaining);
  reply.header('ratelimit-reset', Math.ceil(rate.resetMs / 1000));
}
