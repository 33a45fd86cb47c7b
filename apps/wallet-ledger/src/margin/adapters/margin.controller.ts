import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { MARGIN_RPC, type MarginPage, type MarginQuery } from '@orbit/contracts';
import { ReadMargin } from '../application/read-margin.js';

/** Margin, over Nest TCP. */
@Controller()
export class MarginController {
  constructor(private readonly readMargin: ReadMargin) {}

  @MessagePattern(MARGIN_RPC.read)
  read(@Payload() query: MarginQuery): Promise<MarginPage> {
    return this.readMargin.run(query);
  }
}
