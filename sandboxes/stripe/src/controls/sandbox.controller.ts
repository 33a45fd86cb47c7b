import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FaultBoard, IdSource } from '../world/ports.js';
import { Sandbox } from '../world/sandbox.js';
import { NO_FAULTS } from './faults.js';
import type { JsonObject } from '../http/json.js';
import { FAULT_BOARD, ID_SOURCE } from '../stripe-sandbox.tokens.js';
import { pageQuery } from '../http/api-route.js';
import { answerDeveloper } from '../http/dev-answer.js';
import { changeFaults, faultsToResponse } from './fault-params.js';
import { pageHeaders } from '../http/html.js';
import { readForm } from '../http/request-body.js';
import { RequestLog } from '../http/request-log.js';
import { renderStatus } from './status-page.html.js';

const ROWS_SHOWN = 25;

/** Controls that Stripe does not have: faults at will and a view of everything. */
@Controller('_sandbox')
export class SandboxController {
  constructor(
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(FAULT_BOARD) private readonly faults: FaultBoard,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(RequestLog) private readonly log: RequestLog,
  ) {}

  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    const query = pageQuery({ limit: ROWS_SHOWN }, {});
    const events = { ...query, types: [], deliverySuccess: undefined };
    const world = await this.sandbox.run(async (work) => ({
      sessions: (await work.tx.list('checkout.session', query))?.data ?? [],
      payments: (await work.tx.list('payment_intent', query))?.data ?? [],
      events: (await work.tx.listEvents(events))?.data ?? [],
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

  /** One request of every shape that was carried out since the start. */
  @Get('requests')
  readRequests(): JsonObject {
    return { data: this.log.list().map((request) => ({ ...request })) };
  }

  @Get('faults')
  readFaults(): JsonObject {
    return faultsToResponse(this.faults.read());
  }

  /** Sets what is named and leaves the rest as it is. */
  @Post('faults')
  async writeFaults(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await answerDeveloper(request, reply, this.requestId(), () => {
      this.faults.write(changeFaults(this.faults.read(), readForm(request)));
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
    await answerDeveloper(request, reply, this.requestId(), async () => ({
      id,
      deliveries: await this.sandbox.resend(id),
    }));
  }

  private requestId(): string {
    return this.ids.next('req_', 14);
  }
}
