import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeCustomers } from '../application/serve-customers.js';

/** The operations of customers as the gateway calls them, after it has looked up whose they are. */
@Controller()
export class CustomersController {
  constructor(private readonly customers: ServeCustomers) {}

  @MessagePattern(orbPattern('create-customer'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.customers.create(call);
  }

  @MessagePattern(orbPattern('list-customers'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.customers.list(call);
  }

  @MessagePattern(orbPattern('fetch-customer'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.customers.fetch(call);
  }

  @MessagePattern(orbPattern('update-customer'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.customers.update(call);
  }

  @MessagePattern(orbPattern('delete-customer'))
  delete(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.customers.delete(call);
  }
}
