import type { FastifyInstance } from 'fastify';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Whether a request to the controls comes from a page of this server or from no page at all. */
export function isOwnVisitor(
  { host, origin }: { readonly host?: string | undefined; readonly origin?: string | undefined },
  publicUrl: string,
): boolean {
  const publicHost = new URL(publicUrl).host;
  const named = host ?? '';
  if (!LOOPBACK.test(named) && named !== publicHost) return false;
  // Browsers send `null` from a sandboxed frame and from a file.
  return origin === undefined || origin === `http://${named}` || origin === `https://${named}`;
}

/**
 * `/_sandbox` moves money that is not real and clocks that tests rely on. A page of another site that a developer has open
 * may not press its buttons, and a name that somebody else points to this machine (DNS rebinding) leads nowhere.
 */
export function refuseForeignVisitors(fastify: FastifyInstance, publicUrl: string): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/_sandbox')) return;
    const { host, origin } = request.headers;
    if (isOwnVisitor({ host, origin }, publicUrl)) return;
    const message =
      'The controls of the sandbox answer this machine alone: no foreign Host or Origin.';
    await reply.code(403).send({ error: { type: 'invalid_request_error', message } });
  });
}
