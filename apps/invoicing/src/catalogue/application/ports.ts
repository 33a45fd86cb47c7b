import type { PlanView } from '@orbit/contracts';

export interface Catalog {
  /** In the order in which they are offered. */
  listPlans(): Promise<readonly PlanView[]>;
}
