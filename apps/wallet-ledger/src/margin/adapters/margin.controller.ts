import { Controller } from '@nestjs/common';
import { MARGIN, type MarginPage, type MarginQuery } from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ReadMargin } from '../application/read-margin.js';

/** Margin, over Nest TCP. */
@Controller()
export class MarginController {
  constructor(private readonly readMargin: ReadMargin) {}

  @Handles(MARGIN.read)
  async read(query: MarginQuery): Promise<MarginPage> {
    return this.readMargin.run(query);
  }
}
