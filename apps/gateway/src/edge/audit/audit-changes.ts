import { newId, type Clock } from '@orbit/kernel';
import { matchOperation } from '@orbit/orb-api';
import type { Logger } from '@orbit/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { doorOf } from '../http/doors.js';
import { scopeOf } from '../keys/scopes.js';
import { auditedBody, type AuditEntry, type AuditStore } from './audit-entry.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a change whose outcome the trail still lacks. */
    auditId?: string;
    /** The state before the change, where the route has read it anyway. */
    auditBefore?: unknown;
  }
}

export interface AuditParts {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
}

const READING_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
const ORB_PATH = '/v1';
/** Usage, which usage-metering keeps event by event, and questions that are asked by POST. */
const NO_CHANGES: readonly string[] = [
  'ingest',
  'search-events',
  'evaluate-price',
  'evaluate-multiple-prices',
  'evaluate-preview-events',
];

/**
 * Writes every change that a key asks for into the trail: what was asked before the route runs, so that no change is
 * without its row, and the outcome before the answer leaves. Spending is left out: the books have each charge.
 */
export function auditChanges(fastify: FastifyInstance, parts: AuditParts): void {
  // Callbacks, and nothing made before it is known that something changes: charges come through here as well.
  fastify.addHook('preHandler', (request, _reply, done) => {
    const caller = callerOf(request);
    if (!caller) return done();
    const entry = entryOf(request, caller, parts.clock);
    parts.store.begin(entry).then(() => {
      request.auditId = entry.id;
      done();
    }, done);
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (request.auditId === undefined) return done(null, payload);
    void finish(parts, request, reply, payload).then(() => done(null, payload));
  });
}

type Caller = Pick<AuditEntry, 'door' | 'keyId' | 'organizationId' | 'accountId' | 'route'>;

/** The key that asks for a change, and the route; null for what is no change. */
function callerOf(request: FastifyRequest): Caller | null {
  const { method } = request;
  if (READING_METHODS.includes(method)) return null;
  const route = request.routeOptions.url ?? '';
  switch (doorOf(route)) {
    case 'operator key': {
      const { organization_id = null, account_id = null } = (request.params ?? {}) as Names;
      const names = { organizationId: organization_id, accountId: account_id };
      return { ...names, route, door: 'operator key', keyId: request.operator.keyId };
    }
    case 'organization key': {
      if (scopeOf(method, route) !== 'manage') return null;
      const { organizationId, keyId } = request.principal;
      return { organizationId, accountId: null, route, door: 'organization key', keyId };
    }
    case 'account key': {
      const match = matchOperation(method, pathOf(request).slice(ORB_PATH.length));
      // Beside the contract there is the test clock, under a route of its own.
      if (match.status !== 'found' && route.includes('*')) return null;
      const operation = match.status === 'found' ? match.operation.id : route;
      if (NO_CHANGES.includes(operation)) return null;
      const { id: accountId, keyId } = request.orbAccount;
      return { organizationId: null, accountId, route: operation, door: 'account key', keyId };
    }
    default:
      return null;
  }
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? '';

function entryOf(request: FastifyRequest, caller: Caller, clock: Clock): AuditEntry {
  const atMs = clock.nowMs();
  return {
    ...caller,
    ...{ id: newId('aud', atMs), at: new Date(atMs) },
    ...{ method: request.method, subject: pathOf(request), requestId: request.id },
    ...{ address: request.ip, asked: auditedBody(request.body) },
  };
}

interface Names {
  readonly organization_id?: string;
  readonly account_id?: string;
}

/** The change has happened: a fault here is logged, and the row of what was asked stays without an outcome. */
async function finish(
  { store, clock, logger }: AuditParts,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<void> {
  const entryId = request.auditId ?? '';
  delete request.auditId;
  const atMs = clock.nowMs();
  const after = auditedBody(typeof payload === 'string' ? parsed(payload) : null);
  const before = auditedBody(request.auditBefore);
  const at = new Date(atMs);
  const outcome = { id: newId('aud', atMs), entryId, at, status: reply.statusCode, before, after };
  try {
    await store.finish(outcome);
  } catch (error) {
    const fields = { request_id: request.id, audit_id: entryId, status: reply.statusCode };
    logger.error({ ...fields, err: error }, 'the trail lacks the outcome of a change');
  }
}

/** The part of an answer that is about what changed. */
function parsed(payload: string): unknown {
  try {
    const body = JSON.parse(payload) as { readonly data?: unknown; readonly error?: unknown };
    return body?.data ?? body?.error ?? body;
  } catch {
    // An answer that is no JSON says nothing of what changed.
    return null;
  }
}
