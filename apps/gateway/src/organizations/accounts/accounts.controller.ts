import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { readNoFields } from '../../orbit/charges/charge-request.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import type { Account } from './account.js';
import { AccountModel, CreateAccountBody, IssuedAccountModel } from './accounts.models.js';
import { ManageAccounts, type IssuedAccountKey } from './manage-accounts.js';

/** Accounts: businesses that use the Orb-compatible API under /v1. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'unavailable', 'timeout')
@Controller('api/v1/operator/accounts')
export class AccountsController {
  constructor(
    private readonly manageAccounts: ManageAccounts,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Create an account with its bearer key for /v1' })
  @ApiAnswer(201, IssuedAccountModel, 'The key is shown this once.')
  @ApiErrors('invalid_field', 'unknown_field', 'unsupported_currency')
  async create(
    @Req() request: FastifyRequest,
    @Body(new DtoReader(CreateAccountBody)) body: CreateAccountBody,
  ): Promise<Envelope<IssuedAccountModel>> {
    const { name, mode, timezone, default_currency: defaultCurrency } = body;
    const testClockNow = body.test_clock_now ?? null;
    const wanted = { name, mode, timezone, defaultCurrency, testClockNow };
    return this.envelopes.wrap(request, issued(await this.manageAccounts.create(wanted)));
  }

  @Get()
  @ApiOperation({ summary: 'List accounts, newest first' })
  @ApiAnswer(200, AccountModel, 'Without keys.', { isArray: true })
  async list(@Req() request: FastifyRequest): Promise<Envelope<readonly AccountModel[]>> {
    return this.envelopes.wrap(request, (await this.manageAccounts.list()).map(toResponse));
  }

  @Post(':account_id/rotate-key')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Create a new bearer key for /v1; every other key of the account is revoked',
  })
  @ApiAnswer(200, IssuedAccountModel, 'The key is shown this once.')
  @ApiErrors('not_found', 'unknown_field')
  async rotateKey(
    @Req() request: FastifyRequest,
    @Param('account_id') accountId: string,
    @Body() body: unknown,
  ): Promise<Envelope<IssuedAccountModel>> {
    readNoFields(body);
    return this.envelopes.wrap(request, issued(await this.manageAccounts.rotateKey(accountId)));
  }
}

const toResponse = (account: Account): AccountModel => ({
  account_id: account.id,
  name: account.name,
  mode: account.mode,
  default_currency: account.defaultCurrency,
  timezone: account.timezone,
  created_at: account.createdAt.toISOString(),
});

const issued = ({ account, apiKey, webhookSecret }: IssuedAccountKey): IssuedAccountModel => ({
  ...toResponse(account),
  api_key: apiKey,
  webhook_secret: webhookSecret,
});
