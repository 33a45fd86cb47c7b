import { startStripeMock, type StripeRequest } from '@orbit/testing';
import type { RunningStack } from './stack.js';

/**
 * Puts every shape of request that the product has made of the sandbox so far to Stripe's published OpenAPI, by the
 * official stripe-mock. Returns the routes that were asked, and the requests that Stripe would refuse: none are known,
 * and none returned, where there is no Go to build it.
 */
export async function putToStripe(stack: RunningStack): Promise<{
  readonly routes: readonly string[];
  readonly refused: readonly unknown[];
}> {
  const answer = await fetch(`${stack.sandboxUrl}/_sandbox/requests`);
  const { data: asked } = (await answer.json()) as { data: readonly StripeRequest[] };
  const routes = new Set(
    asked.map(({ method, path }) => {
      const [route = ''] = path.split('?');
      return `${method} ${route.replace(/\/(?=[^/]*[0-9A-Z])[a-z]+_\w{6,}/g, '/:id')}`;
    }),
  );
  const mock = await startStripeMock();
  try {
    return { routes: [...routes], refused: (await mock?.refusalsOf(asked)) ?? [] };
  } finally {
    await mock?.stop();
  }
}
