import { createHash } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** An id that follows from what it names: whoever makes the same thing again makes the same id. */
export function derivedId(prefix: string, ...parts: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  const letters = Array.from(digest.subarray(0, 26), (byte) => CROCKFORD[byte & 31]);
  return `${prefix}_${letters.join('')}`;
}
