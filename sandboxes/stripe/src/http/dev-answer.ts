import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from './json.js';
import { StripeError } from './stripe-error.js';

/** JSON for programs; a form of the status page goes back to it. Refusals have Stripe's shape. */
export async function answerDeveloper(
  request: FastifyRequest,
  reply: FastifyReply,
  requestId: string,
  run: () => Promise<JsonObject>,
): Promise<void> {
  try {
    const body = await run();
    const isBrowser = (request.headers.accept ?? '').includes('text/html');
    if (isBrowser) await reply.redirect('/_sandbox', 303);
    else await reply.status(200).send(body);
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    await reply.status(error.status).send(error.toBody(requestId));
  }
}
