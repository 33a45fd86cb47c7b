import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeCoupons } from '../application/serve-coupons.js';

/** The operations of coupons as the gateway calls them. */
@Controller()
export class CouponsController {
  constructor(private readonly coupons: ServeCoupons) {}

  @MessagePattern(orbPattern('create-coupon'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.coupons.create(call);
  }

  @MessagePattern(orbPattern('list-coupons'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.coupons.list(call);
  }

  @MessagePattern(orbPattern('fetch-coupon'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.coupons.fetch(call);
  }

  @MessagePattern(orbPattern('archive-coupon'))
  archive(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.coupons.archive(call);
  }
}
