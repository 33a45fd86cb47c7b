import { Controller, Inject } from '@nestjs/common';
import {
  METERED,
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
import { Handles } from '@orbit/runtime';
import { CloseWindows } from '../application/close-usage.js';
import { CountUsage } from '../application/count-usage.js';
import { USAGE_VERSIONS, type UsageVersions } from '../application/ports.js';

/** Counted usage, for the questions of invoicing. */
@Controller()
export class MeteredController {
  constructor(
    private readonly counting: CountUsage,
    private readonly closing: CloseWindows,
    @Inject(USAGE_VERSIONS) private readonly changed: UsageVersions,
  ) {}

  @Handles(METERED.metrics)
  metrics(asked: {
    readonly account_id: string;
    readonly metric_ids: readonly string[];
  }): Promise<readonly MetricSummary[]> {
    return this.counting.readMetrics(asked.account_id, asked.metric_ids);
  }

  @Handles(METERED.check)
  check(asked: {
    readonly account_id: string;
    readonly definitions: readonly UsageDefinition[];
  }): Promise<readonly DefinitionCheck[]> {
    return this.counting.check(asked.account_id, asked.definitions);
  }

  @Handles(METERED.usage)
  usage(query: UsageQuery): Promise<UsageAnswer> {
    return this.counting.usage(query);
  }

  @Handles(METERED.usageOfAll)
  usageOfAll(asked: UsageOfAll): Promise<readonly UsageAnswer[]> {
    return this.counting.usageOfAll(asked);
  }

  @Handles(METERED.preview)
  preview(query: PreviewUsage): Promise<UsageAnswer> {
    return this.counting.preview(query);
  }

  @Handles(METERED.close)
  close(request: CloseUsage): Promise<ClosedUsage> {
    return this.closing.run(request);
  }

  @Handles(METERED.closeAll)
  closeAll(request: CloseAll): Promise<readonly ClosedUsage[]> {
    return this.closing.runAll(request);
  }

  @Handles(METERED.closings)
  closings(asked: {
    readonly account_id: string;
    readonly interval_id: string;
  }): Promise<readonly ClosingRow[]> {
    return this.closing.read(asked.account_id, asked.interval_id);
  }

  @Handles(METERED.versions)
  versions(asked: {
    readonly account_id: string;
    readonly customer_ids: readonly string[];
  }): Promise<CustomerUsageVersions> {
    return this.changed.read(asked.account_id, asked.customer_ids);
  }
}
