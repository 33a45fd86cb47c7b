import { ERROR_CATALOGUE, type ErrorCode, type ErrorType } from './error-catalogue.js';

/** A code of docs/reference/errors.md; a newer server may have others. */
export type ApiErrorCode = ErrorCode | (string & Record<never, never>);

/** Everything that this client throws once a request is on its way. */
export class OrbitError extends Error {
  override readonly name: string = 'OrbitError';

  // Not the built-in ErrorOptions: these types must do without a caller's `lib`.
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message);
    if (options.cause !== undefined) this.cause = options.cause;
  }
}

/** A refusal of the API. `code` is precise, `type` coarse; both are listed in docs/reference/errors.md. */
export class OrbitApiError extends OrbitError {
  override readonly name: string = 'OrbitApiError';

  constructor(
    message: string,
    readonly status: number,
    readonly code: ApiErrorCode,
    readonly type: string,
    /** The field at fault, when there is one. */
    readonly param: string | null,
    /** Further facts of the answer, such as the URL where a payment is finished. */
    readonly details: Readonly<Record<string, unknown>>,
    /** Quote it when you ask somebody about this answer. */
    readonly requestId: string | null,
    /** After how long the server wants to be asked again; null when it does not say. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

/** 400, 405, 408, 413, 415, 422, 431: the request is wrong; `param` names the field. */
export class InvalidRequestError extends OrbitApiError {
  override readonly name = 'InvalidRequestError';
}

/** 401 and 403: the key is missing, unknown, revoked, or not allowed to do this. */
export class AuthenticationError extends OrbitApiError {
  override readonly name = 'AuthenticationError';
}

/** 402: the wallet or the payment method does not cover it. */
export class PaymentRequiredError extends OrbitApiError {
  override readonly name = 'PaymentRequiredError';
}

/** 404: there is no such object in the organization of the key. */
export class NotFoundError extends OrbitApiError {
  override readonly name = 'NotFoundError';
}

/** 409: the id or key stands for something else, or the object is in another state. */
export class ConflictError extends OrbitApiError {
  override readonly name = 'ConflictError';
}

/** 429: too many requests; the client has waited and tried again already. */
export class RateLimitError extends OrbitApiError {
  override readonly name = 'RateLimitError';
}

/** 5xx: the other side failed; the client has tried again already, with the same ids. */
export class ServerError extends OrbitApiError {
  override readonly name = 'ServerError';
}

/** No whole answer came: the network failed, the answer was cut, or the time was up. It may have been carried out. */
export class ConnectionError extends OrbitError {
  override readonly name = 'ConnectionError';
}

/** The answer points elsewhere, and the key goes nowhere but to `baseUrl`. Nothing was sent to `location`. */
export class RedirectError extends OrbitError {
  override readonly name = 'RedirectError';

  constructor(
    message: string,
    readonly status: number,
    /** Where it points, without user, query and fragment; null when that cannot be read. */
    readonly location: string | null,
  ) {
    super(message);
  }
}

/** A success that is no answer of the API: the page of a proxy or a sign-in, an empty body, broken JSON. */
export class UnexpectedAnswerError extends OrbitError {
  override readonly name = 'UnexpectedAnswerError';

  constructor(
    message: string,
    readonly status: number,
    readonly contentType: string | null,
    readonly requestId: string | null,
  ) {
    super(message);
  }
}

const BY_TYPE: Readonly<Record<ErrorType, typeof OrbitApiError>> = {
  invalid_request_error: InvalidRequestError,
  authentication_error: AuthenticationError,
  permission_error: AuthenticationError,
  payment_required_error: PaymentRequiredError,
  not_found_error: NotFoundError,
  conflict_error: ConflictError,
  rate_limit_error: RateLimitError,
  unavailable_error: ServerError,
  internal_error: ServerError,
};

/** For answers of whoever stands between us, which know nothing of our types. */
const BY_STATUS: Readonly<Record<number, typeof OrbitApiError>> = {
  401: AuthenticationError,
  402: PaymentRequiredError,
  403: AuthenticationError,
  404: NotFoundError,
  409: ConflictError,
  429: RateLimitError,
};

function classOf(status: number, type: string | null): typeof OrbitApiError {
  if (type !== null && Object.hasOwn(BY_TYPE, type)) return BY_TYPE[type as ErrorType];
  return BY_STATUS[status] ?? (status >= 500 ? ServerError : InvalidRequestError);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The error of an answer, by its status and body. */
export function errorOf(
  status: number,
  body: unknown,
  requestId: string | null,
  retryAfterMs: number | null,
): OrbitApiError {
  const { error, meta } = isObject(body) ? body : {};
  const given = isObject(error) ? error : {};
  const type = textOf(given['type']);
  const ErrorClass = classOf(status, type);
  return new ErrorClass(
    textOf(given['message']) ?? `The API answered with status ${status}.`,
    status,
    textOf(given['code']) ?? 'unknown',
    type ?? 'unknown',
    textOf(given['param']),
    isObject(given['details']) ? given['details'] : {},
    (isObject(meta) ? textOf(meta['request_id']) : null) ?? requestId,
    retryAfterMs,
  );
}

/** Answers without a code of ours: nothing was decided, or the same ids may be sent again. */
const REPEATABLE_STATUSES = new Set([408, 429, 502, 503, 504]);

/** Whether the same request may be sent again, as the catalogue says of its code. */
export function mayBeRepeated({ status, code }: OrbitApiError): boolean {
  if (!Object.hasOwn(ERROR_CATALOGUE, code)) return REPEATABLE_STATUSES.has(status);
  return ERROR_CATALOGUE[code as ErrorCode].repeat;
}
