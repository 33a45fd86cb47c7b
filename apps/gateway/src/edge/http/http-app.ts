import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { OrbitError } from '@orbit/contracts';
import { newId, readJson, type Clock, type JsonFault } from '@orbit/kernel';
import { closeAsConnectionsFallIdle, NestLogger, type Logger } from '@orbit/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { AdmitRequest } from '../../organizations/admit-request.js';
import { portalPages } from '../../portal/portal-pages.js';
import { PUBLIC_URL } from '../../orbit/invoices/invoices.controller.js';
import { ORB_PATH, orbApi } from '../../orb/orb-api.js';
import { ACCOUNT_CLOCKS, type AccountClocks } from '../../organizations/accounts/account-ports.js';
import { noSuchOrbPath } from '../../orb/problems.js';
import { ServeOperation } from '../../orb/serve-operation.js';
import { AdmitOperator } from '../../organizations/operators/admit-operator.js';
import { AdmitAccount } from '../../organizations/accounts/admit-account.js';
import { authenticate, BILLING_PATH } from './authentication.js';
import { PARAM_LENGTH_MAX } from '../requests/body-shape.js';
import { CLIENTS, type Clients } from '../rpc/clients.js';
import { requireDoors } from './doors.js';
import { Envelopes } from './envelope.js';
import { auditChanges } from '../audit/audit-changes.js';
import { AUDIT, type AuditStore } from '../audit/audit-entry.js';
import { answerBrowsers } from './cross-origin.js';
import { ErrorFilter } from './error.filter.js';
import { KnownRoutes } from './known-routes.js';
import { measureRequests } from '../metrics/measure-requests.js';
import { serveDocs } from '../docs/openapi.js';
import { traceRequests } from './trace-requests.js';
import { refuseForeignPaths, refuseUnread, refuseWithoutOneHost } from './unread-requests.js';
import { WEBHOOK_PATH } from '../../orbit/payments/webhooks.controller.js';

export interface HttpAppOptions {
  readonly module: Type | DynamicModule;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bodyBytesMax: number;
  readonly isTls: boolean;
  /** How long a connection without a request stays open. */
  readonly keepAliveTimeoutMs: number;
  /** Web pages that may read answers, with a token of the portal; never with an API key. */
  readonly portalOrigins: readonly string[];
  /** Whose X-Forwarded-For is the address of a caller; nobody's unless given. */
  readonly trustedProxies?: readonly string[];
  /** REQUEST_TIMEOUT_MS unless given. */
  readonly requestTimeoutMs?: number;
  /** The page needs @fastify/static, which Jest cannot load; the document is served either way. */
  readonly hasDocsPage?: boolean;
}

/** A request id that a client may choose: enough to find it again, nothing that could forge a log line. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** The first generation of the API had this base; it answers the same. */
const OLD_BILLING_PATH = '/v1/billing';
/** Longest whole request, so that a client that trickles its body does not hold a connection. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Node looks for requests that take too long every 30 seconds by itself: they would take up to a minute. */
const TIMEOUT_CHECK_MS = 1_000;
/** A charge id of 255 characters, each escaped. */
const PATH_PARAMETER_LENGTH_MAX = 765;

/** Fastify refuses a path that it cannot decode or that is too long before our filter sees it. */
const NO_SUCH_PATH = 'There is no such path. See /api/docs.';

/** The HTTP server with everything that holds for each request; routes are in the controllers. */
export async function createHttpApp(options: HttpAppOptions): Promise<NestFastifyApplication> {
  const { clock, logger } = options;
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const routes = new KnownRoutes();
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyBytesMax,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => requestId(request.headers['x-request-id'], clock),
    rewriteUrl: (request: IncomingMessage) => rewriteUrl(request.url ?? '/'),
    routerOptions: { maxParamLength: PATH_PARAMETER_LENGTH_MAX },
    forceCloseConnections: 'idle',
    http: {
      requireHostHeader: false,
      // Node has a minute for the head of a request, and takes the longer of the two for the whole one.
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, requestTimeoutMs),
    },
    clientErrorHandler: refuseUnread(clock, routes, rewriteUrl),
    // Fastify's own 503 has not our envelope: see refuseWhileClosing.
    return503OnClosing: false,
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const { id } = request;
      if (request.url.startsWith(`${ORB_PATH}/`)) {
        void reply.code(404).header('x-request-id', id).send(noSuchOrbPath());
        return;
      }
      const error = { type: 'not_found_error', code: 'unknown_route', message: NO_SUCH_PATH };
      const meta = { request_id: id, timestamp: new Date(clock.nowMs()).toISOString() };
      void reply.code(404).header('x-request-id', id).send({ error, meta });
    },
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  routes.watch(fastify);
  requireDoors(fastify);
  measureRequests(fastify);
  traceRequests(fastify);
  writeHeaders(fastify, options.isTls);
  refuseWhileClosing(fastify);
  refuseWithoutOneHost(fastify);
  refuseForeignPaths(fastify);
  answerBrowsers(fastify, routes, options.portalOrigins);
  closeAsConnectionsFallIdle(fastify);
  readJsonBodies(fastify);
  refuseNul(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  authenticate(fastify, app.get(AdmitRequest), app.get(AdmitOperator));
  auditChanges(fastify, { store: app.get<AuditStore>(AUDIT), clock, logger });
  const parts = { admit: app.get(AdmitAccount), serve: app.get(ServeOperation) };
  const clocks = app.get<AccountClocks>(ACCOUNT_CLOCKS);
  void fastify.register(orbApi({ ...parts, clocks, logger }), { prefix: ORB_PATH });
  const clients = app.get<Clients>(CLIENTS);
  void fastify.register(portalPages({ clients, publicUrl: app.get<string>(PUBLIC_URL), logger }));
  app.useGlobalFilters(new ErrorFilter(app.get(Envelopes), routes, logger));
  serveDocs(app, options.hasDocsPage ?? true);
  await app.init();
  await fastify.ready();
  return app;
}

