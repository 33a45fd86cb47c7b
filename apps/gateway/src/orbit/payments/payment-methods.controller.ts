import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ManagePayments } from './manage-payments.js';
import { readNoFields } from '../charges/charge-request.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import {
  DetachedPaymentMethodModel,
  PaymentMethodModel,
  SetupPageModel,
  SetupPaymentMethodBody,
} from './payment-methods.models.js';

/** Saved payment methods. Card numbers are typed at Stripe's page and never come here. */
@ApiTags('Payment methods')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@ApiErrors('payment_provider_error')
@Controller('api/v1/billing/payment-methods')
export class PaymentMethodsController {
  constructor(
    private readonly managePayments: ManagePayments,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List saved payment methods, newest first' })
  @ApiAnswer(200, PaymentMethodModel, 'All of them.', { isArray: true })
  async list(@Req() request: FastifyRequest): Promise<Envelope<readonly PaymentMethodModel[]>> {
    return this.envelopes.wrap(request, await this.managePayments.listMethods(request.principal));
  }

  @Post('setup')
  @HttpCode(200)
  @ApiOperation({ summary: 'Create a page on which a person saves a payment method' })
  @ApiAnswer(200, SetupPageModel, 'Where to send the person.')
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'unsupported_currency')
  async setup(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(SetupPaymentMethodBody)) body: SetupPaymentMethodBody,
  ): Promise<Envelope<SetupPageModel>> {
    return this.envelopes.wrap(
      request,
      await this.managePayments.setupMethod(request.principal, body),
    );
  }

  @Post(':payment_method_id/default')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make a payment method the default' })
  @ApiAnswer(200, PaymentMethodModel, 'It is the default.')
  @ApiErrors('not_found')
  async setDefault(
    @Req() request: FastifyRequest,
    @Param('payment_method_id') methodId: string,
    @Body() body: unknown,
  ): Promise<Envelope<PaymentMethodModel>> {
    readNoFields(body);
    const method = await this.managePayments.setDefaultMethod(request.principal, methodId);
    return this.envelopes.wrap(request, method);
  }

  @Delete(':payment_method_id')
  @ApiOperation({ summary: 'Detach a payment method permanently' })
  @ApiAnswer(200, DetachedPaymentMethodModel, 'It cannot be charged any more.')
  @ApiErrors('not_found')
  async detach(
    @Req() request: FastifyRequest,
    @Param('payment_method_id') methodId: string,
  ): Promise<Envelope<DetachedPaymentMethodModel>> {
    const { id } = await this.managePayments.detachMethod(request.principal, methodId);
    return this.envelopes.wrap(request, { id, detached: true });
  }
}
