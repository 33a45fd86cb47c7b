import { decimal, type Decimal } from '@orbit/pricing';
import { isInAlert } from './crossing.js';
import { isBalanceAlert, type Alert, type AlertType } from './alert.js';

type Fields = Readonly<Record<string, unknown>>;

/** Names of the things that an alert refers to; each is null where it refers to none. */
export interface AlertNames {
  readonly customer: { readonly id: string; readonly externalCustomerId: string | null } | null;
  readonly plan: {
    readonly id: string;
    readonly externalPlanId: string | null;
    readonly name: string;
  } | null;
  /** The subscription for which a plan's alert is shown, or the alert's own. */
  readonly subscriptionId: string | null;
  /** Of a credit alert, as it was last seen. */
  readonly balance: Decimal | null;
}

/** Answers have numbers where webhooks have text. */
type ShowAmount = (amount: string) => number | string;
const asNumber: ShowAmount = (amount) => Number(amount);
const asText: ShowAmount = (amount) => amount;

/** An alert as the contract's answers show it. */
export const toAlert = (alert: Alert, names: AlertNames): Fields => show(alert, names, asNumber);

/** An alert as webhooks carry it: `properties.alert_configuration`. */
export const toConfiguration = (alert: Alert, names: AlertNames): Fields =>
  show(alert, names, asText);

function show(alert: Alert, names: AlertNames, print: ShowAmount): Fields {
  const { customer, plan, subscriptionId } = names;
  const { type, thresholds, metricId, groupingKeys, priceFilters, overrides } = alert;
  const isListed = !isBalanceAlert(type) || type === 'credit_balance_dropped';
  const lines = (values: readonly string[]): readonly Fields[] =>
    values.map((value) => ({ value: print(value) }));
  return {
    id: alert.id,
    type,
    enabled: alert.isEnabled,
    created_at: alert.createdAt.toISOString(),
    thresholds: isListed ? lines(thresholds) : null,
    currency: alert.currency,
    customer: customer && { id: customer.id, external_customer_id: customer.externalCustomerId },
    plan: plan && {
      ...{ id: plan.id, external_plan_id: plan.externalPlanId, name: plan.name },
      plan_version: alert.scope.kind === 'plan' ? String(alert.scope.version) : '',
    },
    subscription: subscriptionId === null ? null : { id: subscriptionId },
    metric: metricId === null ? null : { id: metricId },
    ...(groupingKeys && { grouping_keys: groupingKeys }),
    ...(priceFilters && { price_filters: priceFilters }),
    ...(overrides && {
      threshold_overrides: overrides.map((override) => ({
        group_keys: override.groupKeys,
        group_values: override.groupValues,
        thresholds: lines(override.thresholds),
      })),
    }),
    ...balanceStatus(type, thresholds, names.balance, print),
  };
}

function balanceStatus(
  type: AlertType,
  thresholds: readonly string[],
  balance: Decimal | null,
  print: ShowAmount,
): Fields {
  if (!isBalanceAlert(type)) return {};
  const lines = type === 'credit_balance_dropped' ? thresholds : ['0'];
  return {
    balance_alert_status: lines.map((line) => ({
      threshold_value: print(line),
      in_alert: isInAlert(type, line, balance ?? decimal('0')),
    })),
  };
}
