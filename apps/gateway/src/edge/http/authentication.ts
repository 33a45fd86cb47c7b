import { OrbitError } from '@orbit/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AdmitRequest } from '../../organizations/admit-request.js';
import { scopeOf } from '../keys/scopes.js';
import type { AdmitOperator } from '../../organizations/operators/admit-operator.js';
import type { OperatorPrincipal } from '../../organizations/operators/operator-key.js';
import type { Principal } from '../ports.js';
import { mayRun } from '../../organizations/api-key.js';
import { doorOf } from './doors.js';
import type { RateLimitState } from '../../organizations/request-rate.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route below /api/v1/billing before its body is read. */
    principal: Principal;
    /** Set on every route below /api/v1/operator before its body is read. */
    operator: OperatorPrincipal;
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
  admitOperator: AdmitOperator,
): void {
  fastify.decorateRequest('principal');
  fastify.decorateRequest('operator');
  fastify.decorateRequest('isOperator');
  fastify.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url;
    if (route === undefined) return;
    const door = doorOf(route);
    const { method, ip } = request;
    if (door === 'organization key') {
      const { principal, rate } = await admitRequest.run(keyOf(request), ip);
      requireRate(reply, rate);
      if (!mayRun(principal.mode, principal.accountMode, method)) throw testKey();
      requireScope(principal, method, route);
      request.principal = principal;
    } else if (door === 'operator key') {
      const { operator, rate } = await admitOperator.run(keyOf(request), ip, method, route);
      if (rate !== null) requireRate(reply, rate);
      request.operator = operator;
    } else if (route === LEDGER_HEALTH_PATH) {
      request.isOperator = await admitOperator.isOperator(keyOf(request), ip);
    }
  });
}

function requireRate(reply: FastifyReply, rate: RateLimitState): void {
  writeRateHeaders(reply, rate);
  if (rate.isAllowed) return;
  throw new OrbitError('rate_limited', 'Too many requests for this API key.', {
    retryAfterSeconds: Math.max(1, Math.ceil(rate.retryAfterMs / 1000)),
  });
}

function requireScope({ scopes }: Principal, method: string, route: string): void {
  const scope = scopeOf(method, route);
  if (scope !== null && scopes.includes(scope)) return;
  const asked = scope ?? 'manage';
  const message = `This key has not the scope "${asked}", which the route asks for.`;
  throw new OrbitError('missing_scope', message, { details: { scope: asked } });
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

function writeRateHeaders(reply: FastifyReply, rate: RateLimitState): void {
  reply.header('ratelimit-limit', rate.limit);
  reply.header('ratelimit-remaining', rate.remaining);
  reply.header('ratelimit-reset', Math.ceil(rate.resetMs / 1000));
}
