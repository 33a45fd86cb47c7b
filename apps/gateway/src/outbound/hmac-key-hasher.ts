import { createHmac, randomBytes } from 'node:crypto';
import type { KeyHasher } from '../application/ports.js';
import { KEY_SECRET_LENGTH, keyFromRandom, type KeyMode } from '../domain/api-key.js';

/** HMAC-SHA256: a copy of the table alone does not even let one test whether a guessed key is right. */
export class HmacKeyHasher implements KeyHasher {
  constructor(private readonly secret: string) {}

  hash(key: string): string {
    return createHmac('sha256', this.secret).update(key).digest('hex');
  }

  create(mode: KeyMode): string {
    for (;;) {
      const key = keyFromRandom(mode, randomBytes(KEY_SECRET_LENGTH * 2));
      if (key !== null) return key;
    }
  }
}
