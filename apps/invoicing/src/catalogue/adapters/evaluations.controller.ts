import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeEvaluations } from '../application/serve-evaluations.js';

/** Evaluations of usage by prices, as the gateway asks for them. */
@Controller()
export class EvaluationsController {
  constructor(private readonly evaluations: ServeEvaluations) {}

  @MessagePattern(orbPattern('evaluate-price'))
  one(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.evaluations.evaluateOne(call);
  }

  @MessagePattern(orbPattern('evaluate-multiple-prices'))
  several(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.evaluations.evaluateSeveral(call);
  }

  @MessagePattern(orbPattern('evaluate-preview-events'))
  preview(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.evaluations.evaluatePreview(call);
  }
}
