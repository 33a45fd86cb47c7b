import { OrbitError } from '@orbit/contracts';

/** The header of routes that move money: required, and one key is one request for ever. */
export function readIdempotencyKey(header: string | undefined): string {
  if (header !== undefined && /^[!-~]{8,255}$/.test(header)) return header;
  const message = 'The header Idempotency-Key is required: 8 to 255 visible ASCII characters.';
  throw new OrbitError('invalid_field', message, { param: 'Idempotency-Key' });
}
