import { OrbitError, type OrbAnswer } from '@orbit/contracts';
import { readJson } from '@orbit/kernel';
import {
  bodyFaults,
  matchOperation,
  queryFaults,
  readQuery,
  type OrbOperation,
  type OrbRefusal,
} from '@orbit/orb-api';
import type { Logger } from '@orbit/runtime';
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { AdmitAccount } from '../organizations/accounts/admit-account.js';
import type { AccountClocks, AccountPrincipal } from '../organizations/accounts/account-ports.js';
import { TOO_MANY_WRONG_KEYS } from '../edge/keys/wrong-keys.js';
import { isUnreachable } from '../edge/rpc/availability.js';
import { scopedAlert } from './new-alert.js';
import { SERVED_OPERATIONS } from './operations.js';
import { AWAY, invalid, OUR_FAULT, refusalOf, refused } from './problems.js';
import type { OrbRequest, ServeOperation } from './serve-operation.js';
import { answerTestClock, noSuchMethod, TEST_CLOCK_PATH } from './test-clock.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route below /v1 before its body is read. */
    orbAccount: AccountPrincipal;
  }
}

/** The base of the Orb-compatible API; `/v1/billing` below it is the Orbit API's. */
export const ORB_PATH = '/v1';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,64}$/;
/** Asks for a preview instead of a change; whoever does not know it would make the change. */
const PENDING_HEADER = 'create-pending-subscription-change';
const NO_PENDING_CHANGES: OrbRefusal = {
  code: 'constraint_violation',
  detail:
    'Create-Pending-Subscription-Change goes with changes of subscriptions: nothing was changed.',
};
const JSON_TYPE = 'application/json; charset=utf-8';

export interface OrbApiParts {
  readonly admit: AdmitAccount;
  readonly serve: ServeOperation;
  readonly clocks: AccountClocks;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
}

/**
 * Everything below /v1, served from the contract: one door, one reader of requests, one form of errors. It knows
 * nothing of Nest, whose pipes and filters do not see these routes.
 */
export function orbApi({ admit, serve, clocks, logger }: OrbApiParts): FastifyPluginCallback {
  return (fastify: FastifyInstance, _options, done) => {
    fastify.decorateRequest('orbAccount');
    readBodies(fastify);
    fastify.addHook('onRequest', async (request, reply) => {
      const refusal = await enter(admit, request, reply);
      if (refusal) return send(reply, refused(refusal));
    });
    fastify.setErrorHandler((fault, request, reply) => sendFault(fault, request, reply, logger));
    fastify.setNotFoundHandler((request, reply) => send(reply, noSuchUrl(request)));
    fastify.all(TEST_CLOCK_PATH, async ({ method, orbAccount, body }, reply) => {
      const answer = await answerTestClock(clocks, method, orbAccount, body);
      if (answer) return send(reply, answer);
      reply.header('allow', 'GET, POST');
      return send(reply, noSuchMethod(method));
    });
    for (const path of ['/', '/*']) {
      fastify.all(path, async (request, reply) => answer(serve, request, reply));
    }
    done();
  };
}

/** Sets the account of a request; answers why it may not come in. Errors: unavailable. */
async function enter(
  admit: AdmitAccount,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<OrbRefusal | null> {
  const [, key = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const admitted = await admit.run(key, request.ip);
  if ('waitSeconds' in admitted) {
    const { waitSeconds } = admitted;
    if (waitSeconds > 0) {
      reply.header('retry-after', waitSeconds);
      return { code: 'too_many_requests', detail: TOO_MANY_WRONG_KEYS };
    }
    const detail = 'Send the key of an account: Authorization: Bearer orb_…';
    return { code: 'authentication_error', detail };
  }
  const { account, rate } = admitted;
  reply.header('ratelimit-limit', rate.limit);
  reply.header('ratelimit-remaining', rate.remaining);
  reply.header('ratelimit-reset', Math.ceil(rate.resetMs / 1_000));
  if (!rate.isAllowed) {
    reply.header('retry-after', Math.max(1, Math.ceil(rate.retryAfterMs / 1_000)));
    return { code: 'too_many_requests', detail: 'Too many requests for this key.' };
  }
  request.orbAccount = account;
  return null;
}

/** JSON, or nothing: the SDKs send an empty body with and without a content type. */
function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (_request, body: Buffer, done) => {
      if (body.length === 0) return done(null, undefined);
      const read = readJson(body);
      if (read.ok) return done(null, read.value);
      const { fault } = read;
      if (fault.kind === 'not_json') {
        return done(new OrbitError('malformed_json', 'The body is not valid JSON.'));
      }
      const field = fault.path === '' ? 'body' : fault.path.slice(0, 128);
      done(new OrbitError('invalid_field', `${field}: ${fault.message}`));
    },
  );
}

