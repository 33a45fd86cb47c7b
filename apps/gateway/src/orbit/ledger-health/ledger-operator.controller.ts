import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  BALANCES_AT,
  BalancesAtPageQuery,
  LEDGER_HEALTH,
  OrbitError,
  RecheckBody,
  ShownBalancesAt,
  ShownLedgerHealth,
  ShownRechecked,
  type RecheckedWallets,
} from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { BodyOf, QueryOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { CheckLedger } from './ledger-health.js';

/** The books as a whole, for the operator. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator')
export class LedgerOperatorController {
  constructor(
    private readonly checkLedger: CheckLedger,
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('ledger/health')
  @ApiOf(LEDGER_HEALTH.read, {
    summary: 'Report when each check of the books last held, and the open breaches',
    answers: 'Whether the books hold.',
    shows: ShownLedgerHealth,
  })
  async health(@Req() request: FastifyRequest): Promise<Envelope<ShownLedgerHealth>> {
    return this.envelopes.wrap(request, await this.checkLedger.health());
  }

  @Get('ledger/balances')
  @ApiOf(BALANCES_AT.read, {
    summary: 'Get balances of wallets at a past instant',
    answers: 'One page.',
    shows: ShownBalancesAt,
    reads: 'query',
  })
  async balances(
    @Req() request: FastifyRequest,
    @QueryOf(BalancesAtPageQuery) { cursor, ...query }: BalancesAtPageQuery,
  ): Promise<Envelope<ShownBalancesAt>> {
    const after = cursor === undefined ? {} : { after: cursor };
    const page = await this.clients.balancesAt.read({ ...query, ...after });
    const { at, balances, after: next } = page;
    return this.envelopes.wrap(request, { at, balances, cursor: next });
  }

  @Post('organizations/:organization_id/reconciliation')
  @HttpCode(200)
  @ApiOf(LEDGER_HEALTH.recheck, {
    summary: 'Check the wallets of an organization now; lift a freeze when every check holds',
    answers: 'What was found.',
    shows: ShownRechecked,
    errors: ['invalid_field', 'unknown_field', 'not_found'],
  })
  async recheck(
    @Req() request: FastifyRequest,
    @Param('organization_id') organization_id: string,
    @BodyOf(RecheckBody) body: RecheckBody,
  ): Promise<Envelope<RecheckedWallets>> {
    const checked = await this.clients.ledgerHealth.recheck({ ...body, organization_id });
    if (!checked) throw new OrbitError('not_found', 'There is no such wallet.');
    return this.envelopes.wrap(request, checked);
  }
}
