import { Body, Controller, Get, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { OperateWallets } from './operate-wallets.js';
import { shownUnit } from '../../edge/requests/wallet-unit.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { ReversalBody } from '../blocks/blocks.models.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import {
  AdjustmentBody,
  BookedModel,
  PoliciesBody,
  PoliciesModel,
} from './wallet-operations.models.js';

/** Policies and corrections of an organization's wallets, by the operator. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'not_found', 'unavailable', 'timeout')
@Controller('api/v1/operator/organizations/:organization_id')
export class WalletOperationsController {
  constructor(
    private readonly operateWallets: OperateWallets,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('wallets/:currency')
  @ApiOperation({ summary: 'Get the policies of a wallet' })
  @ApiAnswer(200, PoliciesModel, 'The policies.')
  @ApiErrors('unsupported_currency')
  async readPolicies(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('currency') currency: string,
  ): Promise<Envelope<PoliciesModel>> {
    const policies = await this.operateWallets.readPolicies(organizationId, currency);
    return this.envelopes.wrap(request, withShownUnit(policies));
  }

  @Patch('wallets/:currency')
  @ApiOperation({ summary: 'Change policies of a wallet; omitted fields stay unchanged' })
  @ApiAnswer(200, PoliciesModel, 'The policies from now on.')
  @ApiErrors('invalid_field', 'unknown_field', 'malformed_json', 'unsupported_currency')
  async configure(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('currency') currency: string,
    @Body(new DtoReader(PoliciesBody)) body: PoliciesBody,
  ): Promise<Envelope<PoliciesModel>> {
    const wanted = { ...body, currency };
    const policies = await this.operateWallets.configure(organizationId, wanted);
    return this.envelopes.wrap(request, withShownUnit(policies));
  }

  @Post('adjustments')
  @ApiOperation({ summary: 'Adjust a balance, with a reason, once per reference' })
  @ApiAnswer(201, BookedModel, 'What was booked.')
  @ApiErrors(
    'invalid_field',
    'unknown_field',
    'malformed_json',
    'unsupported_currency',
    'insufficient_funds',
    'idempotency_key_conflict',
  )
  async adjust(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Body(new DtoReader(AdjustmentBody)) body: AdjustmentBody,
  ): Promise<Envelope<BookedModel>> {
    const booked = await this.operateWallets.adjust(organizationId, body);
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  @Post('charges/:charge_id/reversals')
  @ApiOperation({ summary: 'Reverse a charge; its amount returns to the blocks that paid it' })
  @ApiAnswer(201, BookedModel, 'What was booked.')
  @ApiErrors(
    'invalid_field',
    'unknown_field',
    'malformed_json',
    'conflict',
    'idempotency_key_conflict',
  )
  async reverse(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('charge_id') chargeId: string,
    @Body(new DtoReader(ReversalBody)) body: ReversalBody,
  ): Promise<Envelope<BookedModel>> {
    const reversal = { ...body, charge_id: chargeId };
    const booked = await this.operateWallets.reverse(organizationId, reversal);
    return this.envelopes.wrap(request, withShownUnit(booked));
  }
}

/** Answers show currencies in lower case, like the rest of the API. */
export const withShownUnit = <T extends { readonly currency: string }>(view: T): T => ({
  ...view,
  currency: shownUnit(view.currency),
});
