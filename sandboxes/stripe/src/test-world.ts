import { createLogger } from '@orbit/runtime';
import { createTestDatabase } from '@orbit/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { createApp } from './create-app.js';
import { StripeSandboxConfig } from './stripe-sandbox.config.js';

/** One real sandbox on a real database, the official SDK in front of it and a webhook listener behind it. */
export interface World {
  readonly stripe: Stripe;
  readonly url: string;
  readonly listener: WebhookListener;
  /** Stops the server and starts it again on the same database and port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const SECRET_KEY = 'sk_test_orbit0123456789';
const WEBHOOK_SECRET = 'whsec_0123456789abcdef';

export interface Received {
  readonly event: Stripe.Event;
  readonly atMs: number;
}

/** The fields of the page's form. */
export interface CardText {
  readonly card_number?: string;
  readonly exp?: string;
  readonly cvc?: string;
  readonly name?: string;
  readonly email?: string;
  readonly action?: string;
  readonly payment_method_type?: string;
  readonly routing_number?: string;
  readonly account_number?: string;
  readonly iban?: string;
  readonly payment_method?: string;
}

export interface PayJson {
  readonly status: string;
  readonly redirect_url: string | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly param?: string;
  } | null;
}

/** Submits the hosted page's form as a browser does; redirects are not followed. */
export function submit(url: string, card: CardText, accept = 'text/html'): Promise<Response> {
  const form = {
    card_number: '4242424242424242',
    exp: '12/40',
    cvc: '123',
    action: 'pay',
    ...card,
  };
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
}

export async function submitJson(url: string, card: CardText): Promise<PayJson & { code: number }> {
  const response = await submit(url, card, 'application/json');
  return { ...((await response.json()) as PayJson), code: response.status };
}

/** A session of 100.00 USD as checkout makes it. */
export function sessionParams(
  change: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: 'usd',
          unit_amount: 10_000,
          product_data: { name: 'Orbit credits' },
        },
      },
    ],
    success_url: 'https://shop.test/ok?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.test/cancelled',
    client_reference_id: 'tu_1',
    metadata: { organization_id: 'org_1' },
    ...change,
  };
}

/** A developer's control: JSON in, JSON out. */
export async function control<T = Record<string, unknown>>(
  world: World,
  path: string,
  body: Record<string, unknown> = {},
): Promise<T & { httpStatus: number }> {
  const response = await fetch(`${world.url}/_sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { ...((await response.json()) as T), httpStatus: response.status };
}

export async function clearFaults(world: World): Promise<void> {
  await fetch(`${world.url}/_sandbox/faults`, { method: 'DELETE' });
}

/** The error that the SDK throws for a request that must be refused. */
export async function refusal(
  promise: Promise<unknown>,
): Promise<InstanceType<typeof Stripe.errors.StripeError>> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

export async function customerWithCard(
  stripe: Stripe,
  method = 'pm_card_visa',
  params: Stripe.CustomerCreateParams = {},
): Promise<{ customer: Stripe.Customer; method: Stripe.PaymentMethod }> {
  const given = { email: 'ada@example.com', metadata: { org: '1' }, ...params };
  const customer = await stripe.customers.create(given);
  const attached = await stripe.paymentMethods.attach(method, { customer: customer.id });
  return { customer, method: attached };
}

/** Parameters of a charge without the card's owner. */
export const offSession = (
  customer: string,
  payment_method: string,
  amount = 5_000,
): Stripe.PaymentIntentCreateParams => ({
  ...{ amount, currency: 'usd', customer, payment_method },
  ...{ off_session: true, confirm: true },
});

/** Verifies every delivery with the SDK, as a real receiver does, and answers with the status that the test set. */
export class WebhookListener {
  readonly received: Received[] = [];
  readonly refused: string[] = [];
  answer = 200;
  attempts = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<WebhookListener> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const listener = new WebhookListener(server, `http://127.0.0.1:${port}/webhooks/stripe`);
    const { webhooks } = new Stripe(SECRET_KEY);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        listener.attempts += 1;
        try {
          const signature = String(request.headers['stripe-signature']);
          const event = webhooks.constructEvent(Buffer.concat(parts), signature, WEBHOOK_SECRET);
          if (listener.answer === 200) listener.received.push({ event, atMs: Date.now() });
        } catch (error) {
          listener.refused.push(String(error));
        }
        response.writeHead(listener.answer).end();
      });
    });
    return listener;
  }

  /** Types received for events that carry this object, in order of arrival. */
  typesAbout(id: string): string[] {
    return this.received.filter(({ event }) => idOf(event) === id).map(({ event }) => event.type);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function idOf(event: Stripe.Event): string {
  return (event.data.object as { id: string }).id;
}

export async function startWorld(): Promise<World> {
  const database = await createTestDatabase();
  const listener = await WebhookListener.start();
  const config = Object.assign(new StripeSandboxConfig(), {
    ORBIT_ENV: 'test',
    PORT: 0,
    PUBLIC_URL: 'http://127.0.0.1',
    DATABASE_URL: database.urlFor('orbit_stripe_sandbox'),
    STRIPE_SANDBOX_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_URL: listener.url,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_SANDBOX_SESSION_SECONDS_MIN: 1,
    LOG_LEVEL: 'error',
  });
  const port = await freePort();
  const start = async (): Promise<NestFastifyApplication> => {
    const url = `http://127.0.0.1:${port}`;
    const logger = createLogger('stripe-sandbox', 'error');
    const app = await createApp({ config: Object.assign(config, { PUBLIC_URL: url }), logger });
    await app.listen(port, '127.0.0.1');
    return app;
  };
  let app = await start();
  const stripe = new Stripe(SECRET_KEY, {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
  return {
    stripe,
    url: `http://127.0.0.1:${port}`,
    listener,
    async restart() {
      await app.close();
      app = await start();
    },
    async close() {
      await app.close();
      await listener.close();
      await database.drop();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
