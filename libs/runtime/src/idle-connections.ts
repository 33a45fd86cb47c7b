import type { Server } from 'node:http';

const LOOK_INTERVAL_MS = 100;

/** The part of a Fastify instance that is needed. */
interface HttpServer {
  readonly server: Server;
  addHook(name: 'preClose', hook: (done: () => void) => void): unknown;
}

/**
 * Closes connections as they fall idle while the server stops. Node closes those that are idle at that one moment;
 * one that was still being answered would hold the stop up for as long as keep-alive lasts, 72 s with Fastify.
 */
export function closeAsConnectionsFallIdle(http: HttpServer): void {
  const { server } = http;
  http.addHook('preClose', (done) => {
    if (server.listening) {
      const timer = setInterval(() => server.closeIdleConnections(), LOOK_INTERVAL_MS);
      server.once('close', () => clearInterval(timer));
    }
    done();
  });
}
