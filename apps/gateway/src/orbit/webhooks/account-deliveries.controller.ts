import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  AccountDeliveriesQuery,
  WEBHOOKS,
  type WebhookDelivery,
  type WebhookDeliveryDetail,
  type WebhookDeliveryPage,
} from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors, ApiPathId } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { QueryOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { ManageAccounts } from '../../organizations/accounts/manage-accounts.js';

/** Outcomes of the deliveries to endpoints that an account made over `/v1`, whose contract has no route for it. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/accounts/:account_id/webhook-deliveries')
export class AccountDeliveriesController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly accounts: ManageAccounts,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiPathId('account_id')
  @ApiOf(WEBHOOKS.deliveries, {
    summary: 'List deliveries to the webhook endpoints of an account, newest first',
    answers: 'One page. What ended more than 30 days ago is not kept.',
    reads: 'query',
  })
  async list(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
    @QueryOf(AccountDeliveriesQuery) { cursor, ...query }: AccountDeliveriesQuery,
  ): Promise<Envelope<WebhookDeliveryPage>> {
    const { id } = await this.accounts.read(accountId);
    const after = cursor === undefined ? {} : { after_id: cursor };
    const page = await this.clients.webhooks.deliveries({ account_id: id, ...query, ...after });
    return this.envelopes.wrap(request, page);
  }

  @Get(':delivery_id')
  @ApiPathId('account_id')
  @ApiPathId('delivery_id')
  @ApiOf(WEBHOOKS.delivery, {
    summary: 'Get a delivery of an account with its body and every attempt',
    answers: 'The delivery.',
  })
  async read(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
    @Param('delivery_id') deliveryId: string,
  ): Promise<Envelope<WebhookDeliveryDetail>> {
    const { id } = await this.accounts.read(accountId);
    const asked = { account_id: id, delivery_id: deliveryId };
    return this.envelopes.wrap(request, await this.clients.webhooks.delivery(asked));
  }

  @Post(':delivery_id/resend')
  @HttpCode(202)
  @ApiPathId('account_id')
  @ApiPathId('delivery_id')
  @ApiOf(WEBHOOKS.resend, {
    summary: 'Send a delivery of an account again, at once and with the same body and event id',
    status: 202,
    answers: 'The delivery that is sent now: the one named while it waits, else a new one.',
  })
  async resend(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
    @Param('delivery_id') deliveryId: string,
  ): Promise<Envelope<WebhookDelivery>> {
    const { id } = await this.accounts.read(accountId);
    const asked = { account_id: id, delivery_id: deliveryId };
    return this.envelopes.wrap(request, await this.clients.webhooks.resend(asked));
  }
}
