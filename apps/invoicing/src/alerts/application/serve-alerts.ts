import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import {
  answered,
  createdBetween,
  invalid,
  noContent,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { Faults } from '../../catalogue/domain/faults.js';
import { planAt } from '../../timeline/domain/position.js';
import { isBalanceAlert, type Alert } from '../domain/alert.js';
import { toAlert } from '../domain/alert-view.js';
import { readAlertUpdate } from '../domain/read-alert.js';
import type { AlertNaming } from './alert-names.js';
import type { AlertListQuery, Alerts, AlertSubjects, AlertTransaction } from './ports.js';

const LIST = 'list-alerts';

/** The operations of alerts that are there. Errors: the database's own; refusals are answers. */
export class ServeAlerts {
  constructor(
    private readonly alerts: Alerts,
    private readonly subjects: AlertSubjects,
    private readonly naming: AlertNaming,
    private readonly changes: Changes<AlertTransaction>,
    private readonly clock: AccountClock,
  ) {}

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const alert = await this.alerts.read(call.account.id, idOf(call));
    return alert ? answered(200, toAlert(alert, await this.naming.of(alert))) : missing(call);
  }

  /** Of a customer, or of a subscription together with those of its plan. */
  async list(call: OrbCall): Promise<OrbAnswer> {
    const page = pageQueryOf(LIST, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const created = createdBetween(call.query, call.account.timezone);
    if ('fault' in created) return invalid(created.fault);
    const of = await this.scopeOf(call);
    if ('status' in of) return of;
    const rows = await this.alerts.list({ ...page, created, of });
    const subscriptionId = 'subscriptionId' in of ? of.subscriptionId : null;
    const shown = new Map<Alert, unknown>();
    for (const alert of rows) shown.set(alert, await this.shown(alert, subscriptionId));
    return pageOf(LIST, call, page, rows, (row) => shown.get(row));
  }

  update(call: OrbCall): Promise<OrbAnswer> {
    return this.change(call, (alert) => {
      const faults = new Faults();
      const terms = readAlertUpdate(alert, call.body, faults);
      const fault = faults.refusal();
      return fault ? refused(fault) : { ...alert, ...terms };
    });
  }

  enable(call: OrbCall): Promise<OrbAnswer> {
    return this.switch(call, true);
  }

  disable(call: OrbCall): Promise<OrbAnswer> {
    return this.switch(call, false);
  }

  /** A plan's alert is disabled instead. */
  delete(call: OrbCall): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const alert = await tx.lock(call.account.id, idOf(call));
      if (!alert) return missing(call);
      if (alert.scope.kind === 'plan') {
        const detail =
          'alert_configuration_id: an alert of a plan cannot be deleted. Disable it: POST /v1/alerts/{id}/disable.';
        return refused({ code: 'constraint_violation', detail });
      }
      await tx.delete(alert, new Date(await this.clock.nowMs(call.account.id)));
      return noContent;
    });
  }

  private switch(call: OrbCall, isEnabled: boolean): Promise<OrbAnswer> {
    const subscriptionId = call.query['subscription_id'];
    if (typeof subscriptionId === 'string') return this.silence(call, subscriptionId, !isEnabled);
    return this.change(call, (alert) => ({ ...alert, isEnabled }));
  }

  /** A plan's alert for one subscription. */
  private silence(call: OrbCall, subscriptionId: string, isSilent: boolean): Promise<OrbAnswer> {
    const accountId = call.account.id;
    return this.changes.run(call, async (tx) => {
      const alert = await tx.lock(accountId, idOf(call));
      if (!alert) return missing(call);
      const subscription = await this.subjects.subscription(accountId, subscriptionId);
      if (!subscription) return refused(notFound('subscription', subscriptionId));
      const { scope } = alert;
      if (scope.kind === 'subscription' && scope.id === subscriptionId) {
        return this.saved(tx, { ...alert, isEnabled: !isSilent });
      }
      const isOf =
        scope.kind === 'plan' &&
        subscription.timeline.plans.some(
          (span) => span.planId === scope.id && span.version === scope.version,
        );
      if (!isOf) {
        const detail = `subscription_id: alert ${alert.id} does not watch subscription ${subscriptionId}.`;
        return refused({ code: 'constraint_violation', detail });
      }
      await tx.setSilent(alert.id, subscriptionId, isSilent);
      await tx.judgeAgain({ accountId, scope: { kind: 'subscription', id: subscriptionId } });
      const shown = { ...alert, isEnabled: alert.isEnabled && !isSilent };
      return answered(200, toAlert(shown, await this.naming.of(shown, subscriptionId)));
    });
  }

  private change(call: OrbCall, to: (alert: Alert) => Alert | OrbAnswer): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const alert = await tx.lock(call.account.id, idOf(call));
      if (!alert) return missing(call);
      const changed = to(alert);
      return 'scope' in changed ? this.saved(tx, changed) : changed;
    });
  }

  private async saved(tx: AlertTransaction, alert: Alert): Promise<OrbAnswer> {
    if ((await tx.save(alert)) === 'duplicate') {
      const detail = 'price_filters: another alert watches the same prices in the same currency.';
      return refused({ code: 'duplicate_resource_creation', detail });
    }
    if (!isBalanceAlert(alert.type)) await tx.judgeAgain(alert);
    return answered(200, toAlert(alert, await this.naming.of(alert)));
  }

  private async shown(alert: Alert, subscriptionId: string | null): Promise<unknown> {
    if (alert.scope.kind !== 'plan' || subscriptionId === null) {
      return toAlert(alert, await this.naming.of(alert));
    }
    const isSilent = await this.alerts.isSilent(alert.id, subscriptionId);
    const seen = { ...alert, isEnabled: alert.isEnabled && !isSilent };
    return toAlert(seen, await this.naming.of(seen, subscriptionId));
  }

  /** An answer: what is wrong with the question. */
  private async scopeOf({ account, query }: OrbCall): Promise<AlertListQuery['of'] | OrbAnswer> {
    const { subscription_id: id, customer_id: own, external_customer_id: external } = query;
    const given = [id, own, external].filter((each) => typeof each === 'string');
    const [name] = given;
    if (name === undefined || given.length > 1) {
      return invalid(
        'customer_id: give exactly one of customer_id, external_customer_id and subscription_id',
      );
    }
    if (name !== id) {
      const by = name === own ? { id: name } : { externalCustomerId: name };
      const customer = await this.subjects.customer(account.id, by);
      return customer ? { customerId: customer.id } : refused(notFound('customer', name));
    }
    const subscription = await this.subjects.subscription(account.id, name);
    if (!subscription) return refused(notFound('subscription', name));
    const span = planAt(subscription.timeline, await this.clock.nowMs(account.id));
    const plan = span && { id: span.planId, version: span.version };
    return { subscriptionId: subscription.id, plan };
  }
}

const idOf = ({ path }: OrbCall): string =>
  path['alert_id'] ?? path['alert_configuration_id'] ?? '';

const missing = (call: OrbCall): OrbAnswer => refused(notFound('alert', idOf(call)));
