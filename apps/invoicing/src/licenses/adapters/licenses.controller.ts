import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeLicenseUsage } from '../application/serve-license-usage.js';
import { ServeLicenses } from '../application/serve-licenses.js';

/** Licenses as the gateway calls them. */
@Controller()
export class LicensesController {
  constructor(
    private readonly licenses: ServeLicenses,
    private readonly usage: ServeLicenseUsage,
  ) {}

  @MessagePattern(orbPattern('get-license-usage-by-id'))
  usageById(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.usage.byId(call);
  }

  @MessagePattern(orbPattern('get-license-usage-by-external-id'))
  usageByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.usage.byExternalId(call);
  }

  @MessagePattern(orbPattern('get-license-usage-by-type'))
  usageByType(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.usage.byType(call);
  }

  @MessagePattern(orbPattern('create-license'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.licenses.create(call);
  }

  @MessagePattern(orbPattern('list-licenses'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.licenses.list(call);
  }

  @MessagePattern(orbPattern('fetch-license'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.licenses.fetch(call);
  }

  @MessagePattern(orbPattern('fetch-license-external-id'))
  fetchByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.licenses.fetchByExternalId(call);
  }

  @MessagePattern(orbPattern('deactivate-license'))
  deactivate(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.licenses.deactivate(call);
  }
}
