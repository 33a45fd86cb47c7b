import type { OrbRefusal } from '@orbit/orb-api';
import type { Evaluation } from '../domain/evaluation.js';
import { Faults, type Fields } from '../domain/faults.js';
import { readNewPrice } from '../domain/new-price.js';
import type { PriceDefinition } from '../domain/price.js';
import type { EvaluationParts } from './evaluation-ports.js';
import { missing, resolvePrice } from './resolve-price.js';

/** An evaluation, and how the answer names its price. */
export interface NamedEvaluation extends Evaluation {
  /** Before the names of its fields in refusals. */
  readonly field: string;
  readonly currency: string;
  readonly reference: Fields;
}

/** Reads one entry: its price by id, by external id or written out. Errors: metering's. */
export async function readEvaluation(
  parts: EvaluationParts,
  accountId: string,
  entry: Fields,
  at: { readonly field: string; readonly index: number },
): Promise<NamedEvaluation | OrbRefusal> {
  const faults = new Faults();
  const overrides = (entry['metric_parameter_overrides'] ?? {}) as Evaluation['parameters'];
  for (const [name, value] of Object.entries(overrides)) {
    if (['string', 'number', 'boolean'].includes(typeof value)) continue;
    faults.add(
      `${at.field}metric_parameter_overrides.${name}`,
      'must be a text, number or boolean',
    );
  }
  const found = await priceOf(parts, accountId, entry, at);
  if ('code' in found) return found;
  const { price, reference } = found;
  if (price.priceType === 'composite_price') {
    const detail = `${at.field}price_id: a ${price.modelType} price stands on other prices, so nothing can be evaluated.`;
    return { code: 'constraint_violation', detail };
  }
  const filter = entry['filter'] ?? null;
  if (filter === '') faults.add(`${at.field}filter`, 'must not be empty');
  const fault = faults.refusal();
  if (fault) return fault;
  return {
    field: at.field,
    price,
    reference,
    currency: price.currency,
    filter: filter as string | null,
    groupingKeys: [...new Set((entry['grouping_keys'] ?? []) as readonly string[])],
    parameters: overrides,
  };
}

const NAMES = ['price_id', 'external_price_id', 'price'] as const;

async function priceOf(
  parts: EvaluationParts,
  accountId: string,
  entry: Fields,
  { field, index }: { readonly field: string; readonly index: number },
): Promise<{ price: PriceDefinition; reference: Fields } | OrbRefusal> {
  const given = NAMES.filter((name) => (entry[name] ?? null) !== null);
  const [name] = given;
  if (name === undefined || given.length > 1) {
    const sentence = `${field}price_id is required: it, external_price_id or price, one of them`;
    return { code: 'request_validation_errors', detail: sentence, validationErrors: [sentence] };
  }
  if (name === 'price') {
    const price = await inlinePrice(parts, accountId, entry['price'] as Fields, `${field}price`);
    return 'code' in price ? price : { price, reference: { inline_price_index: index } };
  }
  const id = String(entry[name]);
  const found = await parts.prices.read(
    accountId,
    name === 'price_id' ? { id } : { externalId: id },
  );
  return found
    ? { price: found, reference: { price_id: found.id, external_price_id: found.externalPriceId } }
    : missing(`${field}${name}`, 'price', id);
}

/** A price that is written out in the request: checked as one that is made, and kept nowhere. */
async function inlinePrice(
  { groups, metrics, reads }: EvaluationParts,
  accountId: string,
  body: Fields,
  field: string,
): Promise<PriceDefinition | OrbRefusal> {
  const faults = new Faults(field);
  const draft = readNewPrice(body, faults, null);
  const fault = faults.refusal();
  if (fault || !draft) return fault ?? missing(field, 'price', '');
  const { metricId, itemId } = draft.references;
  const known = metricId === null ? [] : await metrics.read(accountId, [metricId]);
  const item = { id: itemId, name: '', isArchived: false };
  const resolution = await resolvePrice(
    {
      item: async () => ((await reads.hasItem(accountId, itemId)) ? item : null),
      licenseType: async (_account, id) => ({ id, name: '', grouping_key: '' }),
      group: (account, name) => groups.read(account, name),
    },
    known,
    accountId,
    draft,
    `${field}.`,
  );
  if (!resolution.ok) return resolution.refusal;
  const { dimensional, licenseType } = resolution.resolved;
  return { ...draft.definition, dimensional, licenseType, replacesPriceId: null };
}
