import type { Feature } from '@orbit/runtime';
import { AccountDeliveriesController } from './account-deliveries.controller.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';

/** Webhooks that organizations and accounts are sent; invoicing answers. */
export const webhooksFeature = (): Feature => ({
  controllers: [WebhookEndpointsController, AccountDeliveriesController],
});
