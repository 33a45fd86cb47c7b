import { Controller, Get, Inject, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import { BLOCKS, BlocksQuery, CreditBlockPage } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { QueryOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { toBlockPage, toBlockQuery } from './block-pages.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/credits/blocks')
export class CreditBlocksController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOf(BLOCKS.list, {
    summary: 'List the credit blocks of the balance, in draw-down order',
    answers: 'One page.',
    shows: CreditBlockPage,
    reads: 'query',
  })
  async list(
    @Req() request: FastifyRequest,
    @QueryOf(BlocksQuery) query: BlocksQuery,
  ): Promise<Envelope<CreditBlockPage>> {
    const wallet = ownWallet(request.principal, query.currency);
    const page = await this.clients.blocks.list({ ...toBlockQuery(query), ...wallet });
    return this.envelopes.wrap(request, toBlockPage(page, query));
  }
}
