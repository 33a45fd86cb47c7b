import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { MARGIN_RPC, OrbitError, type MarginPage, type MarginQuery } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import type { Rpc } from '../../edge/rpc/rpc-services.js';
import { MarginModel, MarginQueryModel } from './margin.models.js';

/** Margin, at the ledger. Errors: OrbitError `unavailable`, `timeout`, or what the ledger throws. */
export interface Margins {
  read(query: MarginQuery): Promise<MarginPage>;
}

export const MARGINS = Symbol('Margins');

export class RpcMargins implements Margins {
  constructor(private readonly ledger: Rpc) {}

  read(query: MarginQuery): Promise<MarginPage> {
    return this.ledger.call(MARGIN_RPC.read, query);
  }
}

const PERIOD_MS_MAX = 366 * 86_400_000;

/** Revenue beside what the operator pays upstream. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/margin')
export class MarginController {
  constructor(
    @Inject(MARGINS) private readonly margins: Margins,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Get the margin of a period, by channel, price or organization',
    description:
      'Revenue out of the books, less the `cost` that charges name: their own, or that of their price in the rate card. A charge that was captured in part costs the same part.',
  })
  @ApiAnswer(200, MarginModel, 'One page; a row per key and currency.')
  @ApiErrors('invalid_field', 'unknown_field')
  async read(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(MarginQueryModel)) query: MarginQueryModel,
  ): Promise<Envelope<MarginModel>> {
    const { cursor, ...asked } = query;
    const { by, from, to } = asked;
    const periodMs = Date.parse(to) - Date.parse(from);
    if (periodMs <= 0 || periodMs > PERIOD_MS_MAX) {
      const message = 'to is later than from, by 366 days at most.';
      throw new OrbitError('invalid_field', message, { param: 'to' });
    }
    const page = await this.margins.read({
      ...asked,
      ...(cursor !== undefined && { after: cursor }),
    });
    return this.envelopes.wrap(request, { by, from, to, rows: page.rows, cursor: page.next });
  }
}
