import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { BalanceAt, LedgerHealth, RecheckedWallets } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { CheckLedger } from './ledger-health.js';
import { ReadBalancesAt } from './read-balances-at.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import {
  BalancesAtModel,
  BalancesAtQueryModel,
  LedgerHealthModel,
  RecheckBody,
  RecheckedModel,
} from './ledger-health.models.js';

/** The books as a whole, for the operator. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator')
export class LedgerOperatorController {
  constructor(
    private readonly checkLedger: CheckLedger,
    private readonly readBalancesAt: ReadBalancesAt,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('ledger/health')
  @ApiOperation({ summary: 'Report when each check of the books last held, and the open breaches' })
  @ApiAnswer(200, LedgerHealthModel, 'Whether the books hold.')
  async health(@Req() request: FastifyRequest): Promise<Envelope<LedgerHealth>> {
    return this.envelopes.wrap(request, await this.checkLedger.health());
  }

  @Get('ledger/balances')
  @ApiOperation({ summary: 'Get balances of wallets at a past instant' })
  @ApiAnswer(200, BalancesAtModel, 'One page.')
  @ApiErrors('invalid_field', 'unknown_field')
  async balances(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(BalancesAtQueryModel)) query: BalancesAtQueryModel,
  ): Promise<Envelope<{ at: string; balances: readonly BalanceAt[]; cursor: string | null }>> {
    return this.envelopes.wrap(request, await this.readBalancesAt.run(query));
  }

  @Post('organizations/:organization_id/reconciliation')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Check the wallets of an organization now; lift a freeze when every check holds',
  })
  @ApiAnswer(200, RecheckedModel, 'What was found.')
  @ApiErrors('invalid_field', 'unknown_field', 'unsupported_currency', 'not_found')
  async recheck(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Body(new DtoReader(RecheckBody)) body: RecheckBody,
  ): Promise<Envelope<RecheckedWallets>> {
    const { clear, currency } = body;
    const checked = await this.checkLedger.recheck(organizationId, clear, currency);
    return this.envelopes.wrap(request, checked);
  }
}
