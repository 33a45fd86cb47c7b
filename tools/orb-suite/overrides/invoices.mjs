import { day, instant } from '../fixtures.mjs';
import { customerOf, omit } from './shared.mjs';

const issuedInvoice = { path: async (f) => ({ invoice_id: (await f.make('issued')).id }) };

export const INVOICES = {
  'create-invoice': {
    body: async (f, body) => ({
      ...omit(body, 'external_customer_id', 'discount', 'custom_due_date', 'due_date'),
      ...{ customer_id: await customerOf(f), invoice_date: instant(-1) },
    }),
  },
  'create-invoice-line-item': {
    body: async (f, body) => ({
      ...body,
      invoice_id: (await f.make('draft')).id,
      ...(body.item_id || body.name ? { name: undefined } : { name: 'Line' }),
    }),
  },
  'delete-invoice-line-item': {
    path: async (f) => {
      const draft = await f.make('draft');
      return { invoice_id: draft.id, line_item_id: draft.line_items[0].id };
    },
  },
  'fetch-upcoming-invoice': {
    query: async (f) => ({ subscription_id: (await f.of('subscription')).id }),
  },
  'mark-invoice-as-paid': {
    ...issuedInvoice,
    body: (f, body) => ({ ...body, payment_received_date: day(0) }),
  },
  'pay-invoice': {
    path: async (f) => ({ invoice_id: (await f.make('payable')).id }),
    body: () => ({}),
  },
  'void-invoice': issuedInvoice,
  'regenerate-invoice-pdf': issuedInvoice,
  'regenerate-receipt-pdf': { path: async (f) => ({ invoice_id: (await f.make('paid')).id }) },
  'update-invoice': {
    body: (f, body) => omit(body, 'custom_due_date', 'due_date', 'invoice_date'),
  },
  'create-credit-note': {
    body: async (f, body) => {
      const [line] = (await f.make('issued')).line_items;
      return {
        reason: body.reason,
        line_items: [{ invoice_line_item_id: line.id, amount: '1.00' }],
      };
    },
  },
};
