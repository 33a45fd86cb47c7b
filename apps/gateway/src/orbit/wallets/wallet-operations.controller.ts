import { Controller, Get, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  AdjustmentBody,
  CORRECTIONS,
  PoliciesBody,
  ReversalBody,
  type BookedView,
  type WalletPoliciesView,
} from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { OrganizationWallets } from '../../edge/requests/organization-wallets.js';
import { BodyOf } from '../../edge/requests/shape-params.js';
import { withShownUnit } from '../../edge/requests/wallet-unit.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

/** Policies and corrections of an organization's wallets, by the operator. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'not_found', 'unavailable', 'timeout')
@Controller('api/v1/operator/organizations/:organization_id')
export class WalletOperationsController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly wallets: OrganizationWallets,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('wallets/:currency')
  @ApiOf(CORRECTIONS.readPolicies, {
    summary: 'Get the policies of a wallet',
    answers: 'The policies.',
  })
  async readPolicies(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('currency') currency: string,
  ): Promise<Envelope<WalletPoliciesView>> {
    const wallet = await this.wallets.of(organizationId, currency);
    const policies = await this.clients.corrections.readPolicies(wallet);
    return this.envelopes.wrap(request, withShownUnit(policies));
  }

  @Patch('wallets/:currency')
  @ApiOf(CORRECTIONS.configure, {
    summary: 'Change policies of a wallet; omitted fields stay unchanged',
    answers: 'The policies from now on.',
    reads: 'body',
  })
  async configure(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('currency') currency: string,
    @BodyOf(PoliciesBody) body: PoliciesBody,
  ): Promise<Envelope<WalletPoliciesView>> {
    const wallet = await this.wallets.of(organizationId, currency);
    request.auditBefore = await this.clients.corrections.readPolicies(wallet);
    const policies = await this.clients.corrections.configure({ ...body, ...wallet });
    return this.envelopes.wrap(request, withShownUnit(policies));
  }

  @Post('adjustments')
  @ApiOf(CORRECTIONS.adjust, {
    summary: 'Adjust a balance, with a reason, once per reference',
    status: 201,
    answers: 'What was booked.',
    reads: 'body',
  })
  async adjust(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @BodyOf(AdjustmentBody) body: AdjustmentBody,
  ): Promise<Envelope<BookedView>> {
    const wallet = await this.wallets.of(organizationId, body.currency);
    const booked = await this.clients.corrections.adjust({ ...body, ...wallet });
    return this.envelopes.wrap(request, withShownUnit(booked));
  }

  @Post('charges/:charge_id/reversals')
  @ApiOf(CORRECTIONS.reverse, {
    summary: 'Reverse a charge; its amount returns to the blocks that paid it',
    status: 201,
    answers: 'What was booked.',
    reads: 'body',
  })
  async reverse(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('charge_id') charge_id: string,
    @BodyOf(ReversalBody) body: ReversalBody,
  ): Promise<Envelope<BookedView>> {
    const organization = await this.wallets.organization(organizationId);
    const reversal = { ...body, charge_id, ...organization };
    const booked = await this.clients.corrections.reverse(reversal);
    return this.envelopes.wrap(request, withShownUnit(booked));
  }
}
