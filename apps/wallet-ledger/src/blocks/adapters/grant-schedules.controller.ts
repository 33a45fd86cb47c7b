import { Controller } from '@nestjs/common';
import {
  GRANT_SCHEDULES,
  type CreateGrantSchedule,
  type GrantScheduleRef,
  type GrantScheduleView,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { GrantSchedules } from '../application/grant-schedules.js';
import { scheduleTerms } from '../domain/schedule-terms.js';
import { toKey } from '../../books/adapters/requests.js';

/** Grants that repeat, over Nest TCP. */
@Controller()
export class GrantSchedulesController {
  constructor(private readonly grantSchedules: GrantSchedules) {}

  @Handles(GRANT_SCHEDULES.create)
  async create(request: CreateGrantSchedule): Promise<GrantScheduleView> {
    const key = toKey(request);
    const nowMs = await this.grantSchedules.nowMs(key);
    return this.grantSchedules.create(key, scheduleTerms(request, nowMs));
  }

  @Handles(GRANT_SCHEDULES.list)
  async list(request: { readonly organization_id: string }): Promise<GrantScheduleView[]> {
    return this.grantSchedules.list(request.organization_id);
  }

  @Handles(GRANT_SCHEDULES.cancel)
  async cancel(request: GrantScheduleRef): Promise<GrantScheduleView> {
    return this.grantSchedules.cancel(request.organization_id, request.schedule_id);
  }
}
