import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  authenticateSession,
  paySession,
  pendingIntent,
  readSession,
  type PayResult,
} from './checkout-session.js';
import type { IdSource } from '../world/ports.js';
import { Sandbox } from '../world/sandbox.js';
import { displayMinor } from '../payments/amount.js';
import { cancelUrlOf, successUrlOf } from './checkout-url.js';
import type { CheckoutSession, LineItem, MethodType } from '../world/objects.js';
import { StripeError } from '../http/stripe-error.js';
import { ID_SOURCE } from '../stripe-sandbox.tokens.js';
import { renderAuthentication, renderNotice, type NoticeView } from './checkout-notice.html.js';
import {
  EMPTY_FORM,
  prefill,
  readFormText,
  toPayForm,
  type FieldsView,
  type FormText,
} from './checkout-fields.html.js';
import { renderCheckout } from './checkout-page.html.js';
import { pageHeaders } from '../http/html.js';
import { sendPayJson } from './pay-answer.js';
import { readForm } from '../http/request-body.js';

interface PageState {
  readonly session: CheckoutSession;
  readonly lineItems: readonly LineItem[];
  readonly isAuthenticating: boolean;
}

/** The hosted payment page, for people (HTML) and for `orbit sandbox pay` (Accept: application/json). */
@Controller('c/pay')
export class CheckoutPageController {
  constructor(
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Get(':sessionId')
  async show(
    @Param('sessionId') sessionId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const state = await this.read(sessionId);
    if (state === null) return this.sendMissing(reply);
    const { session } = state;
    if (session.status === 'expired') return this.sendExpired(reply, session, 200);
    if (session.status === 'complete') return this.sendPaid(reply, session, 200);
    if (state.isAuthenticating) return this.sendAuthentication(reply, session);
    const email = session.customer_email ?? '';
    const query = readForm(request);
    const form = { ...EMPTY_FORM, email, ...prefill(query['card'], query['account']) };
    const method = methodOf(session, query['method']);
    return this.sendForm(reply, state, 200, { form, method, faults: [], alert: null });
  }

  @Post(':sessionId')
  async press(
    @Param('sessionId') sessionId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const given = readForm(request);
    const form = readFormText(given);
    const wantsJson = (request.headers.accept ?? '').includes('application/json');
    const state = await this.read(sessionId);
    if (state === null) {
      if (wantsJson) return sendPayJson(reply, { kind: 'missing' });
      return this.sendMissing(reply);
    }
    if (given['action'] === 'cancel' && state.session.status === 'open') {
      if (wantsJson) return sendPayJson(reply, { kind: 'canceled', session: state.session });
      return this.sendCanceled(reply, state.session);
    }
    const method = methodOf(state.session, given['payment_method_type']);
    const result = await this.run(sessionId, String(given['action'] ?? 'pay'), form, method);
    if (wantsJson) return sendPayJson(reply, result);
    return this.sendResult(reply, result, { form, method }, state.lineItems);
  }

  private run(
    sessionId: string,
    action: string,
    form: FormText,
    method: MethodType,
  ): Promise<PayResult> {
    if (action === 'complete_authentication' || action === 'fail_authentication') {
      const isConfirmed = action === 'complete_authentication';
      return this.sandbox.run((work) => authenticateSession(work, sessionId, isConfirmed));
    }
    const payer = { name: form.name.trim() || null, email: form.email.trim() || null };
    return this.sandbox.run((work) => paySession(work, sessionId, toPayForm(form, method), payer));
  }

  private async sendResult(
    reply: FastifyReply,
    result: PayResult,
    given: { readonly form: FormText; readonly method: MethodType },
    lineItems: readonly LineItem[],
  ): Promise<void> {
    const { session } = result;
    switch (result.kind) {
      case 'complete':
        return redirect(reply, successUrlOf(session));
      case 'already_paid':
        return this.sendPaid(reply, session, 200);
      case 'expired':
        return this.sendExpired(reply, session, 410);
      case 'requires_action':
        return redirect(reply, `/c/pay/${session.id}`);
      case 'invalid': {
        const view = { ...given, faults: result.faults, alert: null };
        return this.sendForm(reply, { session, lineItems }, 400, view);
      }
      case 'declined': {
        const form = { ...given.form, cvc: '' };
        const view = { ...given, form, faults: [], alert: result.message };
        return this.sendForm(reply, { session, lineItems }, 402, view);
      }
    }
  }

  private read(sessionId: string): Promise<PageState | null> {
    return this.sandbox
      .run(async (work) => {
        const stored = await readSession(work, sessionId);
        const isAuthenticating = (await pendingIntent(work, stored)) !== null;
        const { body: session, secret } = stored;
        return { session, lineItems: secret.line_items, isAuthenticating };
      })
      .catch((error: unknown) => {
        if (error instanceof StripeError && error.details.code === 'resource_missing') return null;
        throw error;
      });
  }

  private async sendForm(
    reply: FastifyReply,
    state: { readonly session: CheckoutSession; readonly lineItems: readonly LineItem[] },
    status: number,
    view: FieldsView & { readonly method: MethodType; readonly alert: string | null },
  ): Promise<void> {
    const { session, lineItems } = state;
    const nonce = this.ids.next('');
    const merchant = this.sandbox.settings.merchantName;
    const page = renderCheckout({ session, lineItems, merchant, nonce, ...view });
    await reply.status(status).headers(pageHeaders(nonce)).send(page);
  }

  private async sendAuthentication(reply: FastifyReply, session: CheckoutSession): Promise<void> {
    const nonce = this.ids.next('');
    const merchant = this.sandbox.settings.merchantName;
    const { amount_total: total, currency } = session;
    const amount = total === null || currency === null ? null : displayMinor(total, currency);
    const action = `/c/pay/${session.id}`;
    const page = renderAuthentication({ action, merchant, amount, nonce });
    await reply.status(200).headers(pageHeaders(nonce)).send(page);
  }

  private sendPaid(reply: FastifyReply, session: CheckoutSession, status: number): Promise<void> {
    return this.sendNotice(reply, status, {
      kind: 'paid',
      title: 'This is already paid',
      message: 'The payment went through. Nothing was charged again.',
      link: { href: successUrlOf(session), label: 'Continue' },
    });
  }

  private sendExpired(
    reply: FastifyReply,
    session: CheckoutSession,
    status: number,
  ): Promise<void> {
    const href = cancelUrlOf(session);
    return this.sendNotice(reply, status, {
      kind: 'expired',
      title: 'This page has expired',
      message: 'Its time is over and nothing was charged. Go back and start again.',
      link: href === null ? null : { href, label: 'Go back' },
    });
  }

  private sendCanceled(reply: FastifyReply, session: CheckoutSession): Promise<void> {
    const href = cancelUrlOf(session);
    if (href !== null) return redirect(reply, href);
    return this.sendNotice(reply, 200, {
      kind: 'canceled',
      title: 'Nothing was charged',
      message: 'You can close this page, or change your mind and pay after all.',
      link: { href: `/c/pay/${session.id}`, label: 'Back to the payment' },
    });
  }

  private sendMissing(reply: FastifyReply): Promise<void> {
    return this.sendNotice(reply, 404, {
      kind: 'missing',
      title: 'There is no such payment page',
      message: 'Check the address, or go back and start again.',
      link: null,
    });
  }

  private async sendNotice(
    reply: FastifyReply,
    status: number,
    view: Omit<NoticeView, 'merchant' | 'nonce'>,
  ): Promise<void> {
    const nonce = this.ids.next('');
    const page = renderNotice({ ...view, merchant: this.sandbox.settings.merchantName, nonce });
    await reply.status(status).headers(pageHeaders(nonce)).send(page);
  }
}

async function redirect(reply: FastifyReply, url: string): Promise<void> {
  await reply.header('cache-control', 'no-store').redirect(url, 303);
}

/** The kind of method that was asked for, when the session takes it. */
function methodOf(session: CheckoutSession, given: unknown): MethodType {
  const types = session.payment_method_types;
  return types.find((type) => type === given) ?? types[0] ?? 'card';
}
