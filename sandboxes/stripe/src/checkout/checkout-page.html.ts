import { displayMinor } from '../payments/amount.js';
import type { CheckoutSession, LineItem, MethodType } from '../world/objects.js';
import { LOGO, PILL } from '../http/brand.html.js';
import {
  METHOD_LABEL,
  renderFields,
  renderTabs,
  renderTestData,
  type FieldsView,
} from './checkout-fields.html.js';
import { CHECKOUT_CSS, CHECKOUT_SCRIPT } from './checkout-page.css.js';
import { html, renderPage, type Markup } from '../http/html.js';

export interface CheckoutView extends FieldsView {
  readonly session: CheckoutSession;
  readonly lineItems: readonly LineItem[];
  readonly merchant: string;
  readonly method: MethodType;
  /** The bank's answer to the last attempt. */
  readonly alert: string | null;
  readonly nonce: string;
}

/** The ornament of every page's dark side. */
export const RINGS = html`<svg
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

interface Wording {
  readonly title: string;
  readonly what: string;
  readonly button: string;
}

/** The payment page: what is bought on the left, how it is paid on the right. */
export function renderCheckout(view: CheckoutView): string {
  const { session, merchant, method } = view;
  const words = wordingOf(view);
  const head = session.mode === 'setup' ? 'Save' : 'Pay with';
  const body = html`<div class="split">
    <header class="summary">
      <div class="summary-in">
        ${RINGS}
        <div class="brand">${LOGO}<span>${merchant}</span>${PILL}</div>
        <p class="what">${words.what}</p>
        ${renderOrder(view)}
        <p class="foot">Orbit Stripe sandbox: no card is charged and no money moves.</p>
      </div>
    </header>
    <main class="pay">
      <div class="pay-in">
        <h1>${head} ${method === 'card' ? 'card' : METHOD_LABEL[method]}</h1>
        ${renderTabs(session.payment_method_types, method)}
        ${view.alert === null ? null : renderAlert(view.alert)}
        <form id="payment" method="post" action="/c/pay/${session.id}" novalidate>
          ${renderFields(view, method)}
          <button class="go" id="pay" type="submit" name="action" value="pay">
            ${words.button}
          </button>
          <button class="quiet" id="cancel" type="submit" name="action" value="cancel">
            Cancel and go back
          </button>
        </form>
        ${renderTestData(method)}
      </div>
    </main>
  </div>`;
  const { nonce } = view;
  const { title } = words;
  return renderPage({ title, css: CHECKOUT_CSS, script: CHECKOUT_SCRIPT, nonce, body });
}

function wordingOf({ session, merchant, lineItems, method }: CheckoutView): Wording {
  if (session.mode === 'setup') {
    const what = `Save a payment method with ${merchant}`;
    return { title: what, what, button: method === 'card' ? 'Save card' : 'Save account' };
  }
  const total = totalOf(session);
  if (session.mode === 'subscription') {
    const name = lineItems[0]?.description ?? merchant;
    return { title: `Subscribe to ${name}`, what: `Subscribe to ${name}`, button: 'Subscribe' };
  }
  return {
    title: `Pay ${total} to ${merchant}`,
    what: `Pay ${merchant}`,
    button: `Pay ${total}`,
  };
}

const totalOf = (session: CheckoutSession): string =>
  displayMinor(session.amount_total ?? 0, session.currency ?? 'usd');

function renderOrder({ session, lineItems }: CheckoutView): Markup {
  if (session.mode === 'setup') {
    return html`<p class="note">
      Nothing is charged now. Later payments use what you save here, without asking again.
    </p>`;
  }
  const total = totalOf(session);
  const due = session.mode === 'subscription' ? 'Due today' : 'Total due';
  return html`<p class="total">
      ${total}<small>${session.currency?.toUpperCase()}${periodOf(lineItems)}</small>
    </p>
    <ul class="items" aria-label="What you are paying for">
      ${lineItems.map((item) => renderItem(item))}
    </ul>
    <div class="due"><span>${due}</span><span class="num">${total}</span></div>`;
}

/** " per month", of a subscription's first line. */
function periodOf(lineItems: readonly LineItem[]): string {
  const price = lineItems[0]?.['price'] as { recurring?: unknown } | undefined;
  const recurring = price?.recurring as { interval: string; interval_count: number } | null;
  if (recurring === null || recurring === undefined) return '';
  const { interval, interval_count: count } = recurring;
  return count === 1 ? ` per ${interval}` : ` every ${count} ${interval}s`;
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

export function renderAlert(message: string): Markup {
  return html`<div class="alert" role="alert" tabindex="-1">
    <svg viewBox="0 0 20 20" aria-hidden="true" fill="currentColor">
      <path
        d="M10 1.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Zm-.9 4.3h1.8l-.2 5.6H9.3l-.2-5.6Zm.9 8.9a1.1 1.1 0 1 1 0-2.2 1.1 1.1 0 0 1 0 2.2Z"
      /></svg
    ><span>${message}</span>
  </div>`;
}
