import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { instances, type Feature, type RpcClient } from '@orbit/runtime';
import { MetricsController } from './adapters/metrics.controller.js';
import { parseWithPostgres } from './adapters/parse-with-postgres.js';
import { PrismaMetrics, SqlMetrics } from './adapters/prisma-metrics.js';
import { RpcItems } from './adapters/rpc-items.js';
import { ServeMetrics } from './application/serve-metrics.js';

export interface MetricsParts {
  readonly prisma: PrismaClient;
  readonly invoicing: Pick<RpcClient, 'call'>;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
}

/** Metrics of accounts. */
export function metricsFeature(parts: MetricsParts): Feature {
  const { prisma, invoicing, clock, accountClock } = parts;
  const metrics = new PrismaMetrics(prisma);
  const changes = new PrismaChanges(prisma, clock, 'usage_metering', (sql) => new SqlMetrics(sql));
  const items = new RpcItems(invoicing);
  const serve = new ServeMetrics(metrics, changes, items, parseWithPostgres, accountClock);
  return { controllers: [MetricsController], providers: instances(serve) };
}
