import { Decimal, parseDecimal, sumOf } from './decimal.js';
import { FULL_PERIOD, type PriceModel } from './model.js';
import { isModelType, readPrice, type ModelType } from './price.js';
import { usageOf } from './usage.js';

/** A fault in a rate card or a quantity, and its place: `prices.chat.dimensions.input.unit_config.unit_amount`. */
export interface CardFault {
  readonly path: string;
  readonly message: string;
}

/** A price of a rate card: rates one charge by its quantity, or by its quantities per dimension. */
export interface CardPrice {
  readonly currency: string;
  readonly channel: string;
  /** By dimension; the one key '' of a price that has none. */
  readonly models: ReadonlyMap<string, PriceModel>;
  /** Of what the operator pays upstream, in the same currency; by dimension as well. */
  readonly cost: ReadonlyMap<string, PriceModel> | null;
}

export type CardPrices = ReadonlyMap<string, CardPrice>;

/** By dimension, or '' for a price without any. */
export type Quantities = Readonly<Record<string, Decimal>>;

/** Exact cost of a charge. */
export interface RatedCharge {
  readonly amount: Decimal;
  /** Null: the price names none. */
  readonly cost: Decimal | null;
  /** With numbers: `input: 1234 × 0.0000025 = 0.003085; output: …`. */
  readonly formula: () => string;
}

const NAME = /^[a-z][a-z0-9_.-]{0,63}$/;
const CHANNEL = /^[a-z][a-z0-9_-]{0,63}$/;
const PRICES_MAX = 500;
const DIMENSIONS_MAX = 8;
const QUANTITY_MAX = Decimal.of(10n ** 15n);
const NOT_A_NAME = 'is 1 to 64 of a-z, 0-9, "_", "." and "-", a letter first';

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the prices of a card. What has a fault is left out, so look at `faults` first. */
export function readCardPrices(value: unknown): {
  readonly prices: CardPrices;
  readonly faults: readonly CardFault[];
} {
  const prices = new Map<string, CardPrice>();
  const faults: CardFault[] = [];
  if (!isObject(value)) return { prices, faults: [{ path: 'prices', message: 'is an object' }] };
  const names = Object.keys(value);
  if (names.length > PRICES_MAX) {
    return { prices, faults: [{ path: 'prices', message: `has at most ${PRICES_MAX} prices` }] };
  }
  for (const name of names) {
    const path = `prices.${name.slice(0, 64)}`;
    const price = NAME.test(name) ? readCardPrice(value[name], path, faults) : null;
    if (!NAME.test(name)) faults.push({ path, message: `its name ${NOT_A_NAME}` });
    if (price) prices.set(name, price);
  }
  return { prices, faults };
}

function readCardPrice(value: unknown, path: string, faults: CardFault[]): CardPrice | null {
  if (!isObject(value)) {
    faults.push({ path, message: 'is an object' });
    return null;
  }
  const { currency, channel, cost, ...rest } = value;
  const before = faults.length;
  if (typeof currency !== 'string' || currency === '' || currency.length > 32) {
    faults.push({ path: `${path}.currency`, message: 'is a currency or a unit' });
  }
  if (typeof channel !== 'string' || !CHANNEL.test(channel)) {
    faults.push({
      path: `${path}.channel`,
      message: 'is 1 to 64 of a-z, 0-9, "_" and "-", a letter first',
    });
  }
  const models = readModels(rest, path, faults);
  const costs = cost === undefined ? null : readCost(cost, `${path}.cost`, faults, models);
  return faults.length === before
    ? { currency: String(currency), channel: String(channel), models, cost: costs }
    : null;
}

/** One model, or one for each dimension. */
function readModels(value: Fields, path: string, faults: CardFault[]): Map<string, PriceModel> {
  const { dimensions, ...rest } = value;
  const models = new Map<string, PriceModel>();
  if (dimensions === undefined) {
    const model = readModel(rest, path, faults);
    if (model) models.set('', model);
  } else {
    for (const name of Object.keys(rest)) {
      faults.push({ path: `${path}.${name}`, message: 'belongs into a dimension' });
    }
    readDimensions(dimensions, path, faults, models);
  }
  return models;
}

function readCost(
  value: unknown,
  path: string,
  faults: CardFault[],
  models: ReadonlyMap<string, PriceModel>,
): ReadonlyMap<string, PriceModel> | null {
  if (!isObject(value)) {
    faults.push({ path, message: 'is an object: a price model, or one per dimension' });
    return null;
  }
  const costs = readModels(value, path, faults);
  for (const name of costs.keys()) {
    if (models.has(name)) continue;
    const [where, message] =
      name === ''
        ? [path, 'has one model per dimension, as its price']
        : [`${path}.dimensions.${name}`, 'is no dimension of its price'];
    faults.push({ path: where, message });
  }
  return costs;
}

