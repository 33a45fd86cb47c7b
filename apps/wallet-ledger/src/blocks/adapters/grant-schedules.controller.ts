import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { BLOCKS_RPC, type CreateGrantSchedule, type GrantScheduleView } from '@orbit/contracts';
import { GrantSchedules } from '../application/grant-schedules.js';
import { toKey } from '../../books/adapters/requests.js';
import { readSchedule } from './schedule-requests.js';

/** Grants that repeat, over Nest TCP. */
@Controller()
export class GrantSchedulesController {
  constructor(private readonly grantSchedules: GrantSchedules) {}

  @MessagePattern(BLOCKS_RPC.createSchedule)
  async create(request: CreateGrantSchedule): Promise<GrantScheduleView> {
    const key = toKey(request);
    const nowMs = await this.grantSchedules.nowMs(key);
    return this.grantSchedules.create(key, readSchedule(request, nowMs));
  }

  @MessagePattern(BLOCKS_RPC.listSchedules)
  list({ organization_id }: { organization_id: string }): Promise<GrantScheduleView[]> {
    return this.grantSchedules.list(organization_id);
  }

  @MessagePattern(BLOCKS_RPC.cancelSchedule)
  cancel(request: { organization_id: string; schedule_id: string }): Promise<GrantScheduleView> {
    return this.grantSchedules.cancel(request.organization_id, request.schedule_id);
  }
}
