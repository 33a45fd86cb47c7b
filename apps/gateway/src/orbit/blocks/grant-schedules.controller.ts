import { Body, Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { OperateBlocks } from './operate-blocks.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { GrantScheduleBody, GrantScheduleModel } from './grant-schedules.models.js';
import { withShownUnit } from '../wallets/wallet-operations.controller.js';

/** Grants that repeat, by the operator. */
@ApiTags('Operator')
@ApiSecurity('operator_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'not_found', 'unavailable', 'timeout')
@Controller('api/v1/operator/organizations/:organization_id/grant-schedules')
export class GrantSchedulesController {
  constructor(
    private readonly operateBlocks: OperateBlocks,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Grant credit every day, week, month or year, once per reference' })
  @ApiAnswer(201, GrantScheduleModel, 'The schedule; the running period is granted within seconds.')
  @ApiErrors(
    'invalid_field',
    'unknown_field',
    'malformed_json',
    'unsupported_currency',
    'idempotency_key_conflict',
  )
  async create(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Body(new DtoReader(GrantScheduleBody)) body: GrantScheduleBody,
  ): Promise<Envelope<GrantScheduleModel>> {
    const schedule = await this.operateBlocks.createSchedule(organizationId, body);
    return this.envelopes.wrap(request, withShownUnit(schedule));
  }

  @Get()
  @ApiOperation({ summary: 'List the grant schedules of an organization, newest first' })
  @ApiAnswer(200, GrantScheduleModel, 'All of them.', { isArray: true })
  async list(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
  ): Promise<Envelope<readonly GrantScheduleModel[]>> {
    const schedules = await this.operateBlocks.listSchedules(organizationId);
    return this.envelopes.wrap(request, schedules.map(withShownUnit));
  }

  @Delete(':schedule_id')
  @ApiOperation({ summary: 'Cancel a schedule; no further period is granted, past grants stay' })
  @ApiAnswer(200, GrantScheduleModel, 'The cancelled schedule, also when it was so before.')
  async cancel(
    @Req() request: FastifyRequest,
    @Param('organization_id') organizationId: string,
    @Param('schedule_id') scheduleId: string,
  ): Promise<Envelope<GrantScheduleModel>> {
    const schedule = await this.operateBlocks.cancelSchedule(organizationId, scheduleId);
    return this.envelopes.wrap(request, withShownUnit(schedule));
  }
}
