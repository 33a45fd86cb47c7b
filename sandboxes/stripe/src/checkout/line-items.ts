import { createPrice, createProduct, needPrice, productName } from '../billing/prices.js';
import type { Work } from '../world/work.js';
import { checkCurrency } from '../payments/amount.js';
import type { Price } from '../billing/billing-objects.js';
import { buildPrice } from '../billing/build-catalogue.js';
import { buildLineItem } from '../world/build-records.js';
import type { LineItem } from '../world/objects.js';
import { ignored, integer, metadata, object, required, text } from '../http/params.js';
import { invalidRequest } from '../http/stripe-error.js';
import { periodOf, recurringParams } from '../billing/catalogue.routes.js';

const priceData = object({
  currency: required(text(3)),
  unit_amount: required(integer(0)),
  recurring: recurringParams,
  tax_behavior: ignored(),
  product: text(255),
  product_data: object({
    name: required(text(250)),
    description: text(5_000),
    images: ignored(),
    metadata: metadata(),
    tax_code: ignored(),
  }),
});

export const lineItemParams = object({
  quantity: required(integer(1, 999_999)),
  adjustable_quantity: ignored(),
  price: text(255),
  price_data: priceData,
});

type Given = NonNullable<ReturnType<typeof lineItemParams>>;

interface Options {
  readonly isSubscription: boolean;
  readonly isFree: boolean;
}

/** The lines of a session: of stored prices, or of prices that are described on the spot. */
export async function readLineItems(
  work: Work,
  given: readonly Given[],
  options: Options,
): Promise<readonly LineItem[]> {
  if (given.length === 0) {
    throw invalidRequest('Missing required param: line_items.', {
      code: 'parameter_missing',
      param: 'line_items',
    });
  }
  const items: LineItem[] = [];
  for (const [index, item] of given.entries()) {
    const path = `line_items[${index}]`;
    const { price, name } = await readPrice(work, item, path, options);
    checkKind(price, path, options);
    const id = work.ids.next('li_', 24);
    const { quantity } = item;
    items.push(buildLineItem({ id, name, price, quantity, isFree: options.isFree }));
  }
  if (new Set(items.map((item) => item.currency)).size > 1) {
    throw invalidRequest('All line items must have the same currency.', { param: 'line_items' });
  }
  return items;
}

async function readPrice(
  work: Work,
  item: Given,
  path: string,
  options: Options,
): Promise<{ readonly price: Price; readonly name: string }> {
  if (item.price !== undefined) {
    const price = await needPrice(work, item.price, `${path}[price]`);
    return { price, name: await productName(work, price.product) };
  }
  const data = required(() => item.price_data)(undefined, `${path}[price_data]`);
  const currency = checkCurrency(data.currency, `${path}[price_data][currency]`);
  const described = data.product_data;
  if (described === undefined && data.product === undefined) {
    throw invalidRequest(`Missing required param: ${path}[price_data][product_data].`, {
      code: 'parameter_missing',
      param: `${path}[price_data][product_data]`,
    });
  }
  const product =
    described === undefined ? (data.product ?? '') : await productFor(work, described, options);
  if (described === undefined) {
    await work.need('product', product, `${path}[price_data][product]`);
  }
  const fields = {
    active: false,
    currency,
    lookupKey: null,
    metadata: {},
    nickname: described?.description ?? null,
    product,
    recurring: periodOf(data.recurring),
    unitAmount: data.unit_amount,
  };
  // A price that is paid once lives in one line item; one that renews is read again and again.
  const price = options.isSubscription
    ? await createPrice(work, fields)
    : buildPrice({ ...fields, id: work.id('price'), created: work.now });
  return { price, name: described?.name ?? (await productName(work, product)) };
}

async function productFor(
  work: Work,
  described: { readonly name: string; readonly description: string | undefined },
  options: Options,
): Promise<string> {
  if (!options.isSubscription) return work.id('product', 14);
  const product = await createProduct(work, {
    id: null,
    active: false,
    name: described.name,
    description: described.description ?? null,
    metadata: {},
  });
  return product.id;
}

function checkKind(price: Price, path: string, options: Options): void {
  const param = `${path}[price]`;
  if (options.isSubscription && price.type === 'one_time') {
    throw invalidRequest('The sandbox sells only recurring prices in `subscription` mode.', {
      param,
    });
  }
  if (!options.isSubscription && price.type === 'recurring') {
    throw invalidRequest(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` ' +
        'mode or use only one-time prices.',
      { param },
    );
  }
}
