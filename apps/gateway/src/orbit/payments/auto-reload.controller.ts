import { Controller, Get, HttpCode, Inject, Post, Put, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import { AUTO_RELOAD, AutoReloadBody, type AutoReloadView } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { BodyOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/credits/auto-reload')
export class AutoReloadController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOf(AUTO_RELOAD.read, {
    summary: 'Get the auto-reload policy and its state',
    answers: 'The terms.',
  })
  async read(@Req() request: FastifyRequest): Promise<Envelope<AutoReloadView>> {
    const { organization_id } = ownWallet(request.principal);
    return this.envelopes.wrap(request, await this.clients.autoReload.read({ organization_id }));
  }

  @Put()
  @ApiOf(AUTO_RELOAD.configure, {
    summary: 'Set auto-reload: top up automatically when the balance falls below a threshold',
    description:
      'What is absent stays as it was. A balance at or below the threshold is topped up at once when it is switched on; ' +
      'after that, only charges call for payments. A refund, a dispute or a correction that takes money back pauses it ' +
      '(`state: paused`); saving it again with `enabled: true`, or `POST credits/auto-reload/resume`, goes on.',
    answers: 'The terms from now on.',
    reads: 'body',
  })
  async configure(
    @Req() request: FastifyRequest,
    @BodyOf(AutoReloadBody) body: AutoReloadBody,
  ): Promise<Envelope<AutoReloadView>> {
    const wallet = ownWallet(request.principal);
    const view = await this.clients.autoReload.configure({ ...body, ...wallet });
    return this.envelopes.wrap(request, view);
  }

  @Post('resume')
  @HttpCode(200)
  @ApiOf(AUTO_RELOAD.resume, {
    summary: 'Resume auto-reload after a pause',
    description:
      'With the terms as they are. Nothing is paid at once: the next charge that leaves the balance below the threshold ' +
      'calls for a payment again. Changes nothing when it is not paused.',
    answers: 'The terms from now on.',
  })
  async resume(@Req() request: FastifyRequest): Promise<Envelope<AutoReloadView>> {
    const { organization_id } = ownWallet(request.principal);
    return this.envelopes.wrap(request, await this.clients.autoReload.resume({ organization_id }));
  }
}
