import { ERROR_CATALOGUE, OrbitError, type ErrorCode, type ErrorDetails } from '@orbit/contracts';

/** An error as it travels between services: only what a caller may see, never a stack. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param?: string;
  readonly retryAfterSeconds?: number;
  readonly details?: ErrorDetails;
}

export function toWireError(error: OrbitError): WireError {
  return {
    code: error.code,
    message: error.message,
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(error.retryAfterSeconds === undefined
      ? {}
      : { retryAfterSeconds: error.retryAfterSeconds }),
    ...(error.details === undefined ? {} : { details: error.details }),
  };
}

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code);

const isDetail = (item: unknown): boolean =>
  item === null || typeof item === 'string' || Number.isSafeInteger(item);

const isDetails = (value: unknown): value is ErrorDetails =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(isDetail);

/** The same error again on the caller's side, or null when `value` is not one of ours. */
export function fromWireError(value: unknown): OrbitError | null {
  if (typeof value !== 'object' || value === null || value instanceof Error) return null;
  const { code, message, param, retryAfterSeconds, details } = value as Record<string, unknown>;
  if (!isErrorCode(code) || typeof message !== 'string') return null;
  return new OrbitError(code, message, {
    ...(typeof param === 'string' ? { param } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
    ...(isDetails(details) ? { details } : {}),
  });
}
