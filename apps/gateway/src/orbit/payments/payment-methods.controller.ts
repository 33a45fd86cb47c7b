import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  DetachedPaymentMethod,
  PAYMENT_METHODS,
  SetupPaymentMethodBody,
  type PaymentMethodView,
  type SetupPage,
} from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { readNoFields } from '../charges/charge-request.js';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { BodyOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

/** Saved payment methods. Card numbers are typed at Stripe's page and never come here. */
@ApiTags('Payment methods')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/payment-methods')
export class PaymentMethodsController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOf(PAYMENT_METHODS.list, {
    summary: 'List saved payment methods, newest first',
    answers: 'All of them.',
  })
  async list(@Req() request: FastifyRequest): Promise<Envelope<readonly PaymentMethodView[]>> {
    const { organization_id } = ownWallet(request.principal);
    const methods = await this.clients.paymentMethods.list({ organization_id });
    return this.envelopes.wrap(request, methods);
  }

  @Post('setup')
  @HttpCode(200)
  @ApiOf(PAYMENT_METHODS.setup, {
    summary: 'Create a page on which a person saves a payment method',
    answers: 'Where to send the person.',
    reads: 'body',
  })
  async setup(
    @Req() request: FastifyRequest,
    @BodyOf(SetupPaymentMethodBody) body: SetupPaymentMethodBody,
  ): Promise<Envelope<SetupPage>> {
    const page = await this.clients.paymentMethods.setup({
      ...ownWallet(request.principal),
      success_url: body.successUrl,
      cancel_url: body.cancelUrl,
    });
    return this.envelopes.wrap(request, page);
  }

  @Post(':payment_method_id/default')
  @HttpCode(200)
  @ApiOf(PAYMENT_METHODS.setDefault, {
    summary: 'Make a payment method the default',
    answers: 'It is the default.',
  })
  async setDefault(
    @Req() request: FastifyRequest,
    @Param('payment_method_id') payment_method_id: string,
    @Body() body: unknown,
  ): Promise<Envelope<PaymentMethodView>> {
    readNoFields(body);
    const { organization_id } = ownWallet(request.principal);
    const method = { organization_id, payment_method_id };
    return this.envelopes.wrap(request, await this.clients.paymentMethods.setDefault(method));
  }

  @Delete(':payment_method_id')
  @ApiOf(PAYMENT_METHODS.detach, {
    summary: 'Detach a payment method permanently',
    answers: 'It cannot be charged any more.',
    shows: DetachedPaymentMethod,
  })
  async detach(
    @Req() request: FastifyRequest,
    @Param('payment_method_id') payment_method_id: string,
  ): Promise<Envelope<DetachedPaymentMethod>> {
    const { organization_id } = ownWallet(request.principal);
    const method = { organization_id, payment_method_id };
    const { id } = await this.clients.paymentMethods.detach(method);
    return this.envelopes.wrap(request, { id, detached: true });
  }
}
