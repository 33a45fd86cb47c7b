import { METERED_RPC, type MetricSummary } from '@orbit/contracts';
import type { RpcClient } from '@orbit/runtime';
import type { Metrics } from '../application/price-ports.js';

/** Metrics as usage-metering answers them. */
export class RpcMetrics implements Metrics {
  constructor(private readonly metering: Pick<RpcClient, 'call'>) {}

  read(accountId: string, ids: readonly string[]): Promise<readonly MetricSummary[]> {
    const question = { account_id: accountId, metric_ids: ids };
    return this.metering.call<readonly MetricSummary[]>(METERED_RPC.metrics, question);
  }
}
