import type { FastifyReply } from 'fastify';
import type { PayResult } from './checkout-session.js';
import { cancelUrlOf, successUrlOf } from './checkout-url.js';
import type { JsonObject } from '../http/json.js';
import type { CheckoutSession } from '../world/objects.js';
import type { Decline } from '../customers/test-cards.js';

export type PayOutcome =
  | PayResult
  | { readonly kind: 'canceled'; readonly session: CheckoutSession }
  | { readonly kind: 'missing' };

/** The page's answer for programs: `{status, redirect_url, error}`. */
export async function sendPayJson(reply: FastifyReply, outcome: PayOutcome): Promise<void> {
  const { code, body } = answerOf(outcome);
  await reply.status(code).header('cache-control', 'no-store').send(body);
}

interface PayAnswer {
  readonly code: number;
  readonly body: JsonObject;
}

function answerOf(outcome: PayOutcome): PayAnswer {
  if (outcome.kind === 'missing') {
    return answer(404, 'not_found', null, {
      code: 'resource_missing',
      message: 'No such payment page.',
    });
  }
  const { session } = outcome;
  const success = successUrlOf(session);
  const back = cancelUrlOf(session);
  switch (outcome.kind) {
    case 'complete':
      return answer(200, 'complete', success, null);
    case 'already_paid':
      return answer(409, 'complete', success, {
        code: 'already_paid',
        message: 'This is already paid. Nothing was charged again.',
      });
    case 'requires_action':
      return answer(200, 'requires_action', session.url, null);
    case 'canceled':
      return answer(200, 'canceled', back, null);
    case 'expired':
      return answer(410, 'expired', back, {
        code: 'session_expired',
        message: 'This page has expired. Nothing was charged.',
      });
    case 'invalid': {
      const [fault] = outcome.faults;
      return answer(400, 'invalid', null, {
        code: fault?.code ?? 'invalid',
        message: outcome.faults.map((each) => each.message).join(' '),
        param: fault?.field ?? null,
      });
    }
    case 'declined':
      return answer(402, 'declined', null, declineBody(outcome));
  }
}

/** Names on the wire are Stripe's. */
export const declineBody = ({ code, declineCode, message }: Decline) => ({
  code,
  decline_code: declineCode,
  message,
});

function answer(
  code: number,
  status: string,
  redirectUrl: string | null,
  error: JsonObject | null,
): PayAnswer {
  return { code, body: { status, redirect_url: redirectUrl, error } };
}
