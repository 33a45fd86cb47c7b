import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServePrices } from '../application/serve-prices.js';

/** The operations of prices as the gateway calls them. */
@Controller()
export class PricesController {
  constructor(private readonly prices: ServePrices) {}

  @MessagePattern(orbPattern('create-price'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.prices.create(call);
  }

  @MessagePattern(orbPattern('list-prices'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.prices.list(call);
  }

  @MessagePattern(orbPattern('fetch-price'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.prices.fetch(call);
  }

  @MessagePattern(orbPattern('fetch-price-external-id'))
  fetchByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.prices.fetch(call);
  }

  @MessagePattern(orbPattern('update-price'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.prices.update(call);
  }

  @MessagePattern(orbPattern('update-price-by-external-id'))
  updateByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.prices.update(call);
  }
}
