import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeItems } from '../application/serve-items.js';

/** The operations of items as the gateway calls them. */
@Controller()
export class ItemsController {
  constructor(private readonly items: ServeItems) {}

  @MessagePattern(orbPattern('create-item'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.items.create(call);
  }

  @MessagePattern(orbPattern('list-items'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.items.list(call);
  }

  @MessagePattern(orbPattern('fetch-item'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.items.fetch(call);
  }

  @MessagePattern(orbPattern('update-item'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.items.update(call);
  }

  @MessagePattern(orbPattern('archive-item'))
  archive(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.items.archive(call);
  }
}
