import type { Invoice } from '../billing/billing-objects.js';
import { useTimeOf } from '../controls/clocks.js';
import { needLiving } from '../customers/customers.js';
import { followInvoice } from '../billing/collect.js';
import { attemptPayment } from '../payments/payments.js';
import { readForm, type FormFaults, type PayForm } from '../http/read-form.js';
import type { Work } from '../world/work.js';

export type InvoicePayResult =
  | { readonly kind: 'paid' }
  | { readonly kind: 'requires_action'; readonly url: string }
  | { readonly kind: 'invalid'; readonly faults: FormFaults }
  | { readonly kind: 'declined'; readonly message: string };

/** Pays an open invoice on its page; pressed twice, nothing more is charged. */
export async function payInvoicePage(
  work: Work,
  id: string,
  form: PayForm,
  payer: { readonly name: string | null; readonly email: string | null },
): Promise<InvoicePayResult> {
  const { body: invoice, secret } = await work.lock('invoice', id, 'invoice');
  if (invoice.status !== 'open' || secret.intent === null) return { kind: 'paid' };
  const customer = await needLiving(work, invoice.customer);
  await useTimeOf(work, customer);
  const method = await readForm(work, form, payer);
  if ('faults' in method) return { kind: 'invalid', faults: method.faults };
  const { body: intent } = await work.lock('payment_intent', secret.intent);
  if (intent.status === 'processing' || intent.status === 'succeeded') return { kind: 'paid' };
  const result = await attemptPayment(work, intent, method, {
    isOffSession: false,
    isAuthenticated: false,
    returnUrl: pageOf(work, invoice),
  });
  await followInvoice(work, id, result);
  if (result.kind === 'declined') return { kind: 'declined', message: result.decline.message };
  if (result.kind !== 'requires_action') return { kind: 'paid' };
  return { kind: 'requires_action', url: `${work.settings.publicUrl}/3ds/${intent.id}` };
}

const pageOf = (work: Work, invoice: Invoice): string =>
  invoice.hosted_invoice_url ?? `${work.settings.publicUrl}/i/${invoice.id}`;
