import { Body, Controller, Get, HttpCode, Post, Put, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ManagePayments, type AutoReloadChange } from './manage-payments.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { AutoReloadBody, AutoReloadTermsModel } from './auto-reload.models.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/credits/auto-reload')
export class AutoReloadController {
  constructor(
    private readonly managePayments: ManagePayments,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Get the auto-reload policy and its state' })
  @ApiAnswer(200, AutoReloadTermsModel, 'The terms.')
  async read(@Req() request: FastifyRequest): Promise<Envelope<AutoReloadTermsModel>> {
    const view = await this.managePayments.readAutoReload(request.principal);
    return this.envelopes.wrap(request, view);
  }

  @Put()
  @ApiOperation({
    summary: 'Set auto-reload: top up automatically when the balance falls below a threshold',
    description:
      'What is absent stays as it was. A balance at or below the threshold is topped up at once when it is switched on; ' +
      'after that, only charges call for payments. A refund, a dispute or a correction that takes money back pauses it ' +
      '(`state: paused`); saving it again with `enabled: true`, or `POST credits/auto-reload/resume`, goes on.',
  })
  @ApiAnswer(200, AutoReloadTermsModel, 'The terms from now on.')
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'unsupported_currency')
  async configure(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(AutoReloadBody)) body: AutoReloadBody,
  ): Promise<Envelope<AutoReloadTermsModel>> {
    const given = Object.entries(body).filter(([, value]) => value !== undefined);
    const change = Object.fromEntries(given) as unknown as AutoReloadChange;
    const view = await this.managePayments.configureAutoReload(request.principal, change);
    return this.envelopes.wrap(request, view);
  }
  @Post('resume')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Resume auto-reload after a pause',
    description:
      'With the terms as they are. Nothing is paid at once: the next charge that leaves the balance below the threshold ' +
      'calls for a payment again. Changes nothing when it is not paused.',
  })
  @ApiAnswer(200, AutoReloadTermsModel, 'The terms from now on.')
  async resume(@Req() request: FastifyRequest): Promise<Envelope<AutoReloadTermsModel>> {
    const view = await this.managePayments.resumeAutoReload(request.principal);
    return this.envelopes.wrap(request, view);
  }
}
