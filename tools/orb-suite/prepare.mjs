/** Turns a request of the suite into one that a server with real data can answer. */
import { day, instant, unique } from './fixtures.mjs';
import { OVERRIDES } from './overrides/overrides.mjs';

/** Names that a create makes anew: each has to be unique in its account. */
const NEW_NAMES = ['idempotency_key', 'external_price_id', 'external_plan_id', 'redemption_code'];
/** Which fixture an id is of. `fresh`: the operation uses it up. */
const KIND_OF = {
  customer_id: 'customer',
  external_customer_id: 'customer',
  item_id: 'item',
  metric_id: 'metric',
  billable_metric_id: 'metric',
  price_id: 'price',
  external_price_id: 'price',
  plan_id: 'plan',
  external_plan_id: 'plan',
  subscription_id: 'subscription',
  coupon_id: 'coupon',
  invoice_id: 'draft',
  credit_note_id: 'creditNote',
  block_id: 'block',
  top_up_id: 'topUp',
  alert_id: 'alert',
  alert_configuration_id: 'alert',
  backfill_id: 'backfill',
  event_id: 'event',
  dimensional_price_group_id: 'dimensionalPriceGroup',
  external_dimensional_price_group_id: 'dimensionalPriceGroup',
  license_type_id: 'licenseType',
  license_id: 'license',
  external_license_id: 'license',
  webhook_endpoint_id: 'webhookEndpoint',
  subscription_change_id: 'change',
};
/** Values of the suite that stand for an id. */
const PLACEHOLDER_IDS = new Set(['4khy3nwzktxv7', 'h74gfhdjvn7ujokd', 'ZMwNQefe7J3ecf7W']);
const isPlaceholder = (key, value) => value === key || PLACEHOLDER_IDS.has(value);

const PLAIN = {
  currency: 'USD',
  country: 'US',
  amount_discount: '1.00',
  percent: '0.1',
  package_size: '10',
  package_amount: '5.00',
  allocation: '10',
  minimum_amount: '1.00',
  maximum_amount: '100.00',
  timezone: 'America/New_York',
  due_date_window: '2m',
};
const RISING = { tier_lower_bound: 0, threshold: 10 };

/** `{path, query, body}` with real values, for `given` = `{operation, path, query, body}`. */
export async function prepare(given, fixtures) {
  const override = OVERRIDES[given.operation.id] ?? {};
  const path = {};
  for (const name of Object.keys(given.path)) {
    path[name] = await pathValue(name, given, fixtures);
  }
  const ready = {
    path: { ...path, ...(await override.path?.(fixtures, given)) },
    query: await queryOf(given.query, fixtures),
    body: await fill(given.body, '', fixtures, given.operation.method === 'POST'),
  };
  if (override.query) ready.query = new URLSearchParams(await override.query(fixtures, ready));
  if (override.body) ready.body = await override.body(fixtures, ready.body, ready, given);
  return ready;
}

async function pathValue(name, { operation, path }, fixtures) {
  const kind = KIND_OF[name];
  if (!kind) return path[name];
  const isRead = operation.method === 'GET';
  const found = isRead ? await fixtures.of(kind) : await fixtures.make(kind);
  return found[name.startsWith('external_') ? name : 'id'];
}

async function queryOf(query, fixtures) {
  const ready = new URLSearchParams();
  for (const [key, value] of query) {
    // A cursor is what an earlier page answered, and here is none.
    if (key === 'cursor') continue;
    const name = key.replace(/\[.*$/, '');
    ready.append(
      key,
      isPlaceholder(name, value) || value === key || value === 'string'
        ? await named(name, fixtures, value)
        : value,
    );
  }
  return ready;
}

async function named(name, fixtures, value) {
  if (name in PLAIN) return PLAIN[name];
  const kind = KIND_OF[name];
  if (!kind) return /^(amount|quantity)$/.test(name) ? '1' : value;
  return (await fixtures.of(kind))[name.startsWith('external_') ? name : 'id'];
}

/** Replaces placeholders at any depth; `index` is the place in the innermost list. */
async function fill(value, key, fixtures, isNew, index = 0) {
  if (Array.isArray(value)) {
    const filled = [];
    for (const [at, one] of value.entries()) filled.push(await fill(one, key, fixtures, isNew, at));
    return filled;
  }
  if (value !== null && typeof value === 'object') {
    const filled = {};
    for (const [name, one] of Object.entries(value)) {
      filled[name] = await fill(one, name, fixtures, isNew, index);
    }
    return filled;
  }
  if (typeof value === 'number')
    return value === 0 && /duration|quantity|size/.test(key) ? 1 : value;
  if (typeof value !== 'string') return value;
  if (key in RISING && value === key) return String(RISING[key] + index * 10);
  if (isNew && isPlaceholder(key, value) && NEW_NAMES.includes(key)) return unique(key);
  if (key in PLAIN && value === key) return PLAIN[key];
  if (isPlaceholder(key, value) && key in KIND_OF) return named(key, fixtures, value);
  if (
    /(amount|rate|price|factor|unit|basis|minimum|maximum|charge|allowance)s?$/.test(key) &&
    value === key
  )
    return '1.00';
  if (/^20\d\d-\d\d-\d\dT/.test(value)) return /end/.test(key) ? instant(0) : instant(-1);
  if (/^20\d\d-\d\d-\d\d$/.test(value)) return /end/.test(key) ? day(0) : day(-1);
  return value;
}
