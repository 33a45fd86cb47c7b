import { invariant } from '@orbit/kernel';
import type { FastifyInstance } from 'fastify';

/**
 * The ways in. `signed`: the reader of the request checks its signature. `link`: the token in the address opens one
 * document or one customer's portal.
 */
export type Door = 'organization key' | 'operator key' | 'account key' | 'signed' | 'link' | 'open';

/** The longest path that fits decides. */
const DOORS: readonly (readonly [path: string, door: Door])[] = [
  ['/api/v1/billing', 'organization key'],
  ['/api/v1/operator', 'operator key'],
  ['/v1', 'account key'],
  ['/webhooks/stripe', 'signed'],
  ['/documents', 'link'],
  ['/portal', 'link'],
  ['/health', 'open'],
  ['/api/docs', 'open'],
  ['/api/openapi.json', 'open'],
  ['/api/openapi.yaml', 'open'],
];

/** Null: nobody has said who may come in there. */
export function doorOf(route: string): Door | null {
  const fitting = DOORS.filter(([path]) => route === path || route.startsWith(`${path}/`));
  return fitting.sort(([a], [b]) => b.length - a.length)[0]?.[1] ?? null;
}

/** Deny by default: a route without a declared door does not start. Call before any route is registered. */
export function requireDoors(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', ({ url }) => {
    invariant(doorOf(url) !== null, `the route ${url} has a door; declare it in doors.ts`);
  });
}
