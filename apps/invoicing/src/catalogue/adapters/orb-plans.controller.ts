import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServePlans } from '../application/serve-plans.js';
import { ServePlanVersions } from '../application/serve-plan-versions.js';

/** The operations of plans as the gateway calls them. */
@Controller()
export class OrbPlansController {
  constructor(
    private readonly plans: ServePlans,
    private readonly versions: ServePlanVersions,
  ) {}

  @MessagePattern(orbPattern('create-plan'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.plans.create(call);
  }

  @MessagePattern(orbPattern('list-plans'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.plans.list(call);
  }

  @MessagePattern(orbPattern('fetch-plan'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.plans.fetch(call);
  }

  @MessagePattern(orbPattern('fetch-plan-external-id'))
  fetchByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.plans.fetch(call);
  }

  @MessagePattern(orbPattern('update-plan'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.plans.update(call);
  }

  @MessagePattern(orbPattern('update-plan-external'))
  updateByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.plans.update(call);
  }

  @MessagePattern(orbPattern('create-plan-version'))
  createVersion(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.create(call);
  }

  @MessagePattern(orbPattern('create-plan-version-external-id'))
  createVersionByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.create(call);
  }

  @MessagePattern(orbPattern('fetch-plan-version'))
  fetchVersion(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.fetch(call);
  }

  @MessagePattern(orbPattern('fetch-plan-version-external-id'))
  fetchVersionByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.fetch(call);
  }

  @MessagePattern(orbPattern('set-default-version'))
  setDefault(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.setDefault(call);
  }

  @MessagePattern(orbPattern('set-default-version-external-id'))
  setDefaultByExternalId(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.setDefault(call);
  }

  @MessagePattern(orbPattern('list-migrations'))
  listMigrations(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.listMigrations(call);
  }

  @MessagePattern(orbPattern('fetch-migration'))
  fetchMigration(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.fetchMigration(call);
  }

  @MessagePattern(orbPattern('cancel-migration'))
  cancelMigration(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.versions.cancelMigration(call);
  }
}
