import {
  METERED,
  rpcClient,
  type Client,
  type DefinitionCheck,
  type MetricSummary,
  type PreviewEvent,
  type Transport,
  type UsageAnswer,
  type UsageDefinition,
  type UsageWindow,
} from '@orbit/contracts';
import type { Metering } from '../application/evaluation-ports.js';
import type { Metrics } from '../application/price-ports.js';

/** Metrics and what they count, as usage-metering answers. */
export class RpcMetrics implements Metrics, Metering {
  private readonly metering: Client<typeof METERED>;

  constructor(transport: Transport) {
    this.metering = rpcClient(METERED, transport);
  }

  read(accountId: string, ids: readonly string[]): Promise<readonly MetricSummary[]> {
    return this.metering.metrics({ account_id: accountId, metric_ids: ids });
  }

  check(
    accountId: string,
    definitions: readonly UsageDefinition[],
  ): Promise<readonly DefinitionCheck[]> {
    return this.metering.check({ account_id: accountId, definitions });
  }

  count(
    accountId: string,
    events: { readonly ofCustomer: string } | { readonly given: readonly PreviewEvent[] },
    definitions: readonly UsageDefinition[],
    window: UsageWindow,
  ): Promise<UsageAnswer> {
    const question = { account_id: accountId, definitions, windows: [window] };
    return 'given' in events
      ? this.metering.preview({ ...question, events: events.given })
      : this.metering.usage({ ...question, customer_ids: [events.ofCustomer] });
  }
}
