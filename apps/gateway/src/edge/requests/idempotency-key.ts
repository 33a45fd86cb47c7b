import { IDEMPOTENCY_KEY_PATTERN, OrbitError } from '@orbit/contracts';

const IDEMPOTENCY_KEY = new RegExp(IDEMPOTENCY_KEY_PATTERN);

/** The header of routes that move money: required, and one key is one request for ever. */
export function readIdempotencyKey(header: string | undefined): string {
  if (header !== undefined && IDEMPOTENCY_KEY.test(header)) return header;
  const message = 'The header Idempotency-Key is required: 8 to 255 visible ASCII characters.';
  throw new OrbitError('invalid_field', message, { param: 'Idempotency-Key' });
}
