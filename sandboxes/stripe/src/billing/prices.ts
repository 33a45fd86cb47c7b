import type { Price, Product } from './billing-objects.js';
import { buildPrice, buildProduct, type NewPrice } from './build-catalogue.js';
import type { Metadata } from '../http/json.js';
import { invalidRequest } from '../http/stripe-error.js';
import type { Work } from '../world/work.js';

export async function createProduct(
  work: Work,
  given: {
    readonly id: string | null;
    readonly active: boolean;
    readonly name: string;
    readonly description: string | null;
    readonly metadata: Metadata;
  },
): Promise<Product> {
  const { id, ...rest } = given;
  if (id !== null && (await work.tx.find('product', id)) !== null) {
    throw invalidRequest(`Product already exists.`, {
      code: 'resource_already_exists',
      param: 'id',
    });
  }
  const product = buildProduct({ ...rest, id: id ?? work.id('product', 14), created: work.now });
  await work.tx.insert('product', product, null);
  work.emit('product.created', product);
  return product;
}

export async function createPrice(
  work: Work,
  given: Omit<NewPrice, 'id' | 'created'>,
  mayTakeKey = false,
): Promise<Price> {
  const { lookupKey } = given;
  const holder = lookupKey === null ? null : await priceByKey(work, lookupKey);
  if (holder !== null) {
    if (!mayTakeKey) {
      throw invalidRequest(
        `A price (\`${holder.id}\`) already uses that lookup key. Set \`transfer_lookup_key\` to take it over.`,
        { code: 'resource_already_exists', param: 'lookup_key' },
      );
    }
    work.emit('price.updated', await work.patch('price', holder, { lookup_key: null }));
  }
  const price = buildPrice({ ...given, id: work.id('price'), created: work.now });
  await work.tx.insert('price', price, null);
  work.emit('price.created', price);
  return price;
}

async function priceByKey(work: Work, lookup_key: string): Promise<Price | null> {
  const page = await work.tx.list('price', {
    limit: 1,
    startingAfter: undefined,
    endingBefore: undefined,
    created: undefined,
    where: { lookup_key },
  });
  return page?.data[0] ?? null;
}

/** A price that may be sold, with its currency known. */
export async function needPrice(work: Work, id: string, param: string): Promise<Price> {
  const { body } = await work.need('price', id, param);
  if (body.active) return body;
  throw invalidRequest('The price specified is inactive. This field only accepts active prices.', {
    param,
  });
}

export async function productName(work: Work, id: string): Promise<string> {
  return (await work.tx.find('product', id))?.body.name ?? id;
}
