import { OrbitError } from '@orbit/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isKeyShaped } from '../../organizations/api-key.js';
import { isAccountKeyShaped } from '../../organizations/accounts/account.js';
import { keyOf } from './authentication.js';
import type { KnownRoutes } from './known-routes.js';

/** Not X-API-Key: whoever opens a page reads the keys in it. */
const HEADERS_ALLOWED = 'authorization, content-type, idempotency-key, x-request-id';
const PREFLIGHT_SECONDS = '600';

/**
 * Answers scripts of web pages. An origin outside the list learns that a page is no place for a key. An origin in the
 * list may send requests and read the answers, unless they were asked with an API key.
 */
export function answerBrowsers(
  fastify: FastifyInstance,
  routes: KnownRoutes,
  origins: readonly string[],
): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined) return done();
    const isPreflight =
      request.method === 'OPTIONS' &&
      request.headers['access-control-request-method'] !== undefined;
    const isAllowed = origins.includes(origin) && !hasApiKey(request);
    if (origins.length > 0) reply.header('vary', 'origin');
    if (isAllowed) reply.header('access-control-allow-origin', origin);
    if (!isPreflight) return done();
    const methods = routes.methodsOf(request.url.split('?', 1)[0] ?? '');
    if (methods.length === 0) return done();
    if (!isAllowed) return done(fromPage());
    void reply
      .code(204)
      .header('access-control-allow-methods', methods.join(', '))
      .header('access-control-allow-headers', HEADERS_ALLOWED)
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .send();
  });
}

function hasApiKey(request: FastifyRequest): boolean {
  const key = keyOf(request) ?? '';
  return request.headers['x-api-key'] !== undefined || isKeyShaped(key) || isAccountKeyShaped(key);
}

const fromPage = (): OrbitError =>
  new OrbitError(
    'origin_not_allowed',
    'Scripts of web pages may not call this API: whoever opens the page reads the key. Call it from your server.',
  );
