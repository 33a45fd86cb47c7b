import type { MetricSummary } from '@orbit/contracts';
import { notFound, type OrbRefusal } from '@orbit/orb-api';
import type { PriceDraft } from '../domain/new-price.js';
import type { Dimensional, LicenseTypeRef, Price } from '../domain/price.js';
import type { PriceLookups } from './price-ports.js';

/** The resolved references of a draft. */
export interface ResolvedPrice {
  readonly item: Price['item'];
  readonly dimensional: Dimensional | null;
  readonly licenseType: LicenseTypeRef | null;
}

type Resolution =
  | { readonly ok: true; readonly resolved: ResolvedPrice }
  | { readonly ok: false; readonly refusal: OrbRefusal };

const refuse = (refusal: OrbRefusal): Resolution => ({ ok: false, refusal });
const violates = (detail: string): Resolution => refuse({ code: 'constraint_violation', detail });

/**
 * Looks up what a new price names. `field` stands before the names of fields in refusals: `prices[0].price.`. Another
 * account's ids are not found.
 */
export async function resolvePrice(
  lookups: PriceLookups,
  metrics: readonly MetricSummary[],
  accountId: string,
  { references }: PriceDraft,
  field = '',
): Promise<Resolution> {
  const { itemId, metricId, licenseTypeId, dimensional } = references;
  const item = await lookups.item(accountId, itemId);
  if (!item) return refuse(missing(`${field}item_id`, 'item', itemId));
  if (item.isArchived) return violates(`${field}item_id: item ${itemId} is archived.`);
  const metric = metrics.find(({ id }) => id === metricId);
  if (metricId !== null && !metric) {
    return refuse(missing(`${field}billable_metric_id`, 'metric', metricId));
  }
  if (metric?.status === 'archived') {
    return violates(`${field}billable_metric_id: metric ${metric.id} is archived.`);
  }
  const licenseType =
    licenseTypeId === null ? null : await lookups.licenseType(accountId, licenseTypeId);
  if (licenseTypeId !== null && !licenseType) {
    return refuse(missing(`${field}license_type_id`, 'license type', licenseTypeId));
  }
  const resolved = { item: { id: item.id, name: item.name }, licenseType, dimensional: null };
  if (!dimensional) return { ok: true, resolved };
  const group = await resolveGroup(lookups, accountId, references, `${field}${DIMENSIONAL}.`);
  return 'code' in group
    ? refuse(group)
    : { ok: true, resolved: { ...resolved, dimensional: group } };
}

const DIMENSIONAL = 'dimensional_price_configuration';

async function resolveGroup(
  lookups: PriceLookups,
  accountId: string,
  { dimensional, metricId }: PriceDraft['references'],
  field: string,
): Promise<Dimensional | OrbRefusal> {
  const { groupId = null, externalGroupId = null, values = [] } = dimensional ?? {};
  const group =
    groupId === null
      ? await lookups.group(accountId, { externalId: externalGroupId ?? '' })
      : await lookups.group(accountId, { id: groupId });
  if (!group) {
    const name = groupId ?? externalGroupId ?? '';
    return missing(`${field}dimensional_price_group_id`, 'dimensional price group', name);
  }
  const { dimensions } = group;
  if (group.metricId !== metricId) {
    const detail = `${field}dimensional_price_group_id: the group is of metric ${group.metricId}.`;
    return { code: 'constraint_violation', detail };
  }
  if (values.length !== dimensions.length) {
    const sentence = `${field}dimension_values must have ${String(dimensions.length)} values: ${dimensions.join(', ')}`;
    const validationErrors = [sentence];
    return { code: 'request_validation_errors', detail: sentence, validationErrors };
  }
  return { groupId: group.id, dimensions, values };
}

/** The refusal of a name in a body, which says in which field it stood. */
export function missing(field: string, resource: string, id: string): OrbRefusal {
  const refusal = notFound(resource, id);
  return { ...refusal, detail: `${field}: ${refusal.detail}` };
}