function readDimensions(
  value: unknown,
  parent: string,
  faults: CardFault[],
  models: Map<string, PriceModel>,
): void {
  const path = `${parent}.dimensions`;
  const names = isObject(value) ? Object.keys(value) : [];
  if (!isObject(value) || names.length === 0 || names.length > DIMENSIONS_MAX) {
    faults.push({ path, message: `is an object with 1 to ${DIMENSIONS_MAX} dimensions` });
    return;
  }
  for (const name of names) {
    const own = `${path}.${name.slice(0, 64)}`;
    if (!NAME.test(name)) faults.push({ path: own, message: `its name ${NOT_A_NAME}` });
    const one = value[name];
    const model = isObject(one) ? readModel(one, own, faults) : null;
    if (!isObject(one)) faults.push({ path: own, message: 'is an object' });
    if (model) models.set(name, model);
  }
}

function readModel(value: Fields, path: string, faults: CardFault[]): PriceModel | null {
  const type = value['model_type'];
  if (typeof type !== 'string' || !isModelType(type)) {
    faults.push({ path: `${path}.model_type`, message: 'is a price model, such as unit' });
    return null;
  }
  const config = `${type satisfies ModelType}_config`;
  const strangers = Object.keys(value).filter((name) => name !== 'model_type' && name !== config);
  for (const name of strangers) {
    faults.push({ path: `${path}.${name.slice(0, 64)}`, message: 'is not a field of this price' });
  }
  const read = readPrice(type, value[config] ?? null);
  if (read.status === 'refused') {
    faults.push(...read.faults.map((fault) => ({ ...fault, path: `${path}.${fault.path}` })));
    return null;
  }
  if (read.model.dimensions.length === 0) return strangers.length === 0 ? read.model : null;
  const message = 'rates groups of usage; a charge has quantities alone';
  faults.push({ path: `${path}.model_type`, message });
  return null;
}

/** Reads `quantity` or `quantities` of a charge for a price. */
export function readQuantities(
  price: CardPrice,
  quantity: unknown,
  quantities: unknown,
): { readonly quantities: Quantities } | { readonly fault: CardFault } {
  const names = [...price.models.keys()];
  const isSingle = names[0] === '';
  const [absent, given] = isSingle ? [quantities, 'quantities'] : [quantity, 'quantity'];
  if (absent !== undefined) {
    const message = isSingle ? 'belongs to a price with dimensions' : 'the price has dimensions';
    return { fault: { path: given, message: `${message}; send the other one` } };
  }
  if (isSingle) {
    const value = readQuantity(quantity);
    return value ? { quantities: { '': value } } : { fault: faultOf('quantity') };
  }
  if (!isObject(quantities) || Object.keys(quantities).length === 0) {
    const message = `is an object with one of ${names.join(', ')} at least`;
    return { fault: { path: 'quantities', message } };
  }
  const read: Record<string, Decimal> = {};
  for (const [name, one] of Object.entries(quantities)) {
    const path = `quantities.${name.slice(0, 64)}`;
    if (!price.models.has(name)) {
      return { fault: { path, message: `is no dimension of the price: ${names.join(', ')}` } };
    }
    const value = readQuantity(one);
    if (!value) return { fault: faultOf(path) };
    read[name] = value;
  }
  return { quantities: read };
}

const faultOf = (path: string): CardFault => ({
  path,
  message: 'is a whole number or a decimal string from 0 to 10^15',
});

function readQuantity(value: unknown): Decimal | null {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return null;
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const quantity = parseDecimal(String(value));
  return quantity && !quantity.isNegative && !quantity.isAbove(QUANTITY_MAX) ? quantity : null;
}

/** Rates one charge. Pure and exact; rounding is the ledger's, which carries what is left. */
export function ratePrice(price: CardPrice, quantities: Quantities): RatedCharge {
  const rate = (models: ReadonlyMap<string, PriceModel>) =>
    [...models].flatMap(([name, model]) => {
      const quantity = quantities[name];
      return quantity ? [{ name, rating: model.rate(usageOf(quantity), FULL_PERIOD) }] : [];
    });
  const rated = rate(price.models);
  return {
    amount: sumOf(rated.map(({ rating }) => rating.amount)),
    cost: price.cost && sumOf(rate(price.cost).map(({ rating }) => rating.amount)),
    formula: () =>
      rated
        .map(({ name, rating }) => `${name === '' ? '' : `${name}: `}${rating.formula()}`)
        .join('; '),
  };
}
