import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { OperateBlocks } from './operate-blocks.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { toBlockPage, toBlockQuery } from './credit-blocks.controller.js';
import {
  AmendmentBody,
  BlocksQuery,
  CreditBlockPageModel,
  ExtensionBody,
  GrantBody,
  VoidBody,
} from './blocks.models.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { withShownUnit } from '../wallets/wallet-operations.controller.js';
import { BookedModel } from '../wallets/wallet-operations.models.js';

/** Credit blocks of an organization, by the operator. Every change is an entry, once per reference. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'not_found', 'unavailable', 'timeout')
@Controller('api/v1/operator/organizations/:organization_id')
export class OperatorBlocksController {
  constructor(
    private readonly operateBlocks: OperateBlocks,
    private readonly envelopes: Envelopes,
  ) {}

  @Post('grants')
  @ApiOperation({
    summary: 'Grant a credit block; the first in a currency or unit opens its wallet',
  })
  @ApiAnswer(201, BookedModel, 'What was booked.')
  @ApiErrors(
    'invalid_field',
    'unknown_field',
    'malformed_json',
    'unsupported_currency',
    'idempotency_key_conflict',
  )
  async grant(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Body(new DtoReader(GrantBody)) body: GrantBody,
  ): Promise<Envelope<BookedModel>> {
    const booked = await this.operateBlocks.grant(organizationId, body);
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  @Get('blocks')
  @ApiOperation({ summary: 'List credit blocks with their remaining amounts' })
  @ApiAnswer(200, CreditBlockPageModel, 'One page.')
  @ApiErrors('invalid_field', 'unknown_field', 'unsupported_currency')
  async list(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Query(new DtoReader(BlocksQuery)) query: BlocksQuery,
  ): Promise<Envelope<CreditBlockPageModel>> {
    const page = await this.operateBlocks.list(organizationId, toBlockQuery(query));
    return this.envelopes.wrap(request, toBlockPage(page, query));
  }

  @Post('blocks/:block_id/extend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Extend a block; within the grace, credit that expired returns' })
  @ApiAnswer(200, BookedModel, 'What was booked.')
  @ApiErrors(
    'invalid_field',
    'unknown_field',
    'malformed_json',
    'conflict',
    'idempotency_key_conflict',
  )
  async extend(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('block_id') blockId: string,
    @Body(new DtoReader(ExtensionBody)) body: ExtensionBody,
  ): Promise<Envelope<BookedModel>> {
    const booked = await this.operateBlocks.extend(organizationId, blockId, body);
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  @Post('blocks/:block_id/void')
  @HttpCode(200)
  @ApiOperation({ summary: "Void a block's remaining, unreserved credit" })
  @ApiAnswer(200, BookedModel, 'What was booked.')
  @ApiErrors(
    'invalid_field',
    'unknown_field',
    'malformed_json',
    'conflict',
    'idempotency_key_conflict',
  )
  async void(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('block_id') blockId: string,
    @Body(new DtoReader(VoidBody)) body: VoidBody,
  ): Promise<Envelope<BookedModel>> {
    const booked = await this.operateBlocks.void(organizationId, blockId, body);
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  @Post('blocks/:block_id/amend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Amend the amount of a block, never below what was used' })
  @ApiAnswer(200, BookedModel, 'What was booked.')
  @ApiErrors(
    'invalid_field',
    'unknown_field',
    'malformed_json',
    'conflict',
    'idempotency_key_conflict',
  )
  async amend(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('block_id') blockId: string,
    @Body(new DtoReader(AmendmentBody)) body: AmendmentBody,
  ): Promise<Envelope<BookedModel>> {
    const booked = await this.operateBlocks.amend(organizationId, blockId, body);
    return this.envelopes.wrap(request, withShownUnit(booked));
  }
}
