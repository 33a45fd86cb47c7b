import { LOGO, PILL } from '../http/brand.html.js';
import { CHECKOUT_CSS } from './checkout-page.css.js';
import { html, renderPage } from '../http/html.js';

export interface AuthenticationView {
  /** Where the answer goes. */
  readonly action: string;
  readonly merchant: string;
  /** "$100.00"; null when a card is only saved. */
  readonly amount: string | null;
  readonly nonce: string;
}

/** The bank's question. Two plain buttons, as in Stripe's test mode. */
export function renderAuthentication(view: AuthenticationView): string {
  const { action, merchant, amount, nonce } = view;
  const title = amount === null ? 'Confirm this card' : 'Confirm this payment';
  const body = html`<div class="lone">
    <main class="box">
      <div class="brand">
        <span>${LOGO}<span>Your bank</span></span
        >${PILL}
      </div>
      <h1>${title}</h1>
      <p>Your bank asks whether it is you. This is a test page: you choose the answer.</p>
      <dl>
        <div>
          <dt>Merchant</dt>
          <dd>${merchant}</dd>
        </div>
        ${
          amount === null
            ? null
            : html`<div>
                <dt>Amount</dt>
                <dd class="num">${amount}</dd>
              </div>`
        }
      </dl>
      <form id="authentication" method="post" action="${action}">
        <button
          class="go"
          id="complete_authentication"
          type="submit"
          name="action"
          value="complete_authentication"
        >
          Complete authentication
        </button>
        <button
          class="plain"
          id="fail_authentication"
          type="submit"
          name="action"
          value="fail_authentication"
        >
          Fail authentication
        </button>
      </form>
    </main>
  </div>`;
  return renderPage({ title, css: CHECKOUT_CSS, nonce, body });
}

export interface NoticeView {
  readonly merchant: string;
  readonly kind: 'paid' | 'expired' | 'canceled' | 'missing';
  readonly title: string;
  readonly message: string;
  readonly link: { readonly href: string; readonly label: string } | null;
  readonly nonce: string;
}

const SEALS = {
  good: html`<svg
    viewBox="0 0 24 24"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    stroke-width="2.4"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </svg>`,
  warn: html`<svg
    viewBox="0 0 24 24"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    stroke-width="2.2"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5.5l3.5 2" />
  </svg>`,
} as const;

/** A page that only says something: paid already, expired, canceled, unknown. */
export function renderNotice(view: NoticeView): string {
  const tone = view.kind === 'paid' ? 'good' : 'warn';
  const body = html`<div class="lone">
    <main class="box">
      <div class="brand">
        <span>${LOGO}<span>${view.merchant}</span></span
        >${PILL}
      </div>
      <div class="seal ${tone}">${SEALS[tone]}</div>
      <h1>${view.title}</h1>
      <p>${view.message}</p>
      ${view.link === null ? null : html`<a class="go" href="${view.link.href}">${view.link.label}</a>`}
    </main>
  </div>`;
  return renderPage({ title: view.title, css: CHECKOUT_CSS, nonce: view.nonce, body });
}
