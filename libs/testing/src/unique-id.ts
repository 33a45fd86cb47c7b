import { randomBytes } from 'node:crypto';

/** An id that no other test, file or run uses: what keeps tests apart on shared servers. */
export function uniqueId(prefix = 'test'): string {
  return `${prefix}_${randomBytes(8).toString('hex')}`;
}
