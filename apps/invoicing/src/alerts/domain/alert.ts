import type { Listed } from '@orbit/orb-api';

/** Of a customer's credit in one currency or unit. */
export const BALANCE_ALERT_TYPES = [
  'credit_balance_depleted',
  'credit_balance_dropped',
  'credit_balance_recovered',
] as const;
/** Of what a subscription uses or costs in its running billing period. */
export const SPEND_ALERT_TYPES = ['usage_exceeded', 'cost_exceeded', 'spend_exceeded'] as const;

export type BalanceAlertType = (typeof BALANCE_ALERT_TYPES)[number];
export type SpendAlertType = (typeof SPEND_ALERT_TYPES)[number];
export type AlertType = BalanceAlertType | SpendAlertType;

/** The object that an alert watches. A plan's alert watches every subscription to that version of it. */
export type AlertScope =
  | { readonly kind: 'customer'; readonly id: string }
  | { readonly kind: 'subscription'; readonly id: string }
  | { readonly kind: 'plan'; readonly id: string; readonly version: number };

export interface AlertPriceFilter {
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Other thresholds for the groups that it names; none: these groups are silent. */
export interface ThresholdOverride {
  /** The grouping keys that it binds; null: all of them, in their order. */
  readonly groupKeys: readonly string[] | null;
  readonly groupValues: readonly string[];
  readonly thresholds: readonly string[];
}

/** The terms of an alert; its thresholds are decimals, the least first. */
export interface AlertTerms {
  readonly type: AlertType;
  readonly thresholds: readonly string[];
  readonly currency: string | null;
  readonly metricId: string | null;
  readonly groupingKeys: readonly string[] | null;
  readonly priceFilters: readonly AlertPriceFilter[] | null;
  readonly overrides: readonly ThresholdOverride[] | null;
}

export interface Alert extends AlertTerms, Listed {
  readonly id: string;
  readonly accountId: string;
  readonly scope: AlertScope;
  readonly isEnabled: boolean;
}

export const isBalanceAlert = (type: AlertType): type is BalanceAlertType =>
  (BALANCE_ALERT_TYPES as readonly string[]).includes(type);

/**
 * Two alerts of one scope with the same name would say the same thing twice: there is one for costs, one for each
 * metric, one for spend in each currency under the same filters, and one of each kind for each currency's credit.
 */
export function subjectOf(terms: AlertTerms): string {
  const { type, currency, metricId, priceFilters } = terms;
  switch (type) {
    case 'usage_exceeded':
      return JSON.stringify([type, metricId]);
    case 'cost_exceeded':
      return JSON.stringify([type]);
    case 'spend_exceeded':
      return JSON.stringify([type, currency, canonical(priceFilters ?? [])]);
    default:
      return JSON.stringify([type, currency]);
  }
}

const canonical = (filters: readonly AlertPriceFilter[]): readonly string[] =>
  filters
    .map(({ field, operator, values }) => JSON.stringify([field, operator, [...values].sort()]))
    .sort();
