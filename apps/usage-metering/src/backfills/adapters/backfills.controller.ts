import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeBackfills } from '../application/serve-backfills.js';

/** The operations of backfills as the gateway calls them. */
@Controller()
export class BackfillsController {
  constructor(private readonly backfills: ServeBackfills) {}

  @MessagePattern(orbPattern('create-backfill'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.backfills.create(call);
  }

  @MessagePattern(orbPattern('list-backfills'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.backfills.list(call);
  }

  @MessagePattern(orbPattern('fetch-backfill'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.backfills.fetch(call);
  }

  @MessagePattern(orbPattern('close-backfill'))
  close(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.backfills.close(call);
  }

  @MessagePattern(orbPattern('revert-backfill'))
  revert(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.backfills.revert(call);
  }
}
