import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { OrbitError } from '@orbit/contracts';
import { CardMemory } from '@orbit/spend';
import type { FastifyRequest } from 'fastify';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { PriceCharges } from '../../edge/rates/price-charges.js';
import { RATE_CARDS, type RateCards } from '../../edge/rates/rate-cards.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { ManageAccounts } from '../../organizations/accounts/manage-accounts.js';
import {
  PutRateCardBody,
  PutRateCardModel,
  QuoteBody,
  QuoteModel,
  RateCardModel,
} from './rate-card.models.js';

/** What charges by price cost. */
@ApiTags('Rate card')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/rate-card')
export class RateCardController {
  constructor(
    @Inject(RATE_CARDS) private readonly cards: RateCards,
    private readonly memory: CardMemory,
    private readonly prices: PriceCharges,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Get the prices in force: those of the account, replaced by those of the organization',
  })
  @ApiAnswer(200, RateCardModel, 'Null when nothing has a price.', { isNullable: true })
  async read(@Req() request: FastifyRequest): Promise<Envelope<RateCardModel | null>> {
    const owner = { organization_id: request.principal.organizationId };
    return this.envelopes.wrap(request, await this.cards.read(owner));
  }

  @Put()
  @ApiOperation({
    summary: 'Set the prices of the organization as a new version',
    description: 'They go before the account’s, price by price. The same again makes no version.',
  })
  @ApiAnswer(200, PutRateCardModel, 'The version that stands.')
  @ApiErrors('malformed_json', 'invalid_field', 'unknown_field')
  async put(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(PutRateCardBody)) body: PutRateCardBody,
  ): Promise<Envelope<PutRateCardModel>> {
    const { organizationId } = request.principal;
    const owner = { organization_id: organizationId };
    const { is_replay: _, ...put } = await this.cards.put({ owner, ...body });
    this.memory.forget(organizationId);
    return this.envelopes.wrap(request, put);
  }

  @Post('quote')
  @HttpCode(200)
  @ApiOperation({ summary: 'Preview the cost of a charge by price; nothing is charged' })
  @ApiAnswer(200, QuoteModel, 'Exact, with its formula.')
  @ApiErrors('malformed_json', 'invalid_field', 'unknown_field')
  async quote(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(QuoteBody)) body: QuoteBody,
  ): Promise<Envelope<QuoteModel>> {
    const asked = { ...body, price: body.price ?? null };
    const priced = await this.prices.rate(request.principal.organizationId, asked);
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
    @Inject(RATE_CARDS) private readonly cards: RateCards,
    private readonly accounts: ManageAccounts,
    private readonly envelopes: Envelopes,
  ) {}

  @Put()
  @ApiOperation({ summary: 'Set the prices of an account as a new version' })
  @ApiAnswer(200, PutRateCardModel, 'The version that stands.')
  @ApiErrors('not_found', 'malformed_json', 'invalid_field', 'unknown_field')
  async put(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
    @Body(new DtoReader(PutRateCardBody)) body: PutRateCardBody,
  ): Promise<Envelope<PutRateCardModel>> {
    const { id } = await this.accounts.read(accountId);
    const owner = { account_id: id };
    const { is_replay: _, ...put } = await this.cards.put({ owner, ...body });
    return this.envelopes.wrap(request, put);
  }
}
