import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeEndpoints } from '../application/serve-endpoints.js';

/** The operations of webhook endpoints as the gateway calls them. */
@Controller()
export class WebhookEndpointsController {
  constructor(private readonly endpoints: ServeEndpoints) {}

  @MessagePattern(orbPattern('create-webhook-endpoint'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.endpoints.create(call);
  }

  @MessagePattern(orbPattern('list-webhook-endpoints'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.endpoints.list(call);
  }

  @MessagePattern(orbPattern('fetch-webhook-endpoint'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.endpoints.fetch(call);
  }

  @MessagePattern(orbPattern('update-webhook-endpoint'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.endpoints.update(call);
  }

  @MessagePattern(orbPattern('delete-webhook-endpoint'))
  delete(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.endpoints.delete(call);
  }

  @MessagePattern(orbPattern('enable-webhook-endpoint'))
  enable(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.endpoints.enable(call);
  }

  @MessagePattern(orbPattern('disable-webhook-endpoint'))
  disable(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.endpoints.disable(call);
  }
}
