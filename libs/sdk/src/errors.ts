/** What the API said no with. `code` is precise, `type` coarse; both are listed in docs/reference/errors.md. */
export class OrbitApiError extends Error {
  override readonly name: string = 'OrbitApiError';

  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly type: string,
    /** The field at fault, when there is one. */
    readonly param: string | null,
    /** What else the answer tells, such as the URL where a payment is finished. */
    readonly details: Readonly<Record<string, unknown>>,
    /** Quote it when you ask somebody about this answer. */
    readonly requestId: string | null,
  ) {
    super(message);
  }
}

/** 400 and 422: the request is wrong; `param` names the field. */
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

/** No answer came: the network failed, or the time was up. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

const BY_STATUS: Readonly<Record<number, typeof OrbitApiError>> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  402: PaymentRequiredError,
  403: AuthenticationError,
  404: NotFoundError,
  409: ConflictError,
  413: InvalidRequestError,
  415: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitError,
};

interface ErrorBody {
  readonly error?: {
    readonly code?: string;
    readonly type?: string;
    readonly message?: string;
    readonly param?: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
  readonly meta?: { readonly request_id?: string };
}

/** The error of an answer, by its status and body. */
export function errorOf(status: number, body: unknown, requestId: string | null): OrbitApiError {
  const { error, meta } = (typeof body === 'object' && body !== null ? body : {}) as ErrorBody;
  const ErrorClass = BY_STATUS[status] ?? (status >= 500 ? ServerError : OrbitApiError);
  return new ErrorClass(
    error?.message ?? `The API answered with status ${status}.`,
    status,
    error?.code ?? 'unknown',
    error?.type ?? 'unknown',
    error?.param ?? null,
    error?.details ?? {},
    meta?.request_id ?? requestId,
  );
}
