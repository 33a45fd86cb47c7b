import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  AmendmentBody,
  BLOCKS,
  BlocksQuery,
  CreditBlockPage,
  ExtensionBody,
  GrantBody,
  VoidBody,
  type BookedView,
} from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { OrganizationWallets } from '../../edge/requests/organization-wallets.js';
import { BodyOf, QueryOf } from '../../edge/requests/shape-params.js';
import { withShownUnit } from '../../edge/requests/wallet-unit.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { toBlockPage, toBlockQuery } from './block-pages.js';

/** Credit blocks of an organization, by the operator. Every change is an entry, once per reference. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'not_found', 'unavailable', 'timeout')
@Controller('api/v1/operator/organizations/:organization_id')
export class OperatorBlocksController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly wallets: OrganizationWallets,
    private readonly envelopes: Envelopes,
  ) {}

  @Post('grants')
  @ApiOf(BLOCKS.grant, {
    summary: 'Grant a credit block; the first in a currency or unit opens its wallet',
    status: 201,
    answers: 'What was booked.',
    reads: 'body',
  })
  async grant(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @BodyOf(GrantBody) body: GrantBody,
  ): Promise<Envelope<BookedView>> {
    const wallet = await this.wallets.of(organizationId, body.currency);
    const booked = await this.clients.blocks.grant({ ...body, ...wallet });
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  @Get('blocks')
  @ApiOf(BLOCKS.list, {
    summary: 'List credit blocks with their remaining amounts',
    answers: 'One page.',
    shows: CreditBlockPage,
    reads: 'query',
  })
  async list(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @QueryOf(BlocksQuery) query: BlocksQuery,
  ): Promise<Envelope<CreditBlockPage>> {
    const wallet = await this.wallets.of(organizationId, query.currency);
    const page = await this.clients.blocks.list({ ...toBlockQuery(query), ...wallet });
    return this.envelopes.wrap(request, toBlockPage(page, query));
  }

  @Post('blocks/:block_id/extend')
  @HttpCode(200)
  @ApiOf(BLOCKS.extend, {
    summary: 'Extend a block; within the grace, credit that expired returns',
    answers: 'What was booked.',
    reads: 'body',
  })
  async extend(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('block_id') blockId: string,
    @BodyOf(ExtensionBody) body: ExtensionBody,
  ): Promise<Envelope<BookedView>> {
    const block = await this.blockOf(organizationId, blockId);
    const booked = await this.clients.blocks.extend({ ...body, ...block });
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  @Post('blocks/:block_id/void')
  @HttpCode(200)
  @ApiOf(BLOCKS.void, {
    summary: "Void a block's remaining, unreserved credit",
    answers: 'What was booked.',
    reads: 'body',
  })
  async void(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('block_id') blockId: string,
    @BodyOf(VoidBody) body: VoidBody,
  ): Promise<Envelope<BookedView>> {
    const block = await this.blockOf(organizationId, blockId);
    const booked = await this.clients.blocks.void({ ...body, ...block });
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  @Post('blocks/:block_id/amend')
  @HttpCode(200)
  @ApiOf(BLOCKS.amend, {
    summary: 'Amend the amount of a block, never below what was used',
    answers: 'What was booked.',
    reads: 'body',
  })
  async amend(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('block_id') blockId: string,
    @BodyOf(AmendmentBody) body: AmendmentBody,
  ): Promise<Envelope<BookedView>> {
    const block = await this.blockOf(organizationId, blockId);
    const booked = await this.clients.blocks.amend({ ...body, ...block });
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  private async blockOf(
    organizationId: string,
    block_id: string,
  ): Promise<{ readonly organization_id: string; readonly block_id: string }> {
    return { ...(await this.wallets.organization(organizationId)), block_id };
  }
}
