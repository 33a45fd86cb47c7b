import { displayMinor } from '../domain/amount.js';
import { TEST_CARDS, type CardBehavior, type CardFault, type CardField } from '../domain/card.js';
import type { CheckoutSession, LineItem } from '../domain/objects.js';
import { LOGO, PILL } from './brand.html.js';
import { CHECKOUT_CSS, CHECKOUT_SCRIPT } from './checkout-page.css.js';
import { html, renderPage, type Markup } from './html.js';

export type CardFormText = Readonly<Record<CardField, string>>;

export interface CheckoutView {
  readonly session: CheckoutSession;
  readonly lineItems: readonly LineItem[];
  readonly merchant: string;
  readonly form: CardFormText;
  readonly faults: readonly CardFault[];
  /** What the bank said to the last attempt. */
  readonly alert: string | null;
  readonly nonce: string;
}

const RINGS = html`<svg
  class="rings"
  viewBox="0 0 400 400"
  aria-hidden="true"
  fill="none"
  stroke="#6f8fe8"
>
  <g transform="rotate(-28 200 200)">
    <ellipse cx="200" cy="200" rx="190" ry="78" stroke-opacity=".55" />
    <ellipse cx="200" cy="200" rx="150" ry="58" stroke-opacity=".4" />
    <ellipse cx="200" cy="200" rx="108" ry="40" stroke-opacity=".3" />
    <circle cx="62" cy="146" r="6" fill="#ffd27a" stroke="none" />
    <circle cx="306" cy="159" r="4" fill="#cfdcff" stroke="none" />
  </g>
  <circle cx="200" cy="200" r="24" fill="#31498f" stroke="none" />
</svg>`;

/** The payment page: what is bought on the left, the card on the right. */
export function renderCheckout(view: CheckoutView): string {
  const { session, merchant } = view;
  const total = displayMinor(session.amount_total, session.currency);
  const body = html`<div class="split">
    <header class="summary">
      <div class="summary-in">
        ${RINGS}
        <div class="brand">${LOGO}<span>${merchant}</span>${PILL}</div>
        <p class="what">Pay ${merchant}</p>
        <p class="total">${total}<small>${session.currency.toUpperCase()}</small></p>
        <ul class="items" aria-label="What you are paying for">
          ${view.lineItems.map((item) => renderItem(item))}
        </ul>
        <div class="due"><span>Total due</span><span class="num">${total}</span></div>
        <p class="foot">Orbit Stripe sandbox: no card is charged and no money moves.</p>
      </div>
    </header>
    <main class="pay">
      <div class="pay-in">
        <h1>Pay with card</h1>
        ${view.alert === null ? null : renderAlert(view.alert)}
        <form id="payment" method="post" action="/c/pay/${session.id}" novalidate>
          ${renderField(view, { id: 'email', label: 'Email', type: 'email', autocomplete: 'email', placeholder: 'you@example.com', note: 'for the receipt' })}
          ${renderField(view, { id: 'card_number', label: 'Card number', type: 'text', autocomplete: 'cc-number', placeholder: '1234 1234 1234 1234', inputmode: 'numeric', max: 23 })}
          <div class="row">
            ${renderField(view, { id: 'exp', label: 'Expiry', type: 'text', autocomplete: 'cc-exp', placeholder: 'MM / YY', inputmode: 'numeric', max: 9 })}
            ${renderField(view, { id: 'cvc', label: 'Security code', type: 'text', autocomplete: 'cc-csc', placeholder: 'CVC', inputmode: 'numeric', max: 4 })}
          </div>
          ${renderField(view, { id: 'name', label: 'Name on card', type: 'text', autocomplete: 'cc-name', placeholder: 'Full name', note: 'optional' })}
          <button class="go" id="pay" type="submit" name="action" value="pay">Pay ${total}</button>
          <button class="quiet" id="cancel" type="submit" name="action" value="cancel">
            Cancel and go back
          </button>
        </form>
        ${renderTestCards()}
      </div>
    </main>
  </div>`;
  const title = `Pay ${total} to ${merchant}`;
  const { nonce } = view;
  return renderPage({ title, css: CHECKOUT_CSS, script: CHECKOUT_SCRIPT, nonce, body });
}

function renderItem(item: LineItem): Markup {
  const each = displayMinor(item.amount_total / item.quantity, item.currency);
  return html`<li>
    <div>
      <b>${item.description}</b
      >${item.quantity > 1 ? html`<span>${item.quantity} × ${each}</span>` : null}
    </div>
    <span class="num">${displayMinor(item.amount_total, item.currency)}</span>
  </li>`;
}

function renderAlert(message: string): Markup {
  return html`<div class="alert" role="alert" tabindex="-1">
    <svg viewBox="0 0 20 20" aria-hidden="true" fill="currentColor">
      <path
        d="M10 1.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Zm-.9 4.3h1.8l-.2 5.6H9.3l-.2-5.6Zm.9 8.9a1.1 1.1 0 1 1 0-2.2 1.1 1.1 0 0 1 0 2.2Z"
      /></svg
    ><span>${message}</span>
  </div>`;
}

interface Field {
  readonly id: CardField;
  readonly label: string;
  readonly type: 'text' | 'email';
  readonly autocomplete: string;
  readonly placeholder: string;
  readonly note?: string;
  readonly inputmode?: 'numeric';
  readonly max?: number;
}

function renderField(view: CheckoutView, field: Field): Markup {
  const { id } = field;
  const fault = view.faults.find((candidate) => candidate.field === id);
  const invalid = fault && html` aria-invalid="true" aria-describedby="${id}_fault"`;
  const mode = field.inputmode && html` inputmode="${field.inputmode}"`;
  const input = html`<input
    id="${id}"
    name="${id}"
    type="${field.type}"
    value="${view.form[id]}"
    autocomplete="${field.autocomplete}"
    placeholder="${field.placeholder}"
    maxlength="${field.max ?? 200}"
    ${mode}${invalid}
    spellcheck="false"
  />`;
  return html`<div class="field">
    <label for="${id}">${field.label}${field.note && html` <i>${field.note}</i>`}</label>
    ${id === 'card_number' ? html`<div class="number">${input}<span class="mark" id="mark" aria-hidden="true"></span></div>` : input}
    ${fault && html`<p class="fault" id="${id}_fault">${fault.message}</p>`}
  </div>`;
}

function renderTestCards(): Markup {
  const listed = TEST_CARDS.filter((card) => card.label !== undefined);
  return html`<section class="cards" aria-labelledby="cards_title">
    <h2 id="cards_title">Test cards</h2>
    <p>Pick one to fill the form. Any future date and any three digits will do.</p>
    <ul>
      ${listed.map(
        (card) =>
          html`<li>
            <a href="?card=${card.number}" data-card="${card.number}"
              ><span class="dot ${dotOf(card.behavior)}" aria-hidden="true"></span
              ><span>${card.label}</span
              ><code>${card.number.replace(/(.{4})(?=.)/g, '$1 ')}</code></a
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

function dotOf(behavior: CardBehavior): string {
  if (behavior === 'succeed') return '';
  return behavior.startsWith('authenticate') || behavior === 'dispute' ? 'ask' : 'no';
}
