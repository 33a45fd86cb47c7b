import { displayMinor } from '../domain/amount.js';
import type { CheckoutSession } from '../domain/objects.js';
import { LOGO, PILL } from './brand.html.js';
import { CHECKOUT_CSS } from './checkout-page.css.js';
import { html, renderPage } from './html.js';

export interface AuthenticationView {
  readonly session: CheckoutSession;
  readonly merchant: string;
  readonly nonce: string;
}

/** The bank's question. Two plain buttons, as in Stripe's test mode. */
export function renderAuthentication({ session, merchant, nonce }: AuthenticationView): string {
  const body = html`<div class="lone">
    <main class="box">
      <div class="brand">
        <span>${LOGO}<span>Your bank</span></span
        >${PILL}
      </div>
      <h1>Confirm this payment</h1>
      <p>
        Your bank asks whether it is you who is paying. This is a test page: you choose the answer.
      </p>
      <dl>
        <div>
          <dt>Merchant</dt>
          <dd>${merchant}</dd>
        </div>
        <div>
          <dt>Amount</dt>
          <dd class="num">${displayMinor(session.amount_total, session.currency)}</dd>
        </div>
      </dl>
      <form id="authentication" method="post" action="/c/pay/${session.id}">
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
  return renderPage({ title: 'Confirm this payment', css: CHECKOUT_CSS, nonce, body });
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
