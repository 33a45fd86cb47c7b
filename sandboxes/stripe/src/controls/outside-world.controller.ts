import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { expireSession, lockSession } from '../checkout/checkout-session.js';
import {
  closeDispute,
  DISPUTE_REASONS,
  openDispute,
  warnOfFraud,
} from '../refunds-disputes/disputes.js';
import { bookMovement } from '../payments/movements.js';
import type { IdSource } from '../world/ports.js';
import {
  createRefund,
  FAILURE_REASONS,
  REFUND_REASONS,
  finishRefund,
} from '../refunds-disputes/refunds.js';
import { Sandbox } from '../world/sandbox.js';
import { endPayment } from '../payments/end-payment.js';
import type { Work } from '../world/work.js';
import { checkCurrency } from '../payments/amount.js';
import type { JsonObject } from '../http/json.js';
import {
  flag,
  integer,
  oneOf,
  readParams,
  required,
  text,
  type ParamsOf,
  type Shape,
} from '../http/params.js';
import { BEHAVIORS } from '../customers/test-cards.js';
import { ID_SOURCE } from '../stripe-sandbox.tokens.js';
import { answerDeveloper } from '../http/dev-answer.js';
import { readForm } from '../http/request-body.js';

type Request = FastifyRequest;
type Reply = FastifyReply;

/** The actions of banks, cardholders and people in Stripe's dashboard: at the press of a button. */
@Controller('_sandbox')
export class OutsideWorldController {
  constructor(
    @Inject(Sandbox) private readonly sandbox: Sandbox,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  /** The cardholder goes to the bank; `inquiry`: the bank only asks. */
  @Post('charges/:id/dispute')
  dispute(@Param('id') id: string, @Req() request: Request, @Res() reply: Reply): Promise<void> {
    const shape = { amount: integer(1), reason: oneOf(...DISPUTE_REASONS), inquiry: flag() };
    return this.act(request, reply, shape, async (work, given) => {
      const { body: charge } = await work.lock('charge', id);
      return openDispute(work, charge, {
        amount: given.amount,
        reason: given.reason ?? 'fraudulent',
        isInquiry: given.inquiry ?? false,
      });
    });
  }

  @Post('disputes/:id/close')
  close(@Param('id') id: string, @Req() request: Request, @Res() reply: Reply): Promise<void> {
    const shape = { status: required(oneOf('won', 'lost')), fee_returned: flag() };
    return this.act(request, reply, shape, (work, given) =>
      closeDispute(work, id, given.status, given.fee_returned ?? false),
    );
  }

  @Post('charges/:id/fraud_warning')
  warn(@Param('id') id: string, @Req() request: Request, @Res() reply: Reply): Promise<void> {
    return this.act(request, reply, {}, async (work) =>
      warnOfFraud(work, (await work.lock('charge', id)).body),
    );
  }

  /** A refund that nobody asked the API for. */
  @Post('charges/:id/refund')
  refund(@Param('id') id: string, @Req() request: Request, @Res() reply: Reply): Promise<void> {
    const shape = { amount: integer(1), reason: oneOf(...REFUND_REASONS) };
    return this.act(request, reply, shape, (work, given) => {
      const { amount, reason = null } = given;
      const target = { charge: id, paymentIntent: undefined };
      return createRefund(work, { ...target, amount, reason, metadata: {} });
    });
  }

  /** Ends a refund that is pending, or fails one that had succeeded. */
  @Post('refunds/:id/settle')
  finishRefund(
    @Param('id') id: string,
    @Req() request: Request,
    @Res() reply: Reply,
  ): Promise<void> {
    const shape = {
      status: required(oneOf('succeeded', 'failed')),
      reason: oneOf(...FAILURE_REASONS),
    };
    return this.act(request, reply, shape, (work, given) =>
      finishRefund(work, id, { outcome: given.status, reason: given.reason ?? 'unknown' }),
    );
  }

  /** The bank answers to a debit now. */
  @Post('payment_intents/:id/settle')
  answerDebit(
    @Param('id') id: string,
    @Req() request: Request,
    @Res() reply: Reply,
  ): Promise<void> {
    const shape = { status: required(oneOf('succeeded', 'failed')) };
    return this.act(request, reply, shape, async (work, given) => {
      await endPayment(work, id, given.status);
      return (await work.need('payment_intent', id)).body;
    });
  }

  /** Lets a session's time run out now. */
  @Post('sessions/:id/expire')
  expire(@Param('id') id: string, @Req() request: Request, @Res() reply: Reply): Promise<void> {
    return this.act(request, reply, {}, async (work) => {
      const stored = await lockSession(work, id);
      return stored.body.status === 'open' ? expireSession(work, stored) : stored.body;
    });
  }

  /** Changes what the bank will say to a saved card: how a good card goes bad between two charges. */
  @Post('payment_methods/:id/behavior')
  behave(@Param('id') id: string, @Req() request: Request, @Res() reply: Reply): Promise<void> {
    const shape = { behavior: required(oneOf(...BEHAVIORS)) };
    return this.act(request, reply, shape, async (work, { behavior }) => {
      const { body, secret } = await work.lock('payment_method', id);
      await work.tx.save('payment_method', body, { ...secret, behavior });
      return { id, behavior };
    });
  }

  /** Money that moves without us: a monthly fee of Stripe's, an adjustment, a payout. */
  @Post('balance_transactions')
  move(@Req() request: Request, @Res() reply: Reply): Promise<void> {
    const shape = {
      type: required(oneOf('stripe_fee', 'adjustment', 'payout')),
      amount: required(integer(-Number.MAX_SAFE_INTEGER)),
      currency: required(text(3)),
      description: text(500),
      source: text(255),
    };
    return this.act(request, reply, shape, (work, given) =>
      bookMovement(work, {
        type: given.type,
        amount: given.amount,
        currency: checkCurrency(given.currency, 'currency'),
        source: given.source ?? null,
        description: given.description ?? null,
      }),
    );
  }

  private act<S extends Shape>(
    request: Request,
    reply: Reply,
    shape: S,
    run: (work: Work, given: ParamsOf<S>) => Promise<JsonObject>,
  ): Promise<void> {
    return answerDeveloper(request, reply, this.ids.next('req_', 14), () => {
      const given = readParams(shape, readForm(request));
      return this.sandbox.run((work) => run(work, given));
    });
  }
}
