import { Body, Controller, Get, Inject, Param, Put, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { TAX_RATES_RPC, type PutTaxRates, type TaxRatesView } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import type { Rpc } from '../../edge/rpc/rpc-services.js';
import { ManageAccounts } from '../../organizations/accounts/manage-accounts.js';
import { PutTaxRatesBody, TaxRatesModel } from './taxes.models.js';

/** Tax rates, at invoicing. Errors: OrbitError `unavailable`, `timeout`, or what invoicing throws. */
export interface TaxRates {
  read(accountId: string): Promise<TaxRatesView>;
  put(request: PutTaxRates): Promise<TaxRatesView>;
}

export const TAX_RATES = Symbol('TaxRates');

export class RpcTaxRates implements TaxRates {
  constructor(private readonly invoicing: Rpc) {}

  read(accountId: string): Promise<TaxRatesView> {
    return this.invoicing.call(TAX_RATES_RPC.read, { account_id: accountId });
  }

  put(request: PutTaxRates): Promise<TaxRatesView> {
    return this.invoicing.call(TAX_RATES_RPC.put, request);
  }
}

/** The tax that invoices of an account put on their lines. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/accounts/:account_id/tax-rates')
export class TaxRatesController {
  constructor(
    @Inject(TAX_RATES) private readonly rates: TaxRates,
    private readonly accounts: ManageAccounts,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Get the tax rates of an account' })
  @ApiAnswer(200, TaxRatesModel, 'Empty until they are set: then nothing is taxed.')
  @ApiErrors('not_found')
  async read(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
  ): Promise<Envelope<TaxRatesModel>> {
    const { id } = await this.accounts.read(accountId);
    return this.envelopes.wrap(request, await this.rates.read(id));
  }

  @Put()
  @ApiOperation({
    summary: 'Set the tax rates of an account',
    description:
      'They count for invoices issued from then on. Rates go by the customer’s shipping address, else by its billing address.',
  })
  @ApiAnswer(200, TaxRatesModel, 'The rates as they stand.')
  @ApiErrors('not_found', 'malformed_json', 'invalid_field', 'unknown_field')
  async put(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
    @Body(new DtoReader(PutTaxRatesBody)) body: PutTaxRatesBody,
  ): Promise<Envelope<TaxRatesModel>> {
    const { id } = await this.accounts.read(accountId);
    const { tax_rates } = body;
    return this.envelopes.wrap(request, await this.rates.put({ account_id: id, tax_rates }));
  }
}
