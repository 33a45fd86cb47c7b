import { All, Controller, Inject, Logger, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { answerRequest } from './answer-request.js';
import type { FaultBoard, IdSource } from '../world/ports.js';
import { Sandbox } from '../world/sandbox.js';
import type { FormObject } from './form.js';
import { list, text } from './params.js';
import { invalidRequest, StripeError } from './stripe-error.js';
import { takeError, type NextError } from '../controls/faults.js';
import { FAULT_BOARD, ID_SOURCE, SECRET_KEY } from '../stripe-sandbox.tokens.js';
import { matchRoute } from './api-route.js';
import { CATALOGUE_ROUTES } from '../billing/catalogue.routes.js';
import { CHARGE_ROUTES } from '../payments/charges.routes.js';
import { CHECKOUT_SESSION_ROUTES } from '../checkout/checkout-sessions.routes.js';
import { CUSTOMER_ROUTES } from '../customers/customers.routes.js';
import { EVENT_ROUTES } from '../webhooks/events.routes.js';
import { INVOICE_ROUTES } from '../invoices/invoices.routes.js';
import { PAYMENT_INTENT_ROUTES } from '../payments/payment-intents.routes.js';
import { PAYMENT_METHOD_ROUTES } from '../customers/payment-methods.routes.js';
import { SUBSCRIPTION_ROUTES } from '../billing/subscriptions.routes.js';
import { TEST_CLOCK_ROUTES } from '../controls/test-clocks.routes.js';
import { PORTAL_ROUTES } from '../portal/portal-sessions.routes.js';
import { RequestLog } from './request-log.js';
import { hashRequest, pathOf, readForm } from './request-body.js';

const ROUTES = [
  ...CUSTOMER_ROUTES,
  ...CHECKOUT_SESSION_ROUTES,
  ...PAYMENT_INTENT_ROUTES,
  ...PAYMENT_METHOD_ROUTES,
  ...PORTAL_ROUTES,
  ...CATALOGUE_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  ...INVOICE_ROUTES,
  ...TEST_CLOCK_ROUTES,
  ...CHARGE_ROUTES,
  ...EVENT_ROUTES,
];

const KEY_LENGTH_MAX = 255;

/** Stripe's API: key, route, idempotency, answer. What each route does stands in `*.routes.ts`. */
@Controller()
export class StripeApiController {
  private readonly logger = new Logger(StripeApiController.name);

  constructor(
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(FAULT_BOARD) private readonly faults: FaultBoard,
    @Inject(SECRET_KEY) private readonly secretKey: string,
    @Inject(RequestLog) private readonly log: RequestLog,
  ) {}

  @All('v1/*')
  async handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const requestId = this.ids.next('req_', 14);
    void reply.header('request-id', requestId);
    void reply.header('stripe-version', versionOf(request, this.sandbox.settings.apiVersion));
    try {
      this.authenticate(request);
      const fault = this.takeFault(request);
      if (fault !== null && !fault.after) return await refuse(reply, fault, requestId);
      const answer = await this.answer(request, reply, requestId);
      if (fault !== null) return await refuse(reply, fault, requestId);
      await reply.status(answer.status).send(answer.body);
    } catch (error) {
      const answer = error instanceof StripeError ? error : this.unexpected(error, requestId);
      await reply.status(answer.status).send(answer.toBody(requestId));
    }
  }

  /** A database that is unavailable, or a bug: callers see what Stripe would say and may try again. */
  private unexpected(error: unknown, requestId: string): StripeError {
    this.logger.error(error, undefined, requestId);
    return new StripeError(500, 'api_error', 'The sandbox could not answer. Try again.');
  }

  private async answer(request: FastifyRequest, reply: FastifyReply, requestId: string) {
    const path = pathOf(request);
    const found = matchRoute(ROUTES, request.method, path);
    if (found === null) {
      throw new StripeError(
        404,
        'invalid_request_error',
        `Unrecognized request URL (${request.method}: ${path}). The sandbox speaks a part of Stripe's ` +
          'API; its README says which.',
      );
    }
    const form = readForm(request);
    const idempotencyKey = request.method === 'POST' ? idempotencyKeyOf(request) : null;
    if (idempotencyKey !== null) void reply.header('idempotency-key', idempotencyKey);
    const answer = await answerRequest(
      this.sandbox,
      { requestId, idempotencyKey, requestHash: hashRequest(request), expand: expandOf(form) },
      (work) => found.route.run(work, form, found.id),
    );
    if (answer.status === 200 || answer.status === 402) {
      const body = typeof request.body === 'string' ? request.body : '';
      this.log.note({ method: request.method, path: request.url, body });
    }
    if (answer.replayedFrom !== null) {
      void reply
        .header('idempotent-replayed', 'true')
        .header('original-request', answer.replayedFrom);
    }
    return answer;
  }

  private authenticate(request: FastifyRequest): void {
    const given = keyOf(request.headers.authorization ?? '');
    if (given === null) {
      throw new StripeError(
        401,
        'invalid_request_error',
        'You did not provide an API key. You need to provide your API key in the Authorization header, ' +
          "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
      );
    }
    if (!isEqual(given, this.secretKey)) {
      const shown = `${given.slice(0, 8)}${'*'.repeat(8)}${given.slice(-4)}`;
      throw new StripeError(401, 'invalid_request_error', `Invalid API Key provided: ${shown}`);
    }
  }

  private takeFault(request: FastifyRequest): NextError | null {
    const place = { method: request.method, path: pathOf(request) };
    const { error, left } = takeError(this.faults.read(), place);
    this.faults.write(left);
    return error;
  }
}

/** `Bearer <key>`, or Basic with the key as the user's name, as curl -u sends it. */
function keyOf(header: string): string | null {
  const [scheme = '', value = ''] = header.split(' ');
  if (scheme.toLowerCase() === 'bearer' && value !== '') return value;
  if (scheme.toLowerCase() !== 'basic') return null;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0] || null;
}

function isEqual(given: string, wanted: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}

function versionOf(request: FastifyRequest, fallback: string): string {
  const given = request.headers['stripe-version'];
  return typeof given === 'string' && given !== '' ? given : fallback;
}

function idempotencyKeyOf(request: FastifyRequest): string | null {
  const given = request.headers['idempotency-key'];
  if (typeof given !== 'string' || given === '') return null;
  if (given.length > KEY_LENGTH_MAX) {
    throw invalidRequest(`Idempotency keys may be at most ${KEY_LENGTH_MAX} characters long.`);
  }
  return given;
}

function expandOf(form: FormObject): readonly string[] {
  const paths = list(text(200))(form['expand'], 'expand') ?? [];
  return paths.filter((path) => path !== undefined);
}

async function refuse(reply: FastifyReply, fault: NextError, requestId: string): Promise<void> {
  if (fault.delayMs > 0) await pause(fault.delayMs);
  if (fault.status === 0) {
    reply.hijack();
    reply.raw.destroy();
    return;
  }
  const type =
    fault.status === 429 ? 'rate_limit_error' : fault.status >= 500 ? 'api_error' : 'card_error';
  const code = fault.code ?? (fault.status === 429 ? 'rate_limit' : null);
  const error = new StripeError(
    fault.status,
    fault.status === 400 ? 'invalid_request_error' : type,
    'A fault that was asked for at POST /_sandbox/faults.',
    code === null ? {} : { code },
  );
  await reply.status(fault.status).send(error.toBody(requestId));
}
