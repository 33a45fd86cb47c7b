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
  fastify.addHook('preHandler', async (request) => {
    const entry = entryOf(request, parts.clock);
    if (!entry) return;
    await parts.store.begin(entry);
    request.auditId = entry.id;
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (request.auditId === undefined) return done(null, payload);
    void finish(parts, request, reply, payload).then(() => done(null, payload));
  });
}

function entryOf(request: FastifyRequest, clock: Clock): AuditEntry | null {
  const { method } = request;
  if (READING_METHODS.includes(method)) return null;
  const url = request.routeOptions.url ?? '';
  const [subject = ''] = request.url.split('?', 1);
  const { organization_id = null, account_id = null } = (request.params ?? {}) as Names;
  const atMs = clock.nowMs();
  const all = {
    ...{ id: newId('aud', atMs), at: new Date(atMs), method, route: url, subject },
    ...{ requestId: request.id, address: request.ip, asked: auditedBody(request.body) },
  };
  switch (doorOf(url)) {
    case 'operator key': {
      const { keyId } = request.operator;
      const names = { organizationId: organization_id, accountId: account_id };
      return { ...all, ...names, door: 'operator key', keyId };
    }
    case 'organization key': {
      if (scopeOf(method, url) !== 'manage') return null;
      const { organizationId, keyId } = request.principal;
      return { ...all, organizationId, accountId: null, door: 'organization key', keyId };
    }
    case 'account key': {
      const match = matchOperation(method, subject.slice(ORB_PATH.length));
      const route = match.status === 'found' ? match.operation.id : url;
      if (match.status !== 'found' && url.includes('*')) return null;
      if (NO_CHANGES.includes(route)) return null;
      const { id: accountId, keyId } = request.orbAccount;
      return { ...all, route, organizationId: null, accountId, door: 'account key', keyId };
    }
    default:
      return null;
  }
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
