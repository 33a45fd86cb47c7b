import { Controller, Get, HttpCode, Inject, Param, Post, Put, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  OrbitError,
  PutRateCardBody,
  QuoteBody,
  QuoteView,
  RATE_CARDS,
  ShownPutRateCard,
  type RateCardView,
} from '@orbit/contracts';
import { CardMemory } from '@orbit/spend';
import type { FastifyRequest } from 'fastify';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { modelOf } from '../../edge/docs/shape-model.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { PriceCharges } from '../../edge/rates/price-charges.js';
import { BodyOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { ManageAccounts } from '../../organizations/accounts/manage-accounts.js';

/** The prices of charges that are made by price. */
@ApiTags('Rate card')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/rate-card')
export class RateCardController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly memory: CardMemory,
    private readonly prices: PriceCharges,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOf(RATE_CARDS.read, {
    summary: 'Get the prices in force: those of the account, replaced by those of the organization',
    answers: 'Null when nothing has a price.',
  })
  async read(@Req() request: FastifyRequest): Promise<Envelope<RateCardView | null>> {
    const owner = { organization_id: request.principal.organizationId };
    return this.envelopes.wrap(request, await this.clients.rateCards.read(owner));
  }

  @Put()
  @ApiOf(RATE_CARDS.put, {
    summary: 'Set the prices of the organization as a new version',
    description: 'They go before the account’s, price by price. The same again makes no version.',
    answers: 'The version that stands.',
    shows: ShownPutRateCard,
    reads: 'body',
  })
  async put(
    @Req() request: FastifyRequest,
    @BodyOf(PutRateCardBody) body: PutRateCardBody,
  ): Promise<Envelope<ShownPutRateCard>> {
    const { organizationId } = request.principal;
    const owner = { organization_id: organizationId };
    const { is_replay: _, ...put } = await this.clients.rateCards.put({ owner, ...body });
    this.memory.drop(organizationId);
    return this.envelopes.wrap(request, put);
  }

  @Post('quote')
  @HttpCode(200)
  @ApiOperation({ summary: 'Preview the cost of a charge by price; nothing is charged' })
  @ApiAnswer(200, modelOf(QuoteView), 'Exact, with its formula.')
  @ApiErrors('malformed_json', 'invalid_field', 'unknown_field')
  async quote(
    @Req() request: FastifyRequest,
    @BodyOf(QuoteBody) body: QuoteBody,
  ): Promise<Envelope<QuoteView>> {
    const priced = await this.prices.rate(request.principal.organizationId, body);
    if (!priced) throw new OrbitError('invalid_field', 'price is missing.', { param: 'price' });
    const { amount, currency } = priced.body as { amount: string; currency: string };
    return this.envelopes.wrap(request, { ...priced.view, amount, currency });
  }
}

/** The prices of all organizations of an account. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/accounts/:account_id/rate-card')
export class OperatorRateCardController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly accounts: ManageAccounts,
    private readonly envelopes: Envelopes,
  ) {}

  @Put()
  @ApiOf(RATE_CARDS.put, {
    summary: 'Set the prices of an account as a new version',
    answers: 'The version that stands.',
    shows: ShownPutRateCard,
    reads: 'body',
    errors: ['not_found'],
  })
  async put(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
    @BodyOf(PutRateCardBody) body: PutRateCardBody,
  ): Promise<Envelope<ShownPutRateCard>> {
    const { id } = await this.accounts.read(accountId);
    const owner = { account_id: id };
    const { is_replay: _, ...put } = await this.clients.rateCards.put({ owner, ...body });
    return this.envelopes.wrap(request, put);
  }
}
