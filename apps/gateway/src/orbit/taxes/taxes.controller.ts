import { Controller, Get, Inject, Param, Put, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import { PutTaxRatesBody, TAX_RATES, type TaxRatesView } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { BodyOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { ManageAccounts } from '../../organizations/accounts/manage-accounts.js';

/** The tax that invoices of an account put on their lines. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/accounts/:account_id/tax-rates')
export class TaxRatesController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly accounts: ManageAccounts,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOf(TAX_RATES.read, {
    summary: 'Get the tax rates of an account',
    answers: 'Empty until they are set: then nothing is taxed.',
    errors: ['not_found'],
  })
  async read(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
  ): Promise<Envelope<TaxRatesView>> {
    const { id: account_id } = await this.accounts.read(accountId);
    return this.envelopes.wrap(request, await this.clients.taxRates.read({ account_id }));
  }

  @Put()
  @ApiOf(TAX_RATES.put, {
    summary: 'Set the tax rates of an account',
    description:
      'They count for invoices issued from then on. Rates go by the customer’s shipping address, else by its billing address.',
    answers: 'The rates as they stand.',
    reads: 'body',
    errors: ['not_found'],
  })
  async put(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
    @BodyOf(PutTaxRatesBody) body: PutTaxRatesBody,
  ): Promise<Envelope<TaxRatesView>> {
    const { id: account_id } = await this.accounts.read(accountId);
    return this.envelopes.wrap(request, await this.clients.taxRates.put({ ...body, account_id }));
  }
}
