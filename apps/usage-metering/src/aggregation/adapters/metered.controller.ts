import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  METERED_RPC,
  type CloseAll,
  type ClosedUsage,
  type CloseUsage,
  type ClosingRow,
  type CustomerUsageVersions,
  type DefinitionCheck,
  type MetricSummary,
  type PreviewUsage,
  type UsageAnswer,
  type UsageDefinition,
  type UsageOfAll,
  type UsageQuery,
} from '@orbit/contracts';
import { CloseWindows } from '../application/close-usage.js';
import { CountUsage } from '../application/count-usage.js';
import { ReadVersions } from '../application/read-versions.js';

/** Counted usage, for the questions of invoicing. */
@Controller()
export class MeteredController {
  constructor(
    private readonly counting: CountUsage,
    private readonly closing: CloseWindows,
    private readonly versionsOf: ReadVersions,
  ) {}

  @MessagePattern(METERED_RPC.metrics)
  metrics(
    @Payload() asked: { account_id: string; metric_ids: readonly string[] },
  ): Promise<readonly MetricSummary[]> {
    return this.counting.readMetrics(asked.account_id, asked.metric_ids);
  }

  @MessagePattern(METERED_RPC.check)
  check(
    @Payload() asked: { account_id: string; definitions: readonly UsageDefinition[] },
  ): Promise<readonly DefinitionCheck[]> {
    return this.counting.check(asked.account_id, asked.definitions);
  }

  @MessagePattern(METERED_RPC.usage)
  usage(@Payload() query: UsageQuery): Promise<UsageAnswer> {
    return this.counting.usage(query);
  }

  @MessagePattern(METERED_RPC.usageOfAll)
  usageOfAll(@Payload() asked: UsageOfAll): Promise<readonly UsageAnswer[]> {
    return this.counting.usageOfAll(asked);
  }

  @MessagePattern(METERED_RPC.preview)
  preview(@Payload() query: PreviewUsage): Promise<UsageAnswer> {
    return this.counting.preview(query);
  }

  @MessagePattern(METERED_RPC.close)
  close(@Payload() request: CloseUsage): Promise<ClosedUsage> {
    return this.closing.run(request);
  }

  @MessagePattern(METERED_RPC.closeAll)
  closeAll(@Payload() request: CloseAll): Promise<readonly ClosedUsage[]> {
    return this.closing.runAll(request);
  }

  @MessagePattern(METERED_RPC.closings)
  closings(
    @Payload() asked: { account_id: string; interval_id: string },
  ): Promise<readonly ClosingRow[]> {
    return this.closing.read(asked.account_id, asked.interval_id);
  }

  @MessagePattern(METERED_RPC.versions)
  versions(
    @Payload() asked: { account_id: string; customer_ids: readonly string[] },
  ): Promise<CustomerUsageVersions> {
    return this.versionsOf.run(asked.account_id, asked.customer_ids);
  }
}
