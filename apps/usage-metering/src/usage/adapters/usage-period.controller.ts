import { Controller, Inject } from '@nestjs/common';
import {
  OrbitError,
  USAGE_PERIODS as CONTRACT,
  type ChannelQuantity,
  type UsageBucket,
  type UsageHistoryRequest,
  type UsagePeriod,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { faultOf, type Period, type UsagePeriods } from '../application/read-usage-period.js';

export const USAGE_PERIODS = Symbol('UsagePeriods');

/** Usage between two instants, over Nest TCP. */
@Controller()
export class UsagePeriodController {
  constructor(@Inject(USAGE_PERIODS) private readonly periods: UsagePeriods) {}

  @Handles(CONTRACT.total)
  async total(request: UsagePeriod): Promise<readonly ChannelQuantity[]> {
    return this.periods.total(readPeriod(request));
  }

  @Handles(CONTRACT.history)
  async history(request: UsageHistoryRequest): Promise<readonly UsageBucket[]> {
    return this.periods.history(readPeriod(request), request.granularity);
  }
}

function readPeriod({ organization_id: organizationId, from, to }: UsagePeriod): Period {
  const period = { organizationId, fromMs: Date.parse(from), toMs: Date.parse(to) };
  const fault = faultOf(period);
  if (fault === null) return period;
  const message = 'from and to are instants, in order';
  throw new OrbitError('invalid_field', message, { param: fault });
}
