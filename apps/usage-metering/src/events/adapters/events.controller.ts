import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { CorrectEvents } from '../application/correct-events.js';
import { ServeEvents } from '../application/serve-events.js';

/** The operations of events as the gateway calls them. */
@Controller()
export class EventsController {
  constructor(
    private readonly events: ServeEvents,
    private readonly corrections: CorrectEvents,
  ) {}

  @MessagePattern(orbPattern('search-events'))
  search(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.events.search(call);
  }

  @MessagePattern(orbPattern('get-event-volume'))
  volume(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.events.volume(call);
  }

  @MessagePattern(orbPattern('amend-event'))
  amend(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.corrections.amend(call);
  }

  @MessagePattern(orbPattern('deprecate-event'))
  deprecate(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.corrections.deprecate(call);
  }
}
