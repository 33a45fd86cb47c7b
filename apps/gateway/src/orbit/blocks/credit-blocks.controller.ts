import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { BlockListQuery, BlockPage } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { OperateBlocks } from './operate-blocks.js';
import type { OfWallet } from '../wallets/operate-wallets.js';
import { shownUnit } from '../../edge/requests/wallet-unit.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { BlocksQuery, CreditBlockPageModel } from './blocks.models.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/credits/blocks')
export class CreditBlocksController {
  constructor(
    private readonly operateBlocks: OperateBlocks,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the credit blocks of the balance, in draw-down order' })
  @ApiAnswer(200, CreditBlockPageModel, 'One page.')
  @ApiErrors('invalid_field', 'unknown_field', 'unsupported_currency', 'not_found')
  async list(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(BlocksQuery)) query: BlocksQuery,
  ): Promise<Envelope<CreditBlockPageModel>> {
    const page = await this.operateBlocks.listOwn(request.principal, toBlockQuery(query));
    return this.envelopes.wrap(request, toBlockPage(page, query));
  }
}

export function toBlockQuery({
  include,
  limit,
  cursor,
  currency,
}: BlocksQuery): OfWallet<BlockListQuery> {
  return {
    include_all: include === 'all',
    limit,
    ...(cursor === undefined ? {} : { after_id: cursor }),
    ...(currency === undefined ? {} : { currency }),
  };
}

/** Only the list of all blocks goes on in pages. */
export function toBlockPage(page: BlockPage, { include }: BlocksQuery): CreditBlockPageModel {
  const blocks = page.blocks.map((block) => ({ ...block, currency: shownUnit(block.currency) }));
  const last = blocks.at(-1)?.id ?? null;
  const cursor = include === 'all' && page.has_more ? last : null;
  return { blocks, cursor, has_more: page.has_more };
}
