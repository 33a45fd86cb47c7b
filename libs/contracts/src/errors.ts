/** Coarse class for a client's switch; `code` is the precise one. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'conflict_error'
  | 'payment_required_error'
  | 'rate_limit_error'
  | 'unavailable_error'
  | 'internal_error';

export interface ErrorSpec {
  readonly status: number;
  readonly type: ErrorType;
  readonly retryable: boolean;
  /** Meaning and remedy; printed into docs/reference/errors.md. */
  readonly help: string;
}

const spec = (status: number, type: ErrorType, retryable: boolean, help: string): ErrorSpec => ({
  status,
  type,
  retryable,
  help,
});

/** The only list of errors that leave this product. docs/reference/errors.md is generated from it. */
export const ERROR_CATALOGUE = {
  malformed_json: spec(
    400,
    'invalid_request_error',
    false,
    'The body is not JSON. Send valid JSON with `Content-Type: application/json`.',
  ),
  malformed_request: spec(
    400,
    'invalid_request_error',
    false,
    'Malformed HTTP request: an unknown method, a broken header or no `Host`. Check the client.',
  ),
  invalid_field: spec(
    400,
    'invalid_request_error',
    false,
    '`param` names the field; the message says what it takes.',
  ),
  unknown_field: spec(
    400,
    'invalid_request_error',
    false,
    '`param` names a field that this route does not know. Remove it.',
  ),
  unsupported_currency: spec(
    400,
    'invalid_request_error',
    false,
    'Use a currency that the organization has a wallet in.',
  ),
  invalid_signature: spec(
    400,
    'invalid_request_error',
    false,
    'The webhook signature does not fit the raw body, or is too old. Check the signing secret.',
  ),
  request_timeout: spec(
    408,
    'invalid_request_error',
    true,
    'The request did not arrive as a whole within 30 seconds. Repeat it with the same ids.',
  ),
  headers_too_large: spec(
    431,
    'invalid_request_error',
    false,
    'The headers are larger than 16 KiB together. Send fewer.',
  ),
  body_too_large: spec(
    413,
    'invalid_request_error',
    false,
    'The body is larger than the limit. Split the request.',
  ),
  unsupported_media_type: spec(
    415,
    'invalid_request_error',
    false,
    'Send `Content-Type: application/json`.',
  ),
  missing_api_key: spec(
    401,
    'authentication_error',
    false,
    'Send your key in the `X-API-Key` header.',
  ),
  invalid_api_key: spec(
    401,
    'authentication_error',
    false,
    'The key is unknown or revoked. Create a new one.',
  ),
  test_key: spec(
    403,
    'permission_error',
    false,
    'A test key of an organization of the live account reads and changes nothing: it would move live money. Use a live key (`dv_live_sk_…`).',
  ),
  missing_scope: spec(
    403,
    'permission_error',
    false,
    'This key may not do that: the route asks for the scope or role in `details.scope`. Send a key that has it.',
  ),
  origin_not_allowed: spec(
    403,
    'permission_error',
    false,
    'A script of a web page asked. API keys do not belong in a browser: call from your server. Pages with tokens of the portal are listed in `PORTAL_ORIGINS`.',
  ),
  forbidden: spec(403, 'permission_error', false, 'This key may not do that. Use an operator key.'),
  not_found: spec(404, 'not_found_error', false, 'There is no such object in your organization.'),
  unknown_route: spec(404, 'not_found_error', false, 'There is no such route. See /api/docs.'),
  method_not_allowed: spec(
    405,
    'invalid_request_error',
    false,
    'The route exists, but not with this method. See /api/docs.',
  ),
  idempotency_key_conflict: spec(
    409,
    'conflict_error',
    false,
    'This idempotency key was used with another body. Use a new key.',
  ),
  idempotency_key_in_use: spec(
    409,
    'conflict_error',
    true,
    'The first request with this key is still running. Repeat it after `Retry-After`.',
  ),
  conflict: spec(
    409,
    'conflict_error',
    false,
    'The object is in a state that does not allow this. Read it, then decide anew.',
  ),
  charge_id_conflict: spec(
    409,
    'conflict_error',
    false,
    'This charge id was used with other values. A charge id names one charge for ever.',
  ),
  authorization_captured: spec(
    409,
    'conflict_error',
    false,
    'The authorization was already captured. It cannot be captured with another amount or released.',
  ),
  authorization_released: spec(
    409,
    'conflict_error',
    false,
    'The authorization was released. Authorize again with a new charge id.',
  ),
  hold_expired: spec(
    409,
    'conflict_error',
    false,
    'The authorization expired. Authorize again with a new charge id.',
  ),
  capture_exceeds_hold: spec(
    422,
    'invalid_request_error',
    false,
    'A capture is at most the authorized amount.',
  ),
  insufficient_funds: spec(
    402,
    'payment_required_error',
    false,
    'The wallet does not cover this. Top it up.',
  ),
  outbound_paused: spec(
    402,
    'payment_required_error',
    false,
    'The wallet is paused; `message` says why. Resolve the reason first.',
  ),
  refund_exceeds_unspent: spec(
    422,
    'invalid_request_error',
    false,
    'A refund is at most what is unspent of its payment: `details.max_refundable`. Ask for less.',
  ),
  payment_declined: spec(
    402,
    'payment_required_error',
    false,
    'The bank declined the saved payment method; `details.decline_code` says why. Use another one, with a new idempotency key.',
  ),
  payment_action_required: spec(
    402,
    'payment_required_error',
    false,
    'The bank wants its customer to authenticate. Send the person to `details.url`; the credit follows by itself.',
  ),
  payment_method_required: spec(
    402,
    'payment_required_error',
    false,
    'No payment method is saved. Save one by `POST payment-methods/setup`, or pay by `POST balance/top-up`.',
  ),
  topup_not_parked: spec(
    409,
    'conflict_error',
    false,
    'The top-up does not wait for an operator. Read its state.',
  ),
  topup_not_creditable: spec(
    422,
    'invalid_request_error',
    false,
    'The received amount is not in the currency of the wallet. Refund it at Stripe, then dismiss the top-up.',
  ),
  rate_limited: spec(
    429,
    'rate_limit_error',
    true,
    'Too many requests for this key. Wait for `Retry-After` seconds.',
  ),
  too_many_wrong_keys: spec(
    429,
    'rate_limit_error',
    false,
    'More than 50 wrong keys came from this address within a minute. Right keys are served; a wrong one waits for `Retry-After` seconds.',
  ),
  payment_provider_error: spec(
    502,
    'unavailable_error',
    true,
    'The payment provider did not accept the request. Repeat it with the same idempotency key.',
  ),
  unavailable: spec(
    503,
    'unavailable_error',
    true,
    'A part of the system is temporarily unavailable. Repeat the request with the same ids.',
  ),
  timeout: spec(
    504,
    'unavailable_error',
    true,
    'No answer in time; the request may have been carried out. Repeat it with the same ids.',
  ),
  internal: spec(500, 'internal_error', false, 'A bug on our side. Report the request id.'),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** Structured details for a program. Money in minor units is a whole number here as everywhere; exact amounts are texts. */
export type ErrorDetails = Readonly<Record<string, string | number | null>>;

/** An operating error: thrown, carried over RPC as `{code, message, param}`, mapped once to HTTP by the catalogue. */
export class OrbitError extends Error {
  override readonly name = 'OrbitError';
  /** Name of the offending field, when there is one. */
  readonly param: string | undefined;
  /** Seconds until a repeat makes sense, when known. */
  readonly retryAfterSeconds: number | undefined;
  /** Such as the address at which a payment is finished. */
  readonly details: ErrorDetails | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: {
      param?: string;
      retryAfterSeconds?: number;
      details?: ErrorDetails;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.param = options.param;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details;
  }

  get retryable(): boolean {
    return ERROR_CATALOGUE[this.code].retryable;
  }
}
