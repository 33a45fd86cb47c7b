import type { PaymentMethodView, PortalView, WalletBalance } from '@orbit/contracts';
import { html, pageOf, type Html } from './html.js';

/** The part of a portal besides invoices; null: it cannot be read now, and the page says so. */
export interface PortalParts {
  readonly balances: readonly WalletBalance[] | null;
  readonly methods: readonly PaymentMethodView[] | null;
}

/** The page of a customer. `address`: of the page itself. */
export function portalPage(portal: PortalView, parts: PortalParts, address: string): string {
  return pageOf(
    `${portal.seller}: billing of ${portal.name}`,
    html`<header class="card">
        <p class="muted">${portal.seller}</p>
        <h1>Billing of ${portal.name}</h1>
        <p class="muted">This page is open until ${timeOf(portal.expires_at)}.</p>
      </header>
      <section>
        <h2>Balance</h2>
        ${balancesOf(parts.balances)}
      </section>
      <section>
        <h2>Payment methods</h2>
        ${methodsOf(parts.methods)}
        <form method="post" action="${address}/payment-methods" class="actions">
          <button>Add a payment method</button>
        </form>
      </section>
      <section class="wide">
        <h2>Invoices</h2>
        ${invoicesOf(portal.invoices)}
      </section>`,
  );
}

const UNAVAILABLE = html`<p>This cannot be shown at the moment. Reload the page in a minute.</p>`;

function balancesOf(balances: PortalParts['balances']): Html {
  if (balances === null) return UNAVAILABLE;
  if (balances.length === 0) return html`<p class="muted">There is no prepaid balance yet.</p>`;
  return html`${balances.map(
    ({ balance, currency }) => html`<p><span class="big">${balance}</span> ${currency}</p>`,
  )}`;
}

function methodsOf(methods: PortalParts['methods']): Html {
  if (methods === null) return UNAVAILABLE;
  if (methods.length === 0) return html`<p class="muted">No payment method is saved yet.</p>`;
  return html`${methods.map(
    (method) =>
      html`<p>
        ${nameOf(method)} ${method.is_default ? html`<span class="badge">default</span>` : null}
      </p>`,
  )}`;
}

function nameOf({
  type,
  brand,
  last4,
  exp_month: month,
  exp_year: year,
}: PaymentMethodView): string {
  const end = last4 === null ? '' : ` •••• ${last4}`;
  const until = month === null || year === null ? '' : `, until ${String(month)}/${String(year)}`;
  return `${brand ?? type}${end}${until}`;
}

function invoicesOf(invoices: PortalView['invoices']): Html {
  if (invoices.length === 0) return html`<p class="muted">There are no invoices yet.</p>`;
  const rows = invoices.map(
    (invoice) =>
      html`<tr>
        <td><a href="/documents/${invoice.token}">${invoice.number}</a></td>
        <td>${invoice.date}</td>
        <td>${invoice.status}</td>
        <td class="number">${invoice.total}</td>
        <td class="number">${invoice.amount_due}</td>
        <td>
          ${invoice.has_pdf ? html`<a href="/documents/${invoice.token}/invoice.pdf">PDF</a>` : null}
        </td>
      </tr>`,
  );
  return html`<table>
    <thead>
      <tr>
        <th>Number</th>
        <th>Date</th>
        <th>Status</th>
        <th class="number">Total</th>
        <th class="number">Due</th>
        <th></th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** "2026-05-16 12:00 UTC". */
const timeOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
