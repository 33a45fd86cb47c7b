import { toList } from '../http/expand.js';
import { createPrice, createProduct } from './prices.js';
import type { Price } from './billing-objects.js';
import { checkCurrency } from '../payments/amount.js';
import { mergeMetadata, withoutEmpty } from '../http/metadata.js';
import {
  created,
  flag,
  ignored,
  integer,
  list,
  listShape,
  metadata,
  object,
  oneOf,
  required,
  text,
} from '../http/params.js';
import { invalidRequest } from '../http/stripe-error.js';
import { listAnswer, route, type ApiRoute } from '../http/api-route.js';

export const recurringParams = object({
  interval: required(oneOf('day', 'week', 'month', 'year')),
  interval_count: integer(1, 156),
  usage_type: oneOf('licensed'),
});

const productShape = {
  active: flag(),
  name: text(250),
  description: text(40_000),
  metadata: metadata(),
  images: ignored(),
  statement_descriptor: ignored(),
  tax_code: ignored(),
  unit_label: ignored(),
  url: ignored(),
} as const;

const defaultPrice = object({
  currency: required(text(3)),
  unit_amount: required(integer(0)),
  recurring: recurringParams,
  metadata: metadata(),
});

/** Products and prices: what can be subscribed to. */
export const CATALOGUE_ROUTES: readonly ApiRoute[] = [
  route(
    'POST',
    '/v1/products',
    { ...productShape, id: text(255), name: required(text(250)), default_price_data: defaultPrice },
    async (work, params) => {
      const product = await createProduct(work, {
        id: params.id ?? null,
        active: params.active ?? true,
        name: params.name,
        description: params.description ?? null,
        metadata: withoutEmpty(params.metadata ?? {}),
      });
      const given = params.default_price_data;
      if (given === undefined) return product;
      const price = await createPrice(work, {
        active: true,
        currency: checkCurrency(given.currency, 'default_price_data[currency]'),
        lookupKey: null,
        metadata: given.metadata ?? {},
        nickname: null,
        product: product.id,
        recurring: periodOf(given.recurring),
        unitAmount: given.unit_amount,
      });
      return work.patch('product', product, { default_price: price.id });
    },
  ),
  route(
    'GET',
    '/v1/products',
    { ...listShape, created: created(), active: flag(), ids: list(required(text(255)), 100) },
    async (work, params) => {
      if (params.ids === undefined) {
        return listAnswer(work, 'product', params, { active: params.active }, '/v1/products');
      }
      const found = await Promise.all(params.ids.map((id) => work.tx.find('product', id)));
      const data = found.flatMap((each) => (each === null ? [] : [each.body]));
      return toList(data, '/v1/products', false);
    },
  ),
  route('GET', '/v1/products/:id', {}, async (work, _params, id) => {
    return (await work.need('product', id)).body;
  }),
  route(
    'POST',
    '/v1/products/:id',
    { ...productShape, default_price: text(255) },
    async (work, params, id) => {
      const { body } = await work.lock('product', id);
      if (params.default_price !== undefined) {
        await work.need('price', params.default_price, 'default_price');
      }
      const changed = await work.patch('product', body, {
        active: params.active ?? body.active,
        default_price: params.default_price ?? body.default_price,
        description: params.description ?? body.description,
        metadata: mergeMetadata(body.metadata, params.metadata),
        name: params.name ?? body.name,
        updated: work.now,
      });
      work.emit('product.updated', changed);
      return changed;
    },
  ),

  route(
    'POST',
    '/v1/prices',
    {
      currency: required(text(3)),
      active: flag(),
      unit_amount: required(integer(0)),
      product: text(255),
      product_data: object({
        id: text(255),
        name: required(text(250)),
        active: flag(),
        metadata: metadata(),
      }),
      recurring: recurringParams,
      lookup_key: text(200),
      transfer_lookup_key: flag(),
      nickname: text(5_000),
      metadata: metadata(),
      tax_behavior: ignored(),
      billing_scheme: oneOf('per_unit'),
    },
    async (work, params) => {
      const { product, product_data: data } = params;
      if ((product === undefined) === (data === undefined)) {
        throw invalidRequest('You must specify either `product` or `product_data`.', {
          param: 'product',
        });
      }
      const sold =
        data === undefined
          ? (await work.need('product', product ?? '', 'product')).body
          : await createProduct(work, {
              id: data.id ?? null,
              active: data.active ?? true,
              name: data.name,
              description: null,
              metadata: data.metadata ?? {},
            });
      const given = {
        active: params.active ?? true,
        currency: checkCurrency(params.currency, 'currency'),
        lookupKey: params.lookup_key ?? null,
        metadata: withoutEmpty(params.metadata ?? {}),
        nickname: params.nickname ?? null,
        product: sold.id,
        recurring: periodOf(params.recurring),
        unitAmount: params.unit_amount,
      };
      return createPrice(work, given, params.transfer_lookup_key ?? false);
    },
  ),
  route(
    'GET',
    '/v1/prices',
    {
      ...listShape,
      created: created(),
      active: flag(),
      currency: text(3),
      lookup_keys: list(required(text(200)), 10),
      product: text(255),
      type: oneOf('one_time', 'recurring'),
      recurring: object({ interval: oneOf('day', 'week', 'month', 'year'), usage_type: ignored() }),
    },
    async (work, params) => {
      const { active, currency, product, type, lookup_keys: keys } = params;
      const interval = params.recurring?.interval;
      const recurring = interval === undefined ? undefined : { interval };
      const where = { active, currency, product, type, recurring };
      if (keys === undefined) return listAnswer(work, 'price', params, where, '/v1/prices');
      const found: Price[] = [];
      for (const lookup_key of keys) {
        const page = await work.tx.list('price', {
          limit: 1,
          startingAfter: undefined,
          endingBefore: undefined,
          created: params.created,
          where: { ...where, lookup_key },
        });
        found.push(...(page?.data ?? []));
      }
      return toList(found, '/v1/prices', false);
    },
  ),
  route('GET', '/v1/prices/:id', {}, async (work, _params, id) => {
    return (await work.need('price', id, 'price')).body;
  }),
  route(
    'POST',
    '/v1/prices/:id',
    {
      active: flag(),
      lookup_key: text(200),
      transfer_lookup_key: flag(),
      metadata: metadata(),
      nickname: text(5_000),
      tax_behavior: ignored(),
    },
    async (work, params, id) => {
      const { body } = await work.lock('price', id, 'price');
      const changed = await work.patch('price', body, {
        active: params.active ?? body.active,
        lookup_key: params.lookup_key ?? body.lookup_key,
        metadata: mergeMetadata(body.metadata, params.metadata),
        nickname: params.nickname ?? body.nickname,
      });
      work.emit('price.updated', changed);
      return changed;
    },
  ),
];

type Period = NonNullable<ReturnType<typeof recurringParams>>;

export function periodOf(
  given: Period | undefined,
): { interval: Period['interval']; interval_count: number } | null {
  if (given === undefined) return null;
  return { interval: given.interval, interval_count: given.interval_count ?? 1 };
}
