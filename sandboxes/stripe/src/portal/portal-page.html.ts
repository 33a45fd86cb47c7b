import type { UpdateQuestion } from './portal-update.js';
import type { PortalState } from './portal.js';
import type { MethodType, PaymentMethod } from '../world/objects.js';
import { LOGO, PILL } from '../http/brand.html.js';
import {
  METHOD_LABEL,
  renderFields,
  renderTabs,
  renderTestData,
  type FieldsView,
} from '../checkout/checkout-fields.html.js';
import { renderAlert, RINGS } from '../checkout/checkout-page.html.js';
import { CHECKOUT_CSS, CHECKOUT_SCRIPT } from '../checkout/checkout-page.css.js';
import { html, renderPage, type Markup } from '../http/html.js';
import { METHOD_TYPES } from '../customers/method-params.js';

export interface PortalView extends FieldsView {
  readonly state: PortalState;
  readonly merchant: string;
  readonly method: MethodType;
  readonly alert: string | null;
  readonly nonce: string;
  /** The question to confirm; null: none. */
  readonly question: UpdateQuestion | null;
}

const PORTAL_CSS = `${CHECKOUT_CSS}
.total{overflow-wrap:anywhere}.pay .what{margin:0 0 .25rem;color:var(--muted)}
.saved{list-style:none;margin:0 0 2rem;padding:0}
.saved li{display:flex;align-items:center;gap:.6rem;flex-wrap:wrap;padding:.85rem 0;border-bottom:1px solid var(--line)}
.saved .who{flex:1;min-width:9rem}.saved b{display:block;font-weight:600}.saved span{color:var(--muted);font-size:.875rem}
.saved .badge{font-size:.75rem;font-weight:650;padding:.15rem .55rem;border-radius:1rem;background:var(--accent-soft);color:var(--accent)}
.saved form{display:inline}.tabs a{font-size:.875rem;padding:.5rem .2rem}
.saved button{width:auto;min-height:2.25rem;padding:.3rem .65rem;font-size:.8125rem;margin:0;
border:1px solid var(--line);background:var(--field);color:inherit}
.saved button:hover{border-color:var(--accent)}
.saved button.drop{color:var(--bad)}
a.back{display:inline-block;color:var(--night-ink);margin-top:2rem;font-weight:550}
`;

/** Where customers keep their own payment methods. */
export function renderPortal(view: PortalView): string {
  const { state, merchant, nonce, question } = view;
  const isFlow = state.session.flow?.['type'] === 'payment_method_update';
  const action = `/p/session/${state.session.id}`;
  const body = html`<div class="split">
    <header class="summary">
      <div class="summary-in">
        ${RINGS}
        <div class="brand">${LOGO}<span>${merchant}</span>${PILL}</div>
        <p class="what">Billing of</p>
        <p class="total">${state.customer.name ?? state.customer.email ?? state.customer.id}</p>
        ${
          state.session.return_url === null
            ? null
            : html`<a class="back" id="return" href="${state.session.return_url}"
                >← Return to ${merchant}</a
              >`
        }
        <p class="foot">Orbit Stripe sandbox: no card is charged and no money moves.</p>
      </div>
    </header>
    <main class="pay">
      <div class="pay-in">
        ${question === null ? renderOwn(view, action, isFlow) : renderConfirm(view, question, action)}
      </div>
    </main>
  </div>`;
  const title = `Billing – ${merchant}`;
  return renderPage({ title, css: PORTAL_CSS, script: CHECKOUT_SCRIPT, nonce, body });
}

function renderConfirm(view: PortalView, asked: UpdateQuestion, action: string): Markup {
  return html`<h1>Confirm your update</h1>
    <p class="what">${asked.name}</p>
    <p class="total">${asked.price}</p>
    <p class="note">Due today: ${asked.dueToday}, for the rest of this period.</p>
    ${view.alert === null ? null : renderAlert(view.alert)}
    <form id="update" method="post" action="${action}">
      <button class="go" id="confirm" type="submit" name="action" value="confirm">Confirm</button>
    </form>`;
}

function renderOwn(view: PortalView, action: string, isFlow: boolean): Markup {
  const { state, method } = view;
  return html`${isFlow ? null : renderSaved(state, action)}
    <h2>Add a payment method</h2>
    ${renderTabs(METHOD_TYPES, method)} ${view.alert === null ? null : renderAlert(view.alert)}
    <form id="payment" method="post" action="${action}" novalidate>
      ${renderFields(view, method, false)}
      <button class="go" id="add" type="submit" name="action" value="add">
        Save ${method === 'card' ? 'card' : 'account'}
      </button>
    </form>
    ${renderTestData(method)}`;
}

function renderSaved({ methods, customer }: PortalState, action: string): Markup {
  const chosen = customer.invoice_settings.default_payment_method;
  if (methods.length === 0) {
    return html`<h1>Payment methods</h1>
      <p class="note">Nothing is saved yet.</p>`;
  }
  return html`<h1>Payment methods</h1>
    <ul class="saved">
      ${methods.map((method) => {
        const label = describe(method);
        const badge = html`<span class="badge">Default</span>`;
        const choose = html`<form method="post" action="${action}">
          <input type="hidden" name="payment_method" value="${method.id}" />
          <button
            type="submit"
            name="action"
            value="set_default"
            aria-label="Make ${label} the default"
          >
            Make default
          </button>
        </form>`;
        return html`<li data-method="${method.id}">
          <div class="who"><b>${label}</b><span>${detail(method)}</span></div>
          ${method.id === chosen ? badge : choose}
          <form method="post" action="${action}">
            <input type="hidden" name="payment_method" value="${method.id}" />
            <button
              class="drop"
              type="submit"
              name="action"
              value="remove"
              aria-label="Remove ${label}"
            >
              Remove
            </button>
          </form>
        </li>`;
      })}
    </ul>`;
}

const BRANDS: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
};

function describe(method: PaymentMethod): string {
  const account = method[method.type] as { last4?: string } | undefined;
  const name = method.card === undefined ? METHOD_LABEL[method.type] : BRANDS[method.card.brand];
  return `${name ?? 'Card'} •••• ${account?.last4 ?? ''}`;
}

function detail(method: PaymentMethod): string {
  if (method.card === undefined) return 'Debit';
  const { exp_month: month, exp_year: year } = method.card;
  return `Expires ${String(month).padStart(2, '0')} / ${String(year)}`;
}
