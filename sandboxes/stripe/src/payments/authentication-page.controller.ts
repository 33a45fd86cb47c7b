import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerAuthentication, readPending, type Pending } from './authentication.js';
import type { IdSource } from '../world/ports.js';
import { Sandbox } from '../world/sandbox.js';
import { displayMinor } from './amount.js';
import { StripeError } from '../http/stripe-error.js';
import { ID_SOURCE } from '../stripe-sandbox.tokens.js';
import { renderAuthentication, renderNotice } from '../checkout/checkout-notice.html.js';
import { pageHeaders } from '../http/html.js';
import { declineBody } from '../checkout/pay-answer.js';
import { readForm } from '../http/request-body.js';

/**
 * The bank's page behind `next_action.redirect_to_url`, for payment and setup intents: for people (HTML) and
 * for programs (Accept: application/json), who answer as the hosted payment page is answered.
 */
@Controller('3ds')
export class AuthenticationPageController {
  constructor(
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Get(':intentId')
  async show(@Param('intentId') id: string, @Res() reply: FastifyReply): Promise<void> {
    const pending = await this.read(id);
    if (pending === null) return this.sendNothing(reply, 404);
    if (!pending.isWaiting) return this.sendNothing(reply, 200);
    const { amount, currency } = pending;
    const nonce = this.ids.next('');
    const page = renderAuthentication({
      action: `/3ds/${id}`,
      merchant: this.sandbox.settings.merchantName,
      amount: amount === null || currency === null ? null : displayMinor(amount, currency),
      nonce,
    });
    await reply.status(200).headers(pageHeaders(nonce)).send(page);
  }

  @Post(':intentId')
  async press(
    @Param('intentId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { action } = readForm(request);
    const wantsJson = (request.headers.accept ?? '').includes('application/json');
    const pending = await this.read(id);
    if (pending === null) {
      if (!wantsJson) return this.sendNothing(reply, 404);
      const error = { code: 'resource_missing', message: 'No such payment.' };
      await reply.status(404).send({ status: 'not_found', redirect_url: null, error });
      return;
    }
    const isConfirmed = action === 'complete_authentication';
    if (pending.isWaiting && !isConfirmed && action !== 'fail_authentication') {
      // `orbit sandbox pay` asks the page first what it wants.
      const url = `${this.sandbox.settings.publicUrl}/3ds/${id}`;
      if (!wantsJson) return redirect(reply, url);
      await reply.status(200).send({ status: 'requires_action', redirect_url: url, error: null });
      return;
    }
    const answer = await this.sandbox.run((work) => answerAuthentication(work, id, isConfirmed));
    if (!wantsJson) {
      if (answer.redirectUrl === null) return this.sendNothing(reply, 200);
      return redirect(reply, answer.redirectUrl);
    }
    const status = answer.isDone ? 'complete' : 'declined';
    await reply.status(answer.isDone ? 200 : 402).send({
      status,
      redirect_url: answer.redirectUrl,
      error: answer.error && declineBody(answer.error),
    });
  }

  private read(id: string): Promise<Pending | null> {
    return this.sandbox
      .run((work) => readPending(work, id))
      .catch((error: unknown) => {
        if (error instanceof StripeError && error.details.code === 'resource_missing') return null;
        throw error;
      });
  }

  private async sendNothing(reply: FastifyReply, status: number): Promise<void> {
    const nonce = this.ids.next('');
    const page = renderNotice({
      kind: status === 404 ? 'missing' : 'paid',
      title: status === 404 ? 'There is no such payment' : 'Nothing to confirm',
      message:
        status === 404
          ? 'Check the address, or go back and start again.'
          : 'Your bank has its answer already. You can close this page.',
      link: null,
      merchant: this.sandbox.settings.merchantName,
      nonce,
    });
    await reply.status(status).headers(pageHeaders(nonce)).send(page);
  }
}

async function redirect(reply: FastifyReply, url: string): Promise<void> {
  await reply.header('cache-control', 'no-store').redirect(url, 303);
}
