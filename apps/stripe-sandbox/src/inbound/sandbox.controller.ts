import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { expireSession, lockSession } from '../application/checkout-session.js';
import { closeDispute, DISPUTE_REASONS, openDispute } from '../application/disputes.js';
import type { FaultBoard, IdSource } from '../application/ports.js';
import { Sandbox } from '../application/sandbox.js';
import { DECLINES, type CardBehavior } from '../domain/card.js';
import type { JsonObject } from '../domain/json.js';
import { flag, integer, object, oneOf, readParams, required, text } from '../domain/params.js';
import { StripeError } from '../domain/stripe-error.js';
import { NO_FAULTS, type Faults } from '../domain/webhook-schedule.js';
import { FAULT_BOARD, ID_SOURCE } from '../stripe-sandbox.tokens.js';
import { pageQuery } from './api-route.js';
import { pageHeaders } from './html.js';
import { readForm } from './request-body.js';
import { renderStatus } from './status-page.html.js';

const ROWS_SHOWN = 25;

const faultsShape = {
  webhook_delay_ms: integer(0, 3_600_000),
  webhook_duplicate: text(10),
  webhook_drop: text(10),
  webhook_reorder: flag(),
  next_error: object({
    status: required(integer(0, 599)),
    code: text(100),
    count: integer(0, 1_000_000),
    after: flag(),
  }),
} as const;

const behaviors: readonly CardBehavior[] = [
  'succeed',
  'authenticate_once',
  'authenticate_always',
  'dispute',
  ...(Object.keys(DECLINES) as (keyof typeof DECLINES)[]),
];

/** What Stripe does not have: faults at will, things that banks do, and a look at everything. */
@Controller('_sandbox')
export class SandboxController {
  constructor(
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(FAULT_BOARD) private readonly faults: FaultBoard,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    const query = pageQuery({ limit: ROWS_SHOWN }, {});
    const world = await this.sandbox.run(async (work) => ({
      sessions: (await work.tx.list('checkout.session', query))?.data ?? [],
      events: (await work.tx.listEvents(query, []))?.data ?? [],
      deliveries: await work.tx.listDeliveries(ROWS_SHOWN * 2),
    }));
    const nonce = this.ids.next('');
    const { webhook, merchantName } = this.sandbox.settings;
    const webhookUrl = webhook?.url ?? null;
    const page = renderStatus({
      ...world,
      faults: this.faults.read(),
      webhookUrl,
      merchantName,
      nonce,
    });
    await reply.headers(pageHeaders(nonce)).send(page);
  }

  @Get('faults')
  readFaults(): JsonObject {
    return faultsToResponse(this.faults.read());
  }

  /** Sets what is named and leaves the rest as it is. */
  @Post('faults')
  async writeFaults(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(request, reply, () => {
      const given = readParams(faultsShape, readForm(request));
      const before = this.faults.read();
      const error = given.next_error;
      this.faults.write({
        webhookDelayMs: given.webhook_delay_ms ?? before.webhookDelayMs,
        webhookDuplicates:
          readCount(given.webhook_duplicate, 'webhook_duplicate', 1) ?? before.webhookDuplicates,
        webhookDrops: readCount(given.webhook_drop, 'webhook_drop', -1) ?? before.webhookDrops,
        webhookReorder: given.webhook_reorder ?? before.webhookReorder,
        nextError:
          error === undefined
            ? before.nextError
            : error.count === 0
              ? null
              : {
                  status: error.status,
                  code: error.code ?? null,
                  count: error.count ?? 1,
                  after: error.after ?? false,
                },
      });
      return Promise.resolve(this.readFaults());
    });
  }

  @Delete('faults')
  clearFaults(): JsonObject {
    this.faults.write(NO_FAULTS);
    return this.readFaults();
  }

  @Post('events/:id/resend')
  @HttpCode(200)
  async resend(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.answer(request, reply, async () => ({
      id,
      deliveries: await this.sandbox.resend(id),
    }));
  }

  @Post('charges/:id/dispute')
  async dispute(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.answer(request, reply, () => {
      const given = readParams(
        { amount: integer(1), reason: oneOf(...DISPUTE_REASONS) },
        readForm(request),
      );
      return this.sandbox.run(async (work) => {
        const { body: charge } = await work.lock('charge', id);
        return openDispute(work, charge, {
          amount: given.amount,
          reason: given.reason ?? 'fraudulent',
        });
      });
    });
  }

  @Post('disputes/:id/close')
  async close(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.answer(request, reply, () => {
      const { status } = readParams({ status: required(oneOf('won', 'lost')) }, readForm(request));
      return this.sandbox.run((work) => closeDispute(work, id, status));
    });
  }

  /** Lets a session's time run out now. */
  @Post('sessions/:id/expire')
  async expire(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.answer(request, reply, () =>
      this.sandbox.run(async (work) => {
        const { body } = await lockSession(work, id);
        return body.status === 'open' ? expireSession(work, body) : body;
      }),
    );
  }

  /** Changes what the bank will say to a saved card: how a good card goes bad between two charges. */
  @Post('payment_methods/:id/behavior')
  async behave(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.answer(request, reply, () => {
      const { behavior } = readParams(
        { behavior: required(oneOf(...behaviors)) },
        readForm(request),
      );
      return this.sandbox.run(async (work) => {
        const { body, secret } = await work.lock('payment_method', id);
        await work.tx.save('payment_method', body, { ...secret, behavior });
        return { id, behavior };
      });
    });
  }

  /** JSON for programs; a form of the status page goes back to it. Refusals have Stripe's shape. */
  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    run: () => Promise<JsonObject>,
  ): Promise<void> {
    try {
      const body = await run();
      const isBrowser = (request.headers.accept ?? '').includes('text/html');
      if (isBrowser) await reply.redirect('/_sandbox', 303);
      else await reply.status(200).send(body);
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      await reply.status(error.status).send(error.toBody(this.ids.next('req_', 14)));
    }
  }
}

/** `true` stands for `meaningOfTrue`, `false` for 0, digits for themselves. */
function readCount(
  given: string | undefined,
  param: string,
  meaningOfTrue: number,
): number | undefined {
  if (given === undefined) return undefined;
  if (given === 'true') return meaningOfTrue;
  if (given === 'false') return 0;
  return integer(-1, 1_000)(given, param);
}

function faultsToResponse(faults: Faults): JsonObject {
  return {
    webhook_delay_ms: faults.webhookDelayMs,
    webhook_duplicate: faults.webhookDuplicates,
    webhook_drop: faults.webhookDrops,
    webhook_reorder: faults.webhookReorder,
    next_error: faults.nextError === null ? null : { ...faults.nextError },
  };
}
