import { createHmac, randomBytes } from 'node:crypto';
import type { KeyHasher } from '../edge/ports.js';
import { KEY_SECRET_LENGTH, keyFromRandom } from './api-key.js';

/** Keys whose hash is remembered; full, it starts again. */
const KNOWN_KEYS_MAX = 1_000;

/** HMAC-SHA256: a copy of the table alone does not even let one test whether a guessed key is right. */
export class HmacKeyHasher implements KeyHasher {
  /** The same few keys come with every request, and hashing one costs more than reading its request. */
  private readonly known = new Map<string, string>();

  constructor(private readonly secret: string) {}

  hash(key: string): string {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const hash = createHmac('sha256', this.secret).update(key).digest('hex');
    if (this.known.size >= KNOWN_KEYS_MAX) this.known.clear();
    this.known.set(key, hash);
    return hash;
  }

  create(prefix: string): string {
    for (;;) {
      const key = keyFromRandom(prefix, randomBytes(KEY_SECRET_LENGTH * 2));
      if (key !== null) return key;
    }
  }
}
