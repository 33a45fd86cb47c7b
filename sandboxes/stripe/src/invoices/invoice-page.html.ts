import { displayMinor } from '../payments/amount.js';
import type { Invoice, InvoiceLine } from '../billing/billing-objects.js';
import { LOGO, PILL } from '../http/brand.html.js';
import { renderFields, renderTestData, type FieldsView } from '../checkout/checkout-fields.html.js';
import { renderAlert, RINGS } from '../checkout/checkout-page.html.js';
import { CHECKOUT_CSS, CHECKOUT_SCRIPT } from '../checkout/checkout-page.css.js';
import { html, renderPage, type Markup } from '../http/html.js';

export interface InvoiceView extends FieldsView {
  readonly invoice: Invoice;
  readonly merchant: string;
  readonly alert: string | null;
  readonly nonce: string;
}

const STATUS: Readonly<Record<Invoice['status'], string>> = {
  draft: 'Draft',
  open: 'To be paid',
  paid: 'Paid',
  void: 'Void',
  uncollectible: 'Given up',
};

/** An invoice for the person who pays it. */
export function renderInvoice(view: InvoiceView): string {
  const { invoice, merchant, nonce } = view;
  const total = displayMinor(invoice.amount_due, invoice.currency);
  const title = `Invoice ${invoice.number ?? ''} from ${merchant}`;
  const body = html`<div class="split">
    <header class="summary">
      <div class="summary-in">
        ${RINGS}
        <div class="brand">${LOGO}<span>${merchant}</span>${PILL}</div>
        <p class="what">Invoice ${invoice.number}</p>
        <p class="total">${total}<small>${invoice.currency.toUpperCase()}</small></p>
        <ul class="items" aria-label="What this invoice is for">
          ${invoice.lines.data.map((line) => renderLine(line, invoice.currency))}
        </ul>
        <div class="due">
          <span>${STATUS[invoice.status]}</span><span class="num">${total}</span>
        </div>
        <p class="foot">Orbit Stripe sandbox: no card is charged and no money moves.</p>
      </div>
    </header>
    <main class="pay">
      <div class="pay-in">
        ${invoice.status === 'open' ? renderForm(view, total) : renderFacts(invoice)}
      </div>
    </main>
  </div>`;
  return renderPage({ title, css: CHECKOUT_CSS, script: CHECKOUT_SCRIPT, nonce, body });
}

function renderLine(line: InvoiceLine, currency: string): Markup {
  return html`<li>
    <div>
      <b>${line.description}</b><span>${dayOf(line.period.start)} – ${dayOf(line.period.end)}</span>
    </div>
    <span class="num">${displayMinor(line.amount, currency)}</span>
  </li>`;
}

function renderForm(view: InvoiceView, total: string): Markup {
  return html`<h1>Pay with card</h1>
    ${view.alert === null ? null : renderAlert(view.alert)}
    <form id="payment" method="post" action="/i/${view.invoice.id}" novalidate>
      ${renderFields(view, 'card')}
      <button class="go" id="pay" type="submit" name="action" value="pay">Pay ${total}</button>
    </form>
    ${renderTestData('card')}`;
}

function renderFacts(invoice: Invoice): Markup {
  const email = invoice['customer_email'];
  const reader = typeof email === 'string' && email !== '' ? ` for ${email}` : '';
  return html`<h1>${STATUS[invoice.status]}</h1>
    <p class="note">Made on ${dayOf(invoice.created)}${reader}.</p>`;
}

const dayOf = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 10);