function requestId(given: string | string[] | undefined, clock: Clock): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId('req', clock.nowMs());
}

function rewriteUrl(url: string): string {
  const isOld = url === OLD_BILLING_PATH || url.startsWith(`${OLD_BILLING_PATH}/`);
  return isOld ? `${BILLING_PATH}${url.slice(OLD_BILLING_PATH.length)}` : url;
}

/** Written before anything can fail, so that refusals carry them too. The docs page widens its policy. */
function writeHeaders(fastify: FastifyInstance, isTls: boolean): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('x-frame-options', 'DENY');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('cache-control', isDocument(request) ? DOCUMENT_CACHING : 'no-store');
    reply.header('content-security-policy', contentPolicy(request.url));
    if (isTls) reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
    done();
  });
}

/** The documentation changes with the version alone; a path below it that names nothing is not meant. */
const DOCUMENT_ROUTE = /^\/api\/(docs|openapi\.(json|yaml))(?!.*\*)/;
const DOCUMENT_CACHING = 'public, max-age=300';
const isDocument = ({ method, routeOptions }: FastifyRequest): boolean =>
  method === 'GET' && DOCUMENT_ROUTE.test(routeOptions.url ?? '');

/** While closing, a new request on an open connection is sent to another instance; requests under way end here. */
function refuseWhileClosing(fastify: FastifyInstance): void {
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  fastify.addHook('onRequest', (_request, _reply, done) => {
    const message = 'This instance is stopping. Repeat the request with the same ids.';
    done(isClosing ? new OrbitError('unavailable', message) : undefined);
  });
}

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";
const DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

const contentPolicy = (url: string): string =>
  url.startsWith('/api/docs') ? DOCS_POLICY : API_POLICY;

/** JSON and nothing else; the webhook keeps its bytes, because its signature is over them. */
function readJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      if (request.routeOptions.url === WEBHOOK_PATH) return done(null, body);
      if (body.length === 0) return done(null, undefined);
      const read = readJson(body);
      if (read.ok) return done(null, read.value);
      // Only what cannot be read is asked whether it was compressed, so that others pay nothing.
      done(read.fault.kind === 'not_json' && isEncoded(request) ? notPlain() : refusal(read.fault));
    },
  );
}

function refusal(fault: JsonFault): OrbitError {
  if (fault.kind === 'not_json') {
    // What the parser says repeats pieces of the body.
    const why = fault.cause === undefined ? `: ${fault.message}` : '';
    return new OrbitError('malformed_json', `The body is not valid JSON${why}.`, {
      cause: fault.cause,
    });
  }
  const { kind, path, message } = fault;
  // Metadata may have fields of any other name; elsewhere the name is one that nobody knows.
  const isUnknown = kind === 'name' && !path.startsWith('metadata.');
  return new OrbitError(isUnknown ? 'unknown_field' : 'invalid_field', message, {
    param: path.slice(0, PARAM_LENGTH_MAX) || 'body',
  });
}

const isEncoded = ({ headers }: FastifyRequest): boolean =>
  (headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity';

const notPlain = (): OrbitError =>
  new OrbitError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.');

/** A NUL in a path names nothing; in a query it is a fault of its field. No database takes either. */
function refuseNul(fastify: FastifyInstance): void {
  fastify.addHook('preValidation', (request, _reply, done) => {
    const { url } = request;
    if (!url.includes('%00')) return done();
    if (url.split('?', 1)[0]?.includes('%00')) {
      return done(new OrbitError('not_found', 'There is no such object in your organization.'));
    }
    const query = Object.entries(request.query as Readonly<Record<string, unknown>>);
    const [param = 'query'] = query.find(([, value]) => String(value).includes('\0')) ?? [];
    done(new OrbitError('invalid_field', `${param} has no NUL character.`, { param }));
  });
}
