import type { UsageAsk, UsageByKey } from '../../billing/domain/subscription.js';
import { joinUsage, splitAsks } from '../domain/split-usage.js';

/** As billing asks for usage. Errors: unavailable, timeout. */
interface Source {
  read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey>;
  close(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey | null>;
  names(accountId: string, metricIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Usage of a source, that of licenses with the license that it is of. */
export class LicensedUsage implements Source {
  constructor(private readonly source: Source) {}

  async read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey> {
    return joinUsage(asks, await this.source.read(accountId, splitAsks(asks)));
  }

  async close(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey | null> {
    const closed = await this.source.close(accountId, splitAsks(asks));
    return closed && joinUsage(asks, closed);
  }

  names(accountId: string, metricIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.source.names(accountId, metricIds);
  }
}
