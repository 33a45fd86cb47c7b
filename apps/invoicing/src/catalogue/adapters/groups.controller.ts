import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeGroups } from '../application/serve-groups.js';
import { ServeLicenseTypes } from '../application/serve-license-types.js';

/** The operations of dimensional price groups and license types as the gateway calls them. */
@Controller()
export class GroupsController {
  constructor(
    private readonly groups: ServeGroups,
    private readonly types: ServeLicenseTypes,
  ) {}

  @MessagePattern(orbPattern('create-dimensional-price-group'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.groups.create(call);
  }

  @MessagePattern(orbPattern('list-dimensional-price-groups'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.groups.list(call);
  }

  @MessagePattern(orbPattern('fetch-dimensional-price-group'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.groups.fetch(call);
  }

  @MessagePattern(orbPattern('fetch-dimensional-price-group-external-id'))
  fetchByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.groups.fetch(call);
  }

  @MessagePattern(orbPattern('update-dimensional-price-group'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.groups.update(call);
  }

  @MessagePattern(orbPattern('update-dimensional-price-group-external'))
  updateByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.groups.update(call);
  }

  @MessagePattern(orbPattern('create-dimensional-price-group-prices'))
  createPrices(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.groups.createPrices(call);
  }

  @MessagePattern(orbPattern('list-dimensional-price-group-prices'))
  listPrices(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.groups.listPrices(call);
  }

  @MessagePattern(orbPattern('create-license-type'))
  createLicenseType(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.types.create(call);
  }

  @MessagePattern(orbPattern('list-license-types'))
  listLicenseTypes(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.types.list(call);
  }

  @MessagePattern(orbPattern('fetch-license-type'))
  fetchLicenseType(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.types.fetch(call);
  }
}
