import {
  METERED_RPC,
  type DefinitionCheck,
  type MetricSummary,
  type PreviewEvent,
  type UsageAnswer,
  type UsageDefinition,
  type UsageWindow,
} from '@orbit/contracts';
import type { RpcClient } from '@orbit/runtime';
import type { Metering } from '../application/evaluation-ports.js';
import type { Metrics } from '../application/price-ports.js';

/** Metrics and what they count, as usage-metering answers. */
export class RpcMetrics implements Metrics, Metering {
  constructor(private readonly metering: Pick<RpcClient, 'call'>) {}

  read(accountId: string, ids: readonly string[]): Promise<readonly MetricSummary[]> {
    const question = { account_id: accountId, metric_ids: ids };
    return this.metering.call<readonly MetricSummary[]>(METERED_RPC.metrics, question);
  }

  check(
    accountId: string,
    definitions: readonly UsageDefinition[],
  ): Promise<readonly DefinitionCheck[]> {
    const question = { account_id: accountId, definitions };
    return this.metering.call<readonly DefinitionCheck[]>(METERED_RPC.check, question);
  }

  count(
    accountId: string,
    events: { readonly ofCustomer: string } | { readonly given: readonly PreviewEvent[] },
    definitions: readonly UsageDefinition[],
    window: UsageWindow,
  ): Promise<UsageAnswer> {
    const question = { account_id: accountId, definitions, windows: [window] };
    return 'given' in events
      ? this.metering.call<UsageAnswer>(METERED_RPC.preview, { ...question, events: events.given })
      : this.metering.call<UsageAnswer>(METERED_RPC.usage, {
          ...question,
          customer_ids: [events.ofCustomer],
        });
  }
}
