import type { UsageAsk, UsageByKey } from '../../billing/domain/subscription.js';
import { joinUsage, splitAsks } from '../domain/split-usage.js';

type AskLists = readonly (readonly UsageAsk[])[];

/** As billing asks for usage. Errors: unavailable, timeout. */
interface Source {
  read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey>;
  close(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey | null>;
  readAll(accountId: string, asks: AskLists): Promise<readonly UsageByKey[]>;
  closeAll(accountId: string, asks: AskLists): Promise<readonly UsageByKey[] | null>;
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

  async readAll(accountId: string, asks: AskLists): Promise<readonly UsageByKey[]> {
    return joined(asks, await this.source.readAll(accountId, asks.map(splitAsks)));
  }

  async closeAll(accountId: string, asks: AskLists): Promise<readonly UsageByKey[] | null> {
    const closed = await this.source.closeAll(accountId, asks.map(splitAsks));
    return closed && joined(asks, closed);
  }

  names(accountId: string, metricIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.source.names(accountId, metricIds);
  }
}

const joined = (asks: AskLists, usage: readonly UsageByKey[]): readonly UsageByKey[] =>
  asks.map((list, index) => joinUsage(list, usage[index] ?? new Map()));
