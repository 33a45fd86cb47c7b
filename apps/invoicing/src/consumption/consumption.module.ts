import type { AccountClock } from '@orbit/kernel';
import { instances, type Feature } from '@orbit/runtime';
import { ConsumptionController } from './adapters/consumption.controller.js';
import { ServeCosts } from './application/serve-costs.js';
import { ServeUsage } from './application/serve-usage.js';

type Costs = ConstructorParameters<typeof ServeCosts>;

export interface ConsumptionParts {
  readonly subscriptions: Costs[0] & ConstructorParameters<typeof ServeUsage>[0];
  readonly customers: Costs[1];
  readonly usage: Costs[2];
  readonly accountClock: AccountClock;
}

/** Customers' usage and its cost until now. */
export function consumptionFeature(parts: ConsumptionParts): Feature {
  const { subscriptions, customers, usage, accountClock } = parts;
  return {
    controllers: [ConsumptionController],
    providers: instances(
      new ServeUsage(subscriptions, usage, accountClock),
      new ServeCosts(subscriptions, customers, usage, accountClock),
    ),
  };
}
