import type { Delivery } from '../world/ports.js';
import { displayMinor } from '../payments/amount.js';
import type { CheckoutSession, PaymentIntent, StripeEvent } from '../world/objects.js';
import type { Faults } from './faults.js';
import { html, renderPage, type Markup } from '../http/html.js';

export interface StatusView {
  readonly sessions: readonly CheckoutSession[];
  readonly payments: readonly PaymentIntent[];
  readonly events: readonly StripeEvent[];
  readonly deliveries: readonly Delivery[];
  readonly faults: Faults;
  readonly webhookUrl: string | null;
  readonly merchantName: string;
  readonly nonce: string;
}

const CSS = `
:root{--ink:#10182b;--muted:#5a6478;--line:#dfe4ee;--paper:#f5f7fb;--card:#fff;--accent:#2b54e0;
--good:#137a4b;--good-soft:#e2f5ec;--bad:#b3261e;--bad-soft:#fdeceb;--warn:#8a5200;--warn-soft:#fff1d6;--dull:#eceff5}
@media (prefers-color-scheme:dark){:root{--ink:#eef2fb;--muted:#a3aec4;--line:#2c3650;--paper:#0d1424;--card:#141d32;
--accent:#8aa5ff;--good:#6fdca6;--good-soft:#12382a;--bad:#ff9a92;--bad-soft:#3a1d22;--warn:#ffca7a;--warn-soft:#3b2d12;--dull:#232d47}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
main{max-width:72rem;margin:0 auto;padding:2.25rem 1.25rem 4rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:baseline;margin-bottom:1.5rem}
h1{font-size:1.5rem;letter-spacing:-.02em;margin:0}h2{font-size:1.0625rem;margin:0 0 .75rem}
header p{margin:0;color:var(--muted)}code{font:.8125rem ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
section{background:var(--card);border:1px solid var(--line);border-radius:.875rem;padding:1.1rem 1.25rem;margin-bottom:1.25rem}
.scroll{overflow-x:auto;margin:0 -1.25rem;padding:0 1.25rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th{text-align:left;font-weight:550;color:var(--muted);padding:.35rem .75rem .35rem 0;white-space:nowrap}
td{padding:.5rem .75rem .5rem 0;border-top:1px solid var(--line);white-space:nowrap;vertical-align:middle}
td.num{font-variant-numeric:tabular-nums}.empty{color:var(--muted);margin:0}
.tag{display:inline-block;padding:.08rem .5rem;border-radius:1rem;font-size:.75rem;font-weight:650;background:var(--dull);color:var(--muted)}
.tag.good{background:var(--good-soft);color:var(--good)}.tag.bad{background:var(--bad-soft);color:var(--bad)}
.tag.warn{background:var(--warn-soft);color:var(--warn)}
a{color:var(--accent)}button{font:inherit;font-size:.8125rem;font-weight:600;padding:.25rem .7rem;border-radius:.45rem;
border:1px solid var(--line);background:none;color:var(--accent);cursor:pointer}
button:hover{border-color:var(--accent)}:is(a,button,input):focus-visible{outline:3px solid var(--accent);outline-offset:2px}
form.inline{display:inline}
.faults{display:flex;flex-wrap:wrap;gap:.9rem 1.25rem;align-items:end}
.faults label{font-size:.8125rem;color:var(--muted);display:grid;gap:.25rem}
.faults input{font:inherit;width:8.5rem;padding:.35rem .55rem;border:1px solid var(--line);border-radius:.45rem;background:var(--card);color:inherit}
`;

const TONES: Readonly<Record<string, string>> = {
  complete: 'good',
  succeeded: 'good',
  processing: 'warn',
  requires_action: 'warn',
  requires_payment_method: 'bad',
  delivered: 'good',
  open: 'warn',
  pending: 'warn',
  failed: 'bad',
  dropped: 'bad',
};

/** Everything at a glance, newest first. */
export function renderStatus(view: StatusView): string {
  const body = html`<main>
    <header>
      <h1>Stripe sandbox</h1>
      <p>
        for ${view.merchantName}; webhooks go to
        ${view.webhookUrl === null ? 'nobody' : html`<code>${view.webhookUrl}</code>`}
      </p>
    </header>
    ${renderFaults(view.faults)}
    <section>
      <h2>Checkout sessions</h2>
      ${view.sessions.length === 0 ? empty('None yet.') : renderSessions(view.sessions)}
    </section>
    <section>
      <h2>Payments</h2>
      ${view.payments.length === 0 ? empty('None yet.') : renderPayments(view.payments)}
    </section>
    <section>
      <h2>Webhook deliveries</h2>
      ${view.deliveries.length === 0 ? empty('None yet.') : renderDeliveries(view.deliveries)}
    </section>
    <section>
      <h2>Events</h2>
      ${view.events.length === 0 ? empty('None yet.') : renderEvents(view.events)}
    </section>
  </main>`;
  return renderPage({ title: 'Stripe sandbox', css: CSS, nonce: view.nonce, body });
}

