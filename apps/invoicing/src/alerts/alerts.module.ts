import type { Provider } from '@nestjs/common';
import type { DueWork } from '@orbit/contracts';
import type { AccountClock, Clock } from '@orbit/kernel';
import { PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { instances, type BackgroundJob, type Feature } from '@orbit/runtime';
import type {
  BillingCatalogue,
  BillingCustomers,
  Subscriptions,
} from '../billing/domain/stores.js';
import { summaryOf } from '../orb-subscriptions/domain/subscription-view.js';
import { SqlPendingChanges } from '../orb-subscriptions/adapters/sql-pending-changes.js';
import { ShowSubscriptions } from '../orb-subscriptions/application/change-subscription.js';
import type { FactsIn } from '../webhooks/webhooks.module.js';
import { AlertsController } from './adapters/alerts.controller.js';
import { SqlAlertWatch } from './adapters/sql-alert-watch.js';
import { SqlAlerts } from './adapters/sql-alerts.js';
import { AlertNaming } from './application/alert-names.js';
import { CreateAlert } from './application/create-alert.js';
import { JudgeBalances } from './application/judge-balances.js';
import { JudgeSubscriptions } from './application/judge-subscriptions.js';
import type { AlertSubjects, AlertUsage, Balances } from './application/ports.js';
import { ServeAlerts } from './application/serve-alerts.js';

export const ALERT_CONTROLLERS = [AlertsController];

/** A crossing is reported within two seconds. */
const JUDGE_INTERVAL_MS = 1_000;

export interface AlertParts {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
  readonly subscriptions: Pick<Subscriptions, 'read'>;
  readonly customers: BillingCustomers;
  readonly catalogue: BillingCatalogue;
  readonly usage: AlertUsage;
  readonly balances: Balances;
  readonly factsIn: FactsIn;
}

/** Alerts: their operations, and the jobs that judge them. */
export class AlertsFeature implements Feature {
  readonly controllers = ALERT_CONTROLLERS;
  readonly providers: readonly Provider[];
  readonly jobs: readonly BackgroundJob[];
  readonly subscriptions: JudgeSubscriptions;
  readonly balances: JudgeBalances;
  private readonly watch: SqlAlertWatch;

  constructor(parts: AlertParts) {
    const { prisma, clock, accountClock, usage, balances, factsIn } = parts;
    const subjects = subjectsOf(parts);
    const alerts = new SqlAlerts(prisma, factsIn(prisma));
    const naming = new AlertNaming(alerts, subjects);
    const changes = new PrismaChanges(
      prisma,
      clock,
      'invoicing',
      (sql) => new SqlAlerts(sql, factsIn(sql)),
    );
    this.providers = instances(
      new CreateAlert(subjects, balances, naming, changes, accountClock, clock),
      new ServeAlerts(alerts, subjects, naming, changes, accountClock),
    );
    this.watch = new SqlAlertWatch(prisma, factsIn);
    this.subscriptions = new JudgeSubscriptions(this.watch, subjects, usage, accountClock);
    this.balances = new JudgeBalances(this.watch, balances, subjects);
    const job = (name: string, judge: { run(): Promise<number> }) => ({
      name,
      intervalMs: JUDGE_INTERVAL_MS,
      run: async () => void (await judge.run()),
    });
    this.jobs = [
      job('judge alerts', this.subscriptions),
      job('judge credit alerts', this.balances),
    ];
  }

  /** Alerts as the driver of accounts' clocks judges them: when periods end, and what happened on the way. */
  readonly dueWork: DueWork = {
    name: 'alerts',
    step: 'evaluate_alerts',
    nextDue: (accountId, untilMs) => this.watch.nextDue(accountId, untilMs),
    runDue: async (accountId) =>
      (await this.balances.run(accountId)) + (await this.subscriptions.run(accountId)),
  };
}

function subjectsOf({ prisma, subscriptions, customers, catalogue }: AlertParts): AlertSubjects {
  const show = new ShowSubscriptions();
  const pending = new SqlPendingChanges(prisma);
  return {
    subscription: (accountId, id) => subscriptions.read(accountId, id),
    customer: (accountId, name) => customers.find(accountId, name),
    plan: async (accountId, id, version) => {
      const plan = await catalogue.plan(accountId, { id }, version);
      const view = plan && (await catalogue.planView(accountId, plan.id, plan.version));
      if (!plan || !view) return null;
      const externalPlanId = (view['external_plan_id'] ?? null) as string | null;
      const metricIds = plan.prices.flatMap((price) => metricOf(price) ?? []);
      return { id: plan.id, externalPlanId, name: plan.name, version: plan.version, metricIds };
    },
    shown: async (subscription, nowMs) => {
      const whole = await show.one({ customers, catalogue, pending }, subscription, nowMs);
      return { whole, short: summaryOf(whole) };
    },
  };
}

const metricOf = (price: Readonly<Record<string, unknown>>): string | null =>
  (price['billable_metric'] as { id: string } | null | undefined)?.id ?? null;
