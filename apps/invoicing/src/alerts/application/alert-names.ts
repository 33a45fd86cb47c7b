import type { Decimal } from '@orbit/pricing';
import { isBalanceAlert, type Alert } from '../domain/alert.js';
import type { AlertNames } from '../domain/alert-view.js';
import type { Alerts, AlertSubjects } from './ports.js';

/** Reads what alerts show of the things that they name. Errors: the database's own. */
export class AlertNaming {
  constructor(
    private readonly alerts: Pick<Alerts, 'seenBalance'>,
    private readonly subjects: AlertSubjects,
  ) {}

  /** `subscriptionId`: for which a plan's alert is shown. */
  async of(alert: Alert, subscriptionId: string | null = null): Promise<AlertNames> {
    const { accountId, scope } = alert;
    if (scope.kind === 'customer') {
      return {
        customer: await this.subjects.customer(accountId, { id: scope.id }),
        plan: null,
        subscriptionId: null,
        balance: await this.balanceOf(alert, scope.id),
      };
    }
    const isPlan = scope.kind === 'plan';
    return {
      customer: null,
      plan: isPlan ? await this.subjects.plan(accountId, scope.id, scope.version) : null,
      subscriptionId: isPlan ? subscriptionId : scope.id,
      balance: null,
    };
  }

  private async balanceOf({ type, currency }: Alert, customerId: string): Promise<Decimal | null> {
    if (!isBalanceAlert(type) || currency === null) return null;
    return this.alerts.seenBalance({ customerId, currency });
  }
}
