import type { DocumentPage } from '@orbit/contracts';
import { html, pageOf, type Html } from './html.js';

/** The hosted page of an invoice. `address`: of the page itself, below which its files are. */
export function invoicePage(page: DocumentPage, address: string): string {
  const { title, number, headline } = page;
  return pageOf(
    `${title} ${number}`,
    html`<header class="card">
        <p class="muted">${page.seller} · ${title} ${number}</p>
        <h1>
          ${headline} ${page.stamp === null ? null : html`<span class="badge">${page.stamp}</span>`}
        </h1>
        <div class="actions">
          ${page.has_pdf ? html`<a class="button" href="${address}/invoice.pdf">Download invoice</a>` : null}
          ${page.has_receipt ? html`<a class="button" href="${address}/receipt.pdf">Download receipt</a>` : null}
        </div>
      </header>
      <section class="row">
        <dl>
          ${page.facts.map(
            ({ label, value }) =>
              html`<dt>${label}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
        <div>
          <p class="muted">Bill to</p>
          ${page.bill_to.map((line) => html`<p>${line}</p>`)}
        </div>
      </section>
      <section class="wide">
        <table>
          <thead>
            <tr>
              <th>Description</th>
              <th class="number">Qty</th>
              <th class="number">Unit price</th>
              <th class="number">Amount</th>
            </tr>
          </thead>
          <tbody>
            ${page.lines.map(lineOf)}
          </tbody>
          <tfoot>
            ${page.totals.map(
              ({ label, value }) =>
                html`<tr>
                  <td colspan="3" class="number">${label}</td>
                  <td class="number">${value}</td>
                </tr>`,
            )}
          </tfoot>
        </table>
      </section>
      ${page.notes.length === 0 ? null : html`<section>${page.notes.map(({ label, value }) => html`<p><span class="muted">${label}:</span> ${value}</p>`)}</section>`}
      <p class="muted">${page.footer}</p>`,
  );
}

const lineOf = (line: DocumentPage['lines'][number]): Html =>
  html`<tr>
    <td>${line.description}${line.details.map((detail) => html`<small>${detail}</small>`)}</td>
    <td class="number">${line.quantity}</td>
    <td class="number">${line.unit_price}</td>
    <td class="number">${line.amount}</td>
  </tr>`;
