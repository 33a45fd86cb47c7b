import { isLicensed, licenseTypeOf } from '../../licenses/domain/license-pools.js';
import type { Charge } from '../../timeline/domain/charges.js';
import type { Subscription, UsageAsk } from './subscription.js';

/** The questions to usage-metering for charges; fees ask nothing. */
export function asksOf(
  { customerId, licenses = [] }: Pick<Subscription, 'customerId' | 'licenses'>,
  charges: readonly Charge[],
): readonly UsageAsk[] {
  return charges.flatMap(({ key, terms, interval, startMs, endMs }): UsageAsk[] => {
    if (terms.kind !== 'usage' || terms.metricId === null) return [];
    const { id: intervalId, filter, usageCustomerIds } = interval;
    const customerIds = usageCustomerIds ?? [customerId];
    const { metricId, dimensions } = terms;
    const ask = { key, intervalId, customerIds, metricId, filter, dimensions, startMs, endMs };
    const type = licenseTypeOf(interval.price);
    const spans = licenses.filter(({ typeId }) => typeId === type?.id);
    return [
      type && spans.length > 0 && isLicensed(interval.price, type.id)
        ? { ...ask, licenses: { property: type.grouping_key, spans } }
        : ask,
    ];
  });
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A filter of usage-metering: events of which a property has this value. A plain name stands bare. */
export const isProperty = (name: string, value: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name)
    ? `${name} = ${quoted(value)}`
    : `properties->>${quoted(name)} = ${quoted(value)}`;
