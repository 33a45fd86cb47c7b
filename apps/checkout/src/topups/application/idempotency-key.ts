import { OrbitError } from '@orbit/contracts';

/** Visible ASCII, as the header may carry it. */
const KEY_PATTERN = /^[\x21-\x7e]{8,255}$/;
/** As the public API calls it. */
const PARAM = 'Idempotency-Key';

/** Errors: `invalid_field`. */
export function requireIdempotencyKey(key: unknown): string {
  if (typeof key === 'string' && KEY_PATTERN.test(key)) return key;
  const message = 'The idempotency key has 8 to 255 visible characters.';
  throw new OrbitError('invalid_field', message, { param: PARAM });
}

/** The key belongs to another request. */
export const keyConflict = (message: string): OrbitError =>
  new OrbitError('idempotency_key_conflict', message, { param: PARAM });
