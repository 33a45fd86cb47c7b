import { Controller, Delete, Get, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import { GRANT_SCHEDULES, GrantScheduleBody, type GrantScheduleView } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { OrganizationWallets } from '../../edge/requests/organization-wallets.js';
import { BodyOf } from '../../edge/requests/shape-params.js';
import { withShownUnit } from '../../edge/requests/wallet-unit.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

/** Grants that repeat, by the operator. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'not_found', 'unavailable', 'timeout')
@Controller('api/v1/operator/organizations/:organization_id/grant-schedules')
export class GrantSchedulesController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly wallets: OrganizationWallets,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @ApiOf(GRANT_SCHEDULES.create, {
    summary: 'Grant credit every day, week, month or year, once per reference',
    status: 201,
    answers: 'The schedule; the running period is granted within seconds.',
    reads: 'body',
  })
  async create(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @BodyOf(GrantScheduleBody) body: GrantScheduleBody,
  ): Promise<Envelope<GrantScheduleView>> {
    const wallet = await this.wallets.of(organizationId, body.currency);
    const schedule = await this.clients.grantSchedules.create({ ...body, ...wallet });
    return this.envelopes.wrap(request, withShownUnit(schedule));
  }

  @Get()
  @ApiOf(GRANT_SCHEDULES.list, {
    summary: 'List the grant schedules of an organization, newest first',
    answers: 'All of them.',
  })
  async list(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
  ): Promise<Envelope<readonly GrantScheduleView[]>> {
    const organization = await this.wallets.organization(organizationId);
    const schedules = await this.clients.grantSchedules.list(organization);
    return this.envelopes.wrap(request, schedules.map(withShownUnit));
  }

  @Delete(':schedule_id')
  @ApiOf(GRANT_SCHEDULES.cancel, {
    summary: 'Cancel a schedule; no further period is granted, past grants stay',
    answers: 'The cancelled schedule, also when it was so before.',
  })
  async cancel(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('schedule_id') schedule_id: string,
  ): Promise<Envelope<GrantScheduleView>> {
    const organization = await this.wallets.organization(organizationId);
    const schedule = await this.clients.grantSchedules.cancel({ ...organization, schedule_id });
    return this.envelopes.wrap(request, withShownUnit(schedule));
  }
}
