import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  OrbitError,
  USAGE_PERIOD_RPC,
  type ChannelQuantity,
  type UsageBucket,
  type UsagePeriod,
} from '@orbit/contracts';
import {
  faultOf,
  GRANULARITIES,
  type Granularity,
  type Period,
  type UsagePeriods,
} from '../application/read-usage-period.js';

export const USAGE_PERIODS = Symbol('UsagePeriods');

@Controller()
export class UsagePeriodController {
  constructor(@Inject(USAGE_PERIODS) private readonly periods: UsagePeriods) {}

  @MessagePattern(USAGE_PERIOD_RPC.total)
  async total(@Payload() request: UsagePeriod): Promise<readonly ChannelQuantity[]> {
    return this.periods.total(readPeriod(request));
  }

  @MessagePattern(USAGE_PERIOD_RPC.history)
  async history(
    @Payload() request: UsagePeriod & { readonly granularity: unknown },
  ): Promise<readonly UsageBucket[]> {
    const { granularity } = request;
    const isKnown = (GRANULARITIES as readonly unknown[]).includes(granularity);
    if (!isKnown) throw invalid('granularity', 'granularity is day or month');
    return this.periods.history(readPeriod(request), granularity as Granularity);
  }
}

function readPeriod({ organization_id: organizationId, from, to }: UsagePeriod): Period {
  const isText = typeof organizationId === 'string' && organizationId !== '';
  if (!isText) throw invalid('organization_id', 'organization_id is a text');
  const period = { organizationId, fromMs: Date.parse(from), toMs: Date.parse(to) };
  const fault = faultOf(period);
  if (fault !== null) throw invalid(fault, 'from and to are instants, in order');
  return period;
}

const invalid = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });
