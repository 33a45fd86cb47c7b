import { instant } from '../fixtures.mjs';

export const customerOf = async (f) => (await f.make('customer')).id;

export const omit = (body, ...names) =>
  Object.fromEntries(Object.entries(body ?? {}).filter(([name]) => !names.includes(name)));

/** One of the two names of a customer, where the suite gives both. */
export const oneName = (body) =>
  body?.customer_id && body.external_customer_id ? omit(body, 'external_customer_id') : body;

export const timeframe = { timeframe_start: instant(-3), timeframe_end: instant(0) };

export const costs = {
  query: (f, { query }) => {
    const filled = Object.fromEntries(query);
    if (filled.timeframe_start) Object.assign(filled, timeframe);
    return filled;
  },
};
