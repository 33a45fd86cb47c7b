import { isJsonObject, type JsonObject, type JsonValue } from './json.js';
import { kindOfId } from '../world/objects.js';
import { invalidRequest } from './stripe-error.js';
import { paymentsOf } from '../invoices/invoices.js';
import type { Work } from '../world/work.js';

/** Stripe's limit on `a.b.c.d`. */
const DEPTH_MAX = 4;

/**
 * Replaces ids by the objects that they name, along each path (`payment_intent.latest_charge`,
 * `data.customer` in lists). Errors: a path that leads nowhere is refused by name.
 */
export async function expandAnswer(
  work: Work,
  answer: JsonObject,
  paths: readonly string[],
): Promise<JsonObject> {
  let expanded = answer;
  for (const [index, path] of paths.entries()) {
    const segments = path.split('.');
    if (segments.length > DEPTH_MAX) {
      throw invalidRequest(`You cannot expand more than ${DEPTH_MAX} levels of a property`, {
        param: `expand[${index}]`,
      });
    }
    expanded = await expandObject(work, expanded, segments, path);
  }
  return expanded;
}

async function expandObject(
  work: Work,
  target: JsonObject,
  segments: readonly string[],
  path: string,
): Promise<JsonObject> {
  const [head = '', ...rest] = segments;
  const given = Object.hasOwn(target, head) ? target[head] : await readIncluded(work, target, head);
  if (given === undefined) {
    throw invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' });
  }
  const resolved = await resolve(work, given, head, path);
  if (rest.length === 0) return { ...target, [head]: resolved };
  return { ...target, [head]: await descend(work, resolved, rest, path) };
}

async function descend(
  work: Work,
  value: JsonValue,
  rest: readonly string[],
  path: string,
): Promise<JsonValue> {
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const item of value as readonly JsonValue[])
      items.push(await descend(work, item, rest, path));
    return items;
  }
  return isJsonObject(value) ? expandObject(work, value, rest, path) : value;
}

async function resolve(
  work: Work,
  value: JsonValue,
  name: string,
  path: string,
): Promise<JsonValue> {
  if (typeof value !== 'string') return value;
  // A product may have an id of the merchant's own making.
  const kind = name === 'product' ? 'product' : kindOfId(value);
  if (kind === undefined) {
    throw invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' });
  }
  return (await work.tx.find(kind, value))?.body ?? value;
}

/** Lists that Stripe leaves out of an object until they are asked for. */
async function readIncluded(
  work: Work,
  target: JsonObject,
  name: string,
): Promise<JsonObject | undefined> {
  const id = String(target['id']);
  if (target['object'] === 'checkout.session' && name === 'line_items') {
    const { secret } = await work.need('checkout.session', id);
    return toList(secret.line_items, `/v1/checkout/sessions/${id}/line_items`, false);
  }
  if (target['object'] === 'invoice' && name === 'payments') {
    const payments = await paymentsOf(work, id);
    return toList(payments, `/v1/invoice_payments?invoice=${id}`, false);
  }
  if (target['object'] === 'invoice' && name === 'confirmation_secret') {
    const { secret } = await work.need('invoice', id);
    if (secret.intent === null) return undefined;
    const { body } = await work.need('payment_intent', secret.intent);
    return { client_secret: body['client_secret'], type: 'payment_intent' };
  }
  if (target['object'] === 'charge' && name === 'refunds') {
    const page = await work.tx.list('refund', {
      limit: 10,
      startingAfter: undefined,
      endingBefore: undefined,
      created: undefined,
      where: { charge: id },
    });
    return toList(page?.data ?? [], `/v1/charges/${id}/refunds`, page?.hasMore ?? false);
  }
  return undefined;
}

/** Stripe's list envelope. */
export function toList(data: readonly JsonObject[], url: string, hasMore: boolean): JsonObject {
  return { object: 'list', data, has_more: hasMore, url };
}
