import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { payInvoicePage } from './invoice-page.js';
import type { IdSource } from '../world/ports.js';
import { Sandbox } from '../world/sandbox.js';
import type { Invoice } from '../billing/billing-objects.js';
import { StripeError } from '../http/stripe-error.js';
import { ID_SOURCE } from '../stripe-sandbox.tokens.js';
import {
  EMPTY_FORM,
  prefill,
  readFormText,
  toPayForm,
  type FieldsView,
} from '../checkout/checkout-fields.html.js';
import { renderNotice } from '../checkout/checkout-notice.html.js';
import { pageHeaders } from '../http/html.js';
import { renderInvoice } from './invoice-page.html.js';
import { renderInvoicePdf } from './invoice-pdf.js';
import { readForm } from '../http/request-body.js';

/** `hosted_invoice_url`: the invoice, and a form to pay it while it is open. */
@Controller('i')
export class InvoicePageController {
  constructor(
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Get(':invoiceId')
  async show(
    @Param('invoiceId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const form = { ...EMPTY_FORM, ...prefill(readForm(request)['card'], undefined) };
    return this.send(reply, id, 200, { form, faults: [] }, null);
  }

  /** `invoice_pdf`: asks for no key, because nobody guesses the id. */
  @Get(':invoiceId/pdf')
  async pdf(@Param('invoiceId') id: string, @Res() reply: FastifyReply): Promise<void> {
    const invoice = await this.read(id);
    if (invoice === null || invoice.status === 'draft') return this.sendMissing(reply);
    const pdf = await renderInvoicePdf(invoice, this.sandbox.settings.merchantName);
    const filename = `Invoice-${invoice.number ?? id}.pdf`;
    await reply
      .header('content-type', 'application/pdf')
      .header('content-disposition', `inline; filename="${filename}"`)
      .header('cache-control', 'no-store')
      .send(pdf);
  }

  @Post(':invoiceId')
  async press(
    @Param('invoiceId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const form = readFormText(readForm(request));
    if ((await this.read(id)) === null) return this.sendMissing(reply);
    const payer = { name: form.name.trim() || null, email: form.email.trim() || null };
    const result = await this.sandbox.run((work) =>
      payInvoicePage(work, id, toPayForm(form, 'card'), payer),
    );
    switch (result.kind) {
      case 'paid':
        return redirect(reply, `/i/${id}`);
      case 'requires_action':
        return redirect(reply, result.url);
      case 'invalid':
        return this.send(reply, id, 400, { form, faults: result.faults }, null);
      case 'declined':
        return this.send(
          reply,
          id,
          402,
          { form: { ...form, cvc: '' }, faults: [] },
          result.message,
        );
    }
  }

  private read(id: string): Promise<Invoice | null> {
    return this.sandbox
      .run(async (work) => (await work.need('invoice', id)).body)
      .catch((error: unknown) => {
        if (error instanceof StripeError && error.details.code === 'resource_missing') return null;
        throw error;
      });
  }

  private async send(
    reply: FastifyReply,
    id: string,
    status: number,
    view: FieldsView,
    alert: string | null,
  ): Promise<void> {
    const invoice = await this.read(id);
    if (invoice === null) return this.sendMissing(reply);
    const nonce = this.ids.next('');
    const merchant = this.sandbox.settings.merchantName;
    const page = renderInvoice({ ...view, invoice, merchant, alert, nonce });
    await reply.status(status).headers(pageHeaders(nonce)).send(page);
  }

  private async sendMissing(reply: FastifyReply): Promise<void> {
    const nonce = this.ids.next('');
    const page = renderNotice({
      kind: 'missing',
      title: 'There is no such invoice',
      message: 'Check the address.',
      link: null,
      merchant: this.sandbox.settings.merchantName,
      nonce,
    });
    await reply.status(404).headers(pageHeaders(nonce)).send(page);
  }
}

async function redirect(reply: FastifyReply, url: string): Promise<void> {
  await reply.header('cache-control', 'no-store').redirect(url, 303);
}
