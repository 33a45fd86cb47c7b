import {
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Req,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  NewWebhookEndpoint,
  WebhookDeliveriesQuery,
  WebhookEndpointBody,
  WebhookEndpointChangeBody,
  WEBHOOKS,
  type DeletedWebhookEndpoint,
  type WebhookDelivery,
  type WebhookDeliveryDetail,
  type WebhookDeliveryPage,
  type WebhookEndpoint,
  type WebhookEndpoints,
} from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiErrors, ApiPathId } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import { BodyOf, QueryOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { ManageOrganizations } from '../../organizations/manage-organizations.js';

/** Addresses at which an organization receives news of its money, and what became of each delivery. */
@ApiTags('Webhooks')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/webhook-endpoints')
export class WebhookEndpointsController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly organizations: ManageOrganizations,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: '8 to 255 visible characters. The same key makes one endpoint.',
    schema: { type: 'string', minLength: 8, maxLength: 255 },
  })
  @ApiOf(WEBHOOKS.create, {
    summary: 'Create a webhook endpoint: an address to which events are sent',
    status: 201,
    answers: 'The endpoint with its secret, which no other answer shows.',
    shows: NewWebhookEndpoint,
    isReplayable: true,
    reads: 'body',
  })
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') key: string | undefined,
    @BodyOf(WebhookEndpointBody) body: WebhookEndpointBody,
  ): Promise<Envelope<NewWebhookEndpoint>> {
    const { organizationId, accountMode } = request.principal;
    const { accountId } = await this.organizations.read(organizationId);
    const { endpoint, replayed } = await this.clients.webhooks.create({
      ...body,
      organization_id: organizationId,
      account_id: accountId,
      account_mode: accountMode,
      ...(key === undefined ? {} : { reference: readIdempotencyKey(key) }),
    });
    if (replayed) reply.header('idempotency-replayed', 'true');
    return this.envelopes.wrap(request, endpoint);
  }

  @Get()
  @ApiOf(WEBHOOKS.list, {
    summary: 'List webhook endpoints, newest first',
    answers: 'All of them; there are at most 20.',
  })
  async list(@Req() request: FastifyRequest): Promise<Envelope<WebhookEndpoints>> {
    const { organizationId } = request.principal;
    const answer = await this.clients.webhooks.list({ organization_id: organizationId });
    return this.envelopes.wrap(request, answer);
  }

  @Get(':endpoint_id')
  @ApiPathId('endpoint_id')
  @ApiOf(WEBHOOKS.read, { summary: 'Get a webhook endpoint', answers: 'The endpoint.' })
  async read(
    @Req() request: FastifyRequest,
    @Param('endpoint_id') id: string,
  ): Promise<Envelope<WebhookEndpoint>> {
    return this.envelopes.wrap(request, await this.clients.webhooks.read(refOf(request, id)));
  }

  @Put(':endpoint_id')
  @ApiPathId('endpoint_id')
  @ApiOf(WEBHOOKS.change, {
    summary: 'Change a webhook endpoint: its address, its event types, on or off',
    answers: 'The endpoint as it is now.',
    reads: 'body',
  })
  async change(
    @Req() request: FastifyRequest,
    @Param('endpoint_id') id: string,
    @BodyOf(WebhookEndpointChangeBody) body: WebhookEndpointChangeBody,
  ): Promise<Envelope<WebhookEndpoint>> {
    const { accountMode } = request.principal;
    const asked = { ...refOf(request, id), ...body, account_mode: accountMode };
    return this.envelopes.wrap(request, await this.clients.webhooks.change(asked));
  }

  @Delete(':endpoint_id')
  @ApiPathId('endpoint_id')
  @ApiOf(WEBHOOKS.delete, {
    summary: 'Delete a webhook endpoint',
    answers: 'It is gone, and what waits to be sent to it is not sent.',
  })
  async delete(
    @Req() request: FastifyRequest,
    @Param('endpoint_id') id: string,
  ): Promise<Envelope<DeletedWebhookEndpoint>> {
    return this.envelopes.wrap(request, await this.clients.webhooks.delete(refOf(request, id)));
  }

  @Get(':endpoint_id/deliveries')
  @ApiPathId('endpoint_id')
  @ApiOf(WEBHOOKS.deliveries, {
    summary: 'List deliveries to a webhook endpoint, newest first',
    answers: 'One page. What ended more than 30 days ago is not kept.',
    reads: 'query',
  })
  async listDeliveries(
    @Req() request: FastifyRequest,
    @Param('endpoint_id') id: string,
    @QueryOf(WebhookDeliveriesQuery) { cursor, ...query }: WebhookDeliveriesQuery,
  ): Promise<Envelope<WebhookDeliveryPage>> {
    const asked = {
      ...refOf(request, id),
      ...query,
      ...(cursor === undefined ? {} : { after_id: cursor }),
    };
    return this.envelopes.wrap(request, await this.clients.webhooks.deliveries(asked));
  }

  @Get(':endpoint_id/deliveries/:delivery_id')
  @ApiPathId('endpoint_id')
  @ApiPathId('delivery_id')
  @ApiOf(WEBHOOKS.delivery, {
    summary: 'Get a delivery with its body and every attempt',
    answers: 'The delivery.',
  })
  async readDelivery(
    @Req() request: FastifyRequest,
    @Param('endpoint_id') id: string,
    @Param('delivery_id') deliveryId: string,
  ): Promise<Envelope<WebhookDeliveryDetail>> {
    const asked = { ...refOf(request, id), delivery_id: deliveryId };
    return this.envelopes.wrap(request, await this.clients.webhooks.delivery(asked));
  }

  @Post(':endpoint_id/deliveries/:delivery_id/resend')
  @HttpCode(202)
  @ApiPathId('endpoint_id')
  @ApiPathId('delivery_id')
  @ApiOf(WEBHOOKS.resend, {
    summary: 'Send a delivery again, at once and with the same body and event id',
    status: 202,
    answers: 'The delivery that is sent now: the one named while it waits, else a new one.',
  })
  async resend(
    @Req() request: FastifyRequest,
    @Param('endpoint_id') id: string,
    @Param('delivery_id') deliveryId: string,
  ): Promise<Envelope<WebhookDelivery>> {
    const asked = { ...refOf(request, id), delivery_id: deliveryId };
    return this.envelopes.wrap(request, await this.clients.webhooks.resend(asked));
  }
}

const refOf = ({ principal }: FastifyRequest, id: string) => ({
  organization_id: principal.organizationId,
  endpoint_id: id,
});
