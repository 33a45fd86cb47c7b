import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeMetrics } from '../application/serve-metrics.js';

/** The operations of metrics as the gateway calls them. */
@Controller()
export class MetricsController {
  constructor(private readonly metrics: ServeMetrics) {}

  @MessagePattern(orbPattern('create-metric'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.metrics.create(call);
  }

  @MessagePattern(orbPattern('list-metrics'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.metrics.list(call);
  }

  @MessagePattern(orbPattern('fetch-metric'))
  fetch(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.metrics.fetch(call);
  }

  @MessagePattern(orbPattern('update-metric'))
  update(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.metrics.update(call);
  }

  @MessagePattern(orbPattern('archive-metric'))
  archive(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.metrics.archive(call);
  }

  @MessagePattern(orbPattern('unarchive-metric'))
  unarchive(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.metrics.unarchive(call);
  }
}
