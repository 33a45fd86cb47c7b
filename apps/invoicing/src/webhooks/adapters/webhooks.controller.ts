import { Controller } from '@nestjs/common';
import {
  WEBHOOKS,
  type ChangeWebhookEndpoint,
  type CreatedWebhookEndpoint,
  type CreateWebhookEndpoint,
  type DeletedWebhookEndpoint,
  type DeliveryRef,
  type ListDeliveries,
  type WebhookDelivery,
  type WebhookDeliveryDetail,
  type WebhookDeliveryPage,
  type WebhookEndpoint,
  type WebhookEndpointRef,
  type WebhookEndpoints,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ManageEndpoints } from '../application/manage-endpoints.js';
import { ReadDeliveries } from '../application/read-deliveries.js';

/** An organization's endpoints and the log of deliveries, over Nest TCP. */
@Controller()
export class WebhooksController {
  constructor(
    private readonly endpoints: ManageEndpoints,
    private readonly deliveries: ReadDeliveries,
  ) {}

  @Handles(WEBHOOKS.create)
  async create(request: CreateWebhookEndpoint): Promise<CreatedWebhookEndpoint> {
    return this.endpoints.create(request);
  }

  @Handles(WEBHOOKS.list)
  async list({ organization_id }: { organization_id: string }): Promise<WebhookEndpoints> {
    return { webhook_endpoints: await this.endpoints.list(organization_id) };
  }

  @Handles(WEBHOOKS.read)
  async read({ organization_id, endpoint_id }: WebhookEndpointRef): Promise<WebhookEndpoint> {
    return this.endpoints.read(organization_id, endpoint_id);
  }

  @Handles(WEBHOOKS.change)
  async change(request: ChangeWebhookEndpoint): Promise<WebhookEndpoint> {
    return this.endpoints.change(request);
  }

  @Handles(WEBHOOKS.delete)
  async delete({
    organization_id,
    endpoint_id,
  }: WebhookEndpointRef): Promise<DeletedWebhookEndpoint> {
    await this.endpoints.delete(organization_id, endpoint_id);
    return { endpoint_id, deleted: true };
  }

  @Handles(WEBHOOKS.deliveries)
  async listDeliveries(request: ListDeliveries): Promise<WebhookDeliveryPage> {
    const { organization_id: organizationId, endpoint_id: endpointId } = request;
    // Without the endpoint there is no list of it, not even an empty one.
    if (organizationId !== undefined && endpointId !== undefined) {
      await this.endpoints.read(organizationId, endpointId);
    }
    return this.deliveries.list(request);
  }

  @Handles(WEBHOOKS.delivery)
  async delivery(request: DeliveryRef): Promise<WebhookDeliveryDetail> {
    return this.deliveries.read(request);
  }

  @Handles(WEBHOOKS.resend)
  async resend(request: DeliveryRef): Promise<WebhookDelivery> {
    return this.deliveries.resend(request);
  }
}
