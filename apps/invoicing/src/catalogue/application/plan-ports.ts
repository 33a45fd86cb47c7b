import type { CreatedBetween, Listed, PageQuery } from '@orbit/orb-api';
import type { CatalogueName } from './catalogue-name.js';
import type { CataloguePlan, PlanVersion } from '../domain/catalogue-plan.js';
import type { PriceTransaction } from './price-ports.js';

/** A plan with the content of its default version. */
export interface PlanWithVersion {
  readonly plan: CataloguePlan;
  readonly version: PlanVersion;
}

export interface PlanQuery extends PageQuery {
  readonly status: string | null;
  readonly created: CreatedBetween;
}

/** Subscriptions of a plan on their way to another version. */
export interface PlanMigration extends Listed {
  readonly id: string;
  readonly planId: string;
  readonly effectiveTime: string | null;
  readonly status: 'not_started' | 'in_progress' | 'completed' | 'action_needed' | 'canceled';
}

export interface Plans {
  /** By external id active before archived ones, then the newest. */
  read(accountId: string, name: CatalogueName): Promise<PlanWithVersion | null>;
  readVersion(accountId: string, name: CatalogueName, version: number): Promise<PlanVersion | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: PlanQuery): Promise<readonly (PlanWithVersion & Listed)[]>;
  /** Newest first, one more than the limit where there are more. Null: no such plan. */
  listMigrations(planId: string, query: PageQuery): Promise<readonly PlanMigration[] | null>;
  readMigration(accountId: string, planId: string, id: string): Promise<PlanMigration | null>;
}

/** Of a version that is not stored yet: which prices it has, in order. */
export interface PlanPriceLink {
  readonly priceId: string;
  readonly phaseOrder: number | null;
}

export interface PlanTransaction extends PriceTransaction {
  /** Nobody else changes the plan or adds a version until the transaction ends. */
  lockPlan(accountId: string, name: CatalogueName): Promise<PlanWithVersion | null>;
  latestVersion(accountId: string, planId: string): Promise<number>;
  readVersion(accountId: string, planId: string, version: number): Promise<PlanVersion | null>;
  hasVersion(accountId: string, planId: string, version: number): Promise<boolean>;
  /** Whether a plan, but `exceptId`, that is not archived has this external id. */
  isPlanIdTaken(accountId: string, externalPlanId: string, exceptId: string): Promise<boolean>;
  /** Those of these external ids that prices have. */
  takenPriceIds(accountId: string, externalIds: readonly string[]): Promise<readonly string[]>;
  /** False: another plan has its external id meanwhile. */
  insertPlan(accountId: string, plan: CataloguePlan): Promise<boolean>;
  insertVersion(
    accountId: string,
    version: Omit<PlanVersion, 'prices'>,
    prices: readonly PlanPriceLink[],
  ): Promise<void>;
  /** False: another plan has its external id meanwhile. */
  savePlan(accountId: string, plan: CataloguePlan): Promise<boolean>;
  /** Of allocations that name none: the account's one for this unit; made where there is none. */
  allocationItem(
    accountId: string,
    currency: string,
    times: { readonly nowMs: number; readonly idMs: number },
  ): Promise<{ id: string; name: string }>;
  lockMigration(accountId: string, planId: string, id: string): Promise<PlanMigration | null>;
  cancelMigration(accountId: string, id: string): Promise<void>;
}
