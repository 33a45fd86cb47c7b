import type {
  DefinitionCheck,
  PreviewEvent,
  UsageAnswer,
  UsageDefinition,
  UsageWindow,
} from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import type { Groups } from './group-ports.js';
import type { Metrics, Prices } from './price-ports.js';

/** Usage-metering's counts. Errors: unavailable, timeout. */
export interface Metering {
  /** One each, in their order. */
  check(
    accountId: string,
    definitions: readonly UsageDefinition[],
  ): Promise<readonly DefinitionCheck[]>;
  /** Over stored events of these customers, or over the given ones, which are stored nowhere. */
  count(
    accountId: string,
    events: { readonly ofCustomer: string } | { readonly given: readonly PreviewEvent[] },
    definitions: readonly UsageDefinition[],
    window: UsageWindow,
  ): Promise<UsageAnswer>;
}

export type EvaluatedCustomerName = { readonly id: string } | { readonly externalId: string };

export interface EvaluatedCustomer {
  readonly id: string;
  readonly externalId: string | null;
  readonly timezone: string;
}

export interface EvaluationReads {
  /** Null: the account has none. */
  customer(accountId: string, name: EvaluatedCustomerName): Promise<EvaluatedCustomer | null>;
  hasItem(accountId: string, id: string): Promise<boolean>;
}

/** Everything an evaluation reads. */
export interface EvaluationParts {
  readonly prices: Prices;
  readonly groups: Groups;
  readonly metrics: Metrics;
  readonly metering: Metering;
  readonly reads: EvaluationReads;
  readonly clock: AccountClock;
}