function empty(text: string): Markup {
  return html`<p class="empty">${text}</p>`;
}

function tag(text: string): Markup {
  return html`<span class="tag ${TONES[text] ?? ''}">${text}</span>`;
}

function table(heads: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function renderFaults(faults: Faults): Markup {
  return html`<section>
    <h2>Webhook faults</h2>
    <form class="faults" method="post" action="/_sandbox/faults">
      <label for="delay"
        >Delay (ms)<input
          id="delay"
          name="webhook_delay_ms"
          inputmode="numeric"
          value="${faults.webhookDelayMs}"
      /></label>
      <label for="duplicate"
        >Extra copies<input
          id="duplicate"
          name="webhook_duplicate"
          inputmode="numeric"
          value="${faults.webhookDuplicates}"
      /></label>
      <label for="drop"
        >Drop next (-1: all)<input id="drop" name="webhook_drop" value="${faults.webhookDrops}"
      /></label>
      <label for="reorder"
        >Reorder (true/false)<input
          id="reorder"
          name="webhook_reorder"
          value="${String(faults.webhookReorder)}"
      /></label>
      <button type="submit">Set</button>
    </form>
  </section>`;
}

function renderSessions(sessions: readonly CheckoutSession[]): Markup {
  const rows = sessions.map(
    (session) =>
      html`<tr>
        <td>
          ${session.url === null ? shortId(session.id) : html`<a href="/c/pay/${session.id}">${shortId(session.id)}</a>`}
        </td>
        <td class="num">
          ${session.currency === null ? '–' : displayMinor(session.amount_total ?? 0, session.currency)}
        </td>
        <td>${tag(session.status)}</td>
        <td><code>${session.client_reference_id ?? '–'}</code></td>
        <td>${instant(session.created * 1_000)}</td>
      </tr>`,
  );
  return table(['Session', 'Amount', 'Status', 'Reference', 'Made'], rows);
}

function renderPayments(payments: readonly PaymentIntent[]): Markup {
  const rows = payments.map(
    (payment) =>
      html`<tr>
        <td>${shortId(payment.id)}</td>
        <td class="num">${displayMinor(payment.amount, payment.currency)}</td>
        <td>${tag(payment.status)}</td>
        <td><code>${payment.customer ?? '–'}</code></td>
        <td>${renderPaymentButtons(payment)}</td>
      </tr>`,
  );
  return table(['Payment', 'Amount', 'Status', 'Customer', ''], rows);
}

/** The buttons for actions of the outside world on a payment. */
function renderPaymentButtons(payment: PaymentIntent): Markup | null {
  const button = (action: string, label: string, field = '', value = ''): Markup =>
    html`<form class="inline" method="post" action="/_sandbox/${action}">
      ${field === '' ? null : html`<input type="hidden" name="${field}" value="${value}" />`}
      <button type="submit" aria-label="${label} ${payment.id}">${label}</button>
    </form>`;
  if (payment.status === 'processing') {
    const route = `payment_intents/${payment.id}/settle`;
    return html`${button(route, 'Bank pays', 'status', 'succeeded')}
    ${button(route, 'Bank refuses', 'status', 'failed')}`;
  }
  if (payment.status !== 'succeeded' || payment.latest_charge === null) return null;
  const charge = `charges/${payment.latest_charge}`;
  return html`${button(`${charge}/refund`, 'Refund')} ${button(`${charge}/dispute`, 'Dispute')}`;
}

function renderDeliveries(deliveries: readonly Delivery[]): Markup {
  const rows = deliveries.map(
    (delivery) =>
      html`<tr>
        <td>${delivery.eventType}</td>
        <td>${tag(delivery.status)}</td>
        <td class="num">${delivery.attempts}</td>
        <td>${delivery.lastStatus ?? delivery.lastError ?? '–'}</td>
        <td>${delivery.status === 'pending' ? instant(delivery.nextAttemptAtMs) : '–'}</td>
        <td><code>${delivery.eventId}</code></td>
      </tr>`,
  );
  return table(['Event', 'Status', 'Attempts', 'Last answer', 'Next attempt', 'Id'], rows);
}

function renderEvents(events: readonly StripeEvent[]): Markup {
  const rows = events.map(
    (event) =>
      html`<tr>
        <td>${event.type}</td>
        <td><code>${event.id}</code></td>
        <td><code>${shortId(String(event.data.object['id'] ?? ''))}</code></td>
        <td>${instant(event.created * 1_000)}</td>
        <td>
          <form method="post" action="/_sandbox/events/${event.id}/resend">
            <button type="submit" aria-label="Send ${event.id} again">Send again</button>
          </form>
        </td>
      </tr>`,
  );
  return table(['Type', 'Id', 'About', 'Raised', ''], rows);
}

function shortId(id: string): Markup {
  return html`<code title="${id}"
    >${id.length > 34 ? `${id.slice(0, 22)}…${id.slice(-6)}` : id}</code
  >`;
}

function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
