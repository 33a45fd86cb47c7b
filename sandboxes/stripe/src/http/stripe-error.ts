import type { JsonObject } from './json.js';

export type StripeErrorType =
  'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error' | 'rate_limit_error';

export interface StripeErrorDetails {
  readonly code?: string;
  readonly param?: string;
  readonly declineCode?: string;
  /** Id of the failed charge, on a card error. */
  readonly charge?: string;
  /** The payment intent as it stands after the failure: the SDK exposes it as `error.payment_intent`. */
  readonly paymentIntent?: JsonObject;
  readonly setupIntent?: JsonObject;
  /** The method that was tried, whole, as Stripe shows it. */
  readonly paymentMethod?: JsonObject;
}

/** An answer of Stripe's error shape. Thrown before anything was done: what is thrown is rolled back. */
export class StripeError extends Error {
  override readonly name = 'StripeError';

  constructor(
    readonly status: number,
    readonly type: StripeErrorType,
    message: string,
    readonly details: StripeErrorDetails = {},
  ) {
    super(message);
  }

  /** `{error: {type, code, message, param, decline_code, …}}`; absent fields are left out, as Stripe does. */
  toBody(requestId: string): JsonObject {
    const { code, param, declineCode, charge, paymentIntent, setupIntent, paymentMethod } =
      this.details;
    return {
      error: {
        type: this.type,
        message: this.message,
        ...(code === undefined
          ? {}
          : { code, doc_url: `https://stripe.com/docs/error-codes/${code}` }),
        ...(param === undefined ? {} : { param }),
        ...(declineCode === undefined ? {} : { decline_code: declineCode }),
        ...(charge === undefined ? {} : { charge }),
        ...(paymentIntent === undefined ? {} : { payment_intent: paymentIntent }),
        ...(setupIntent === undefined ? {} : { setup_intent: setupIntent }),
        ...(paymentMethod === undefined ? {} : { payment_method: paymentMethod }),
        request_id: requestId,
      },
    };
  }
}

export function invalidRequest(message: string, details: StripeErrorDetails = {}): StripeError {
  return new StripeError(400, 'invalid_request_error', message, details);
}

/** Stripe's sentence for an id that names nothing. */
export function resourceMissing(noun: string, id: string, param = 'id'): StripeError {
  return new StripeError(404, 'invalid_request_error', `No such ${noun}: '${id}'`, {
    code: 'resource_missing',
    param,
  });
}