async function answer(
  serve: ServeOperation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const [path = '', ...query] = request.url.split('?');
  const below = path.slice(ORB_PATH.length);
  const scoped = scopedAlert(request.method, below, request.body);
  if (typeof scoped === 'string') return send(reply, refused(invalid([scoped])));
  const given = scoped ?? { path: below, body: request.body };
  const match = matchOperation(request.method, given.path);
  if (match.status === 'unknown_path') return send(reply, noSuchUrl(request));
  if (match.status === 'wrong_method') {
    reply.header('allow', match.allowed.join(', '));
    return send(reply, noSuchUrl(request, match.allowed));
  }
  const { operation, pathValues } = match;
  const read = readRequest(operation, request, given.body, query.join('?'));
  if ('faults' in read) return send(reply, refused(invalid(read.faults)));
  const isPending = /^true$/i.test(String(request.headers[PENDING_HEADER] ?? ''));
  const mayBePending = SERVED_OPERATIONS[operation.id]?.mayBePending === true;
  if (isPending && !mayBePending) return send(reply, refused(NO_PENDING_CHANGES));
  const showsChanges = mayBePending && /[?&]include_changed_resources=true(&|$)/.test(request.url);
  if (read.idempotencyKey !== null) reply.header('idempotency-key', read.idempotencyKey);
  const asked = { ...read, path: pathValues, account: request.orbAccount, isPending, showsChanges };
  const served = await serve.run(asked);
  return send(reply, served);
}

function readRequest(
  operation: OrbOperation,
  request: FastifyRequest,
  given: unknown,
  queryText: string,
):
  | Omit<OrbRequest, 'path' | 'account' | 'isPending' | 'showsChanges'>
  | { readonly faults: readonly string[] } {
  const query = readQuery(operation, queryText);
  const faults = [...query.faults, ...queryFaults(operation, query.values)];
  // A body that no operation asks for is left alone, as the SDKs send {} anywhere.
  const body = operation.bodySchema === null ? {} : (given ?? {});
  if (operation.bodySchema !== null && SERVED_OPERATIONS[operation.id]?.step !== 'ingest') {
    const isAbsent = operation.isBodyOptional && given === undefined;
    faults.push(...bodyFaults(operation, isAbsent ? undefined : body));
  }
  const key = operation.isIdempotent ? (request.headers['idempotency-key'] ?? null) : null;
  if (key !== null && !(typeof key === 'string' && IDEMPOTENCY_KEY.test(key))) {
    faults.push('Idempotency-Key has 1 to 64 printable characters');
  }
  if (faults.length > 0) return { faults };
  const idempotencyKey = key as string | null;
  return { operation, query: query.values, body: body as OrbRequest['body'], idempotencyKey };
}

function noSuchUrl({ method }: FastifyRequest, allowed: readonly string[] = []): OrbAnswer {
  const rest = allowed.length === 0 ? 'There is no such path.' : `It takes ${allowed.join(', ')}.`;
  return refused({ code: 'url_not_found', detail: `Nothing answers ${method} here. ${rest}` });
}

function send(reply: FastifyReply, { status, body, is_replay, is_final }: OrbAnswer): FastifyReply {
  if (is_replay) reply.header('idempotent-replayed', 'true');
  if (is_final) reply.header('x-should-retry', 'false');
  if (body === null) return reply.code(status).send();
  return reply.code(status).header('content-type', JSON_TYPE).send(body);
}

function sendFault(
  fault: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: OrbApiParts['logger'],
): FastifyReply {
  const refusal = refusalOf(fault);
  if (refusal) return send(reply, refused(refusal));
  const fields = { request_id: request.id, err: fault };
  if (!isUnreachable(fault)) {
    logger.error(fields, 'request of /v1 failed');
    return send(reply, refused(OUR_FAULT));
  }
  logger.warn(fields, 'request of /v1 failed');
  reply.header('transient-error', 'true').header('retry-after', 1);
  return send(reply, refused(AWAY));
}
