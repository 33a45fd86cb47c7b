import { counter, histogram } from '@orbit/metrics';
import type { FastifyInstance } from 'fastify';
import { doorOf } from '../http/doors.js';

type Observer = ReturnType<ReturnType<typeof histogram<'orbit_http_request_seconds'>>['labels']>;

/** Of requests that no route is for; their paths are the callers'. */
const UNMATCHED = 'unmatched';

/** No key, a wrong or weak one, too many of them; of the signed door also a signature that does not fit. */
const isRefusal = (status: number, door: string): boolean =>
  status === 401 || status === 403 || status === 429 || (status === 400 && door === 'signed');

/** Times every request by the template of its route. What it was bound to once is found without making anything. */
export function measureRequests(fastify: FastifyInstance): void {
  const seconds = histogram('orbit_http_request_seconds');
  const refused = counter('orbit_refused_requests_total');
  const byRoute = new Map<string, Map<string, Map<number, Observer>>>();
  const observerOf = (route: string, method: string, status: number): Observer => {
    let byMethod = byRoute.get(route);
    if (!byMethod) byRoute.set(route, (byMethod = new Map()));
    let byStatus = byMethod.get(method);
    if (!byStatus) byMethod.set(method, (byStatus = new Map()));
    let observer = byStatus.get(status);
    if (!observer) byStatus.set(status, (observer = seconds.labels(route, method, String(status))));
    return observer;
  };
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? UNMATCHED;
    observerOf(route, request.method, reply.statusCode).observe(reply.elapsedTime / 1_000);
    if (reply.statusCode >= 400 && reply.statusCode < 500) {
      const door = doorOf(route) ?? 'none';
      if (isRefusal(reply.statusCode, door))
        refused.inc({ door, status: String(reply.statusCode) });
    }
    done();
  });
}
