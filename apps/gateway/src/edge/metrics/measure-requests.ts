import { histogram } from '@orbit/metrics';
import type { FastifyInstance } from 'fastify';

type Observer = ReturnType<ReturnType<typeof histogram<'orbit_http_request_seconds'>>['labels']>;

/** Of requests that no route is for; their paths are the callers'. */
const UNMATCHED = 'unmatched';

/** Times every request by the template of its route. What it was bound to once is found without making anything. */
export function measureRequests(fastify: FastifyInstance): void {
  const seconds = histogram('orbit_http_request_seconds');
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
    done();
  });
}
