import { Controller, Get, Inject, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import { MARGIN, MarginPageQuery, OrbitError, ShownMargin } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { QueryOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

const PERIOD_MS_MAX = 366 * 86_400_000;

/** Revenue beside what the operator pays upstream. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/margin')
export class MarginController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOf(MARGIN.read, {
    summary: 'Get the margin of a period, by channel, price or organization',
    description:
      'Revenue out of the books, less the `cost` that charges name: their own, or that of their price in the rate card. A charge that was captured in part costs the same part.',
    answers: 'One page; a row per key and currency.',
    shows: ShownMargin,
    reads: 'query',
  })
  async read(
    @Req() request: FastifyRequest,
    @QueryOf(MarginPageQuery) query: MarginPageQuery,
  ): Promise<Envelope<ShownMargin>> {
    const { cursor, ...asked } = query;
    const { by, from, to } = asked;
    const periodMs = Date.parse(to) - Date.parse(from);
    if (periodMs <= 0 || periodMs > PERIOD_MS_MAX) {
      const message = 'to is later than from, by 366 days at most.';
      throw new OrbitError('invalid_field', message, { param: 'to' });
    }
    const page = await this.clients.margin.read({
      ...asked,
      ...(cursor !== undefined && { after: cursor }),
    });
    return this.envelopes.wrap(request, { by, from, to, rows: page.rows, cursor: page.next });
  }
}
