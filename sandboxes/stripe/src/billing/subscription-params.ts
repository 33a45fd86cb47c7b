import { createPrice, needPrice } from './prices.js';
import type { NewItem } from './subscriptions.js';
import type { Work } from '../world/work.js';
import { checkCurrency } from '../payments/amount.js';
import type { Price } from './billing-objects.js';
import { flag, ignored, integer, metadata, object, oneOf, required, text } from '../http/params.js';
import { invalidRequest } from '../http/stripe-error.js';
import { periodOf, recurringParams } from './catalogue.routes.js';

export const priceData = object({
  currency: required(text(3)),
  product: required(text(255)),
  recurring: required(recurringParams),
  unit_amount: required(integer(0)),
  tax_behavior: ignored(),
});

export const newItem = object({
  price: text(255),
  price_data: priceData,
  quantity: integer(0, 999_999),
  metadata: metadata(),
});

export const changedItem = object({
  id: text(255),
  deleted: flag(),
  price: text(255),
  price_data: priceData,
  quantity: integer(0, 999_999),
  metadata: metadata(),
  clear_usage: ignored(),
});

export const cancellationDetails = object({
  comment: text(5_000),
  feedback: oneOf(
    'customer_service',
    'low_quality',
    'missing_features',
    'other',
    'switched_service',
    'too_complex',
    'too_expensive',
    'unused',
  ),
});

interface PriceParams {
  readonly price: string | undefined;
  readonly price_data: ReturnType<typeof priceData>;
}

/** The price that an item names or describes; null when it does neither. */
export async function priceOf(work: Work, given: PriceParams, path: string): Promise<Price | null> {
  if (given.price !== undefined) return needPrice(work, given.price, `${path}[price]`);
  const data = given.price_data;
  if (data === undefined) return null;
  await work.need('product', data.product, `${path}[price_data][product]`);
  return createPrice(work, {
    active: false,
    currency: checkCurrency(data.currency, `${path}[price_data][currency]`),
    lookupKey: null,
    metadata: {},
    nickname: null,
    product: data.product,
    recurring: periodOf(data.recurring),
    unitAmount: data.unit_amount,
  });
}

export async function readItems(
  work: Work,
  given: readonly NonNullable<ReturnType<typeof newItem>>[],
): Promise<readonly NewItem[]> {
  const items: NewItem[] = [];
  for (const [index, item] of given.entries()) {
    const path = `items[${index}]`;
    const price = await priceOf(work, item, path);
    if (price === null) {
      throw invalidRequest(`Missing required param: ${path}[price].`, {
        code: 'parameter_missing',
        param: `${path}[price]`,
      });
    }
    items.push({ price, quantity: item.quantity ?? 1, metadata: item.metadata ?? {} });
  }
  return items;
}
