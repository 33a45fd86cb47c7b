import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  addMethod,
  afterUrl,
  chooseMethod,
  readPortal,
  removeMethod,
  type PortalResult,
  type PortalState,
} from './portal.js';
import {
  confirmUpdate,
  preparedUpdate,
  readQuestion,
  UpdateDeclined,
  type UpdateQuestion,
} from './portal-update.js';
import type { IdSource } from '../world/ports.js';
import { Sandbox } from '../world/sandbox.js';
import type { FormObject } from '../http/form.js';
import type { MethodType } from '../world/objects.js';
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
import { METHOD_TYPES } from '../customers/method-params.js';
import { renderPortal } from './portal-page.html.js';
import { readForm } from '../http/request-body.js';

type Shown = FieldsView & { readonly method: MethodType; readonly alert: string | null };

/** The hosted customer portal: add a payment method, choose the default one, remove one. */
@Controller('p/session')
export class PortalPageController {
  constructor(
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  @Get(':sessionId')
  async show(
    @Param('sessionId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const state = await this.read(id);
    if (state === null) return this.sendMissing(reply);
    const query = readForm(request);
    const form = { ...EMPTY_FORM, ...prefill(query['card'], query['account']) };
    const method = methodOf(query['method']);
    return this.send(reply, 200, state, { form, method, faults: [], alert: null });
  }

  @Post(':sessionId')
  async press(
    @Param('sessionId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const given = readForm(request);
    const state = await this.read(id);
    if (state === null) return this.sendMissing(reply);
    const text = readFormText(given);
    const method = methodOf(given['payment_method_type']);
    const result = await this.run(state, given, method);
    switch (result.kind) {
      case 'saved':
        return redirect(reply, result.url);
      case 'requires_action':
        return redirect(reply, result.url);
      case 'invalid': {
        const view = { form: text, method, faults: result.faults, alert: null };
        return this.send(reply, 400, state, view);
      }
      case 'declined': {
        const form = { ...text, cvc: '' };
        return this.send(reply, 402, state, { form, method, faults: [], alert: result.message });
      }
    }
  }

  private async run(
    state: PortalState,
    given: FormObject,
    method: MethodType,
  ): Promise<PortalResult & { readonly url: string }> {
    const { session } = state;
    const update = preparedUpdate(session);
    if (update !== null) {
      const url = afterUrl(session);
      const confirmed = this.sandbox.run((work) => confirmUpdate(work, update));
      return confirmed.then(
        (result) => ({ ...result, url }),
        (error: unknown) => {
          if (!(error instanceof UpdateDeclined)) throw error;
          return { kind: 'declined', message: error.message, url };
        },
      );
    }
    const named = typeof given['payment_method'] === 'string' ? given['payment_method'] : '';
    return this.sandbox.run(async (work) => {
      if (given['action'] === 'set_default') {
        await chooseMethod(work, state, named);
        return { kind: 'saved', url: session.url };
      }
      if (given['action'] === 'remove') {
        await removeMethod(work, state, named);
        return { kind: 'saved', url: session.url };
      }
      const text = readFormText(given);
      const name = text.name.trim() || null;
      return {
        url: afterUrl(session),
        ...(await addMethod(work, state, toPayForm(text, method), name)),
      };
    });
  }

  /** Null: the link asks for no confirmation. */
  private async questionOf({ session }: PortalState): Promise<UpdateQuestion | null> {
    const update = preparedUpdate(session);
    return update && this.sandbox.run((work) => readQuestion(work, update));
  }

  private read(id: string): Promise<PortalState | null> {
    return this.sandbox
      .run((work) => readPortal(work, id))
      .catch((error: unknown) => {
        if (error instanceof StripeError && error.details.code === 'resource_missing') return null;
        throw error;
      });
  }

  private async send(
    reply: FastifyReply,
    status: number,
    state: PortalState,
    view: Shown,
  ): Promise<void> {
    const nonce = this.ids.next('');
    const merchant = this.sandbox.settings.merchantName;
    const question = await this.questionOf(state);
    const page = renderPortal({ ...view, state, merchant, nonce, question });
    await reply.status(status).headers(pageHeaders(nonce)).send(page);
  }

  private async sendMissing(reply: FastifyReply): Promise<void> {
    const nonce = this.ids.next('');
    const page = renderNotice({
      kind: 'missing',
      title: 'This link is over',
      message: 'Go back and ask for a new one.',
      link: null,
      merchant: this.sandbox.settings.merchantName,
      nonce,
    });
    await reply.status(404).headers(pageHeaders(nonce)).send(page);
  }
}

function methodOf(given: unknown): MethodType {
  return METHOD_TYPES.find((type) => type === given) ?? 'card';
}

async function redirect(reply: FastifyReply, url: string): Promise<void> {
  await reply.header('cache-control', 'no-store').redirect(url, 303);
}
