import { createHash, randomBytes } from 'node:crypto';
import type { IdSource } from './ports.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export class RandomIds implements IdSource {
  next(prefix: string, length = 24): string {
    let id = prefix;
    // 62 does not divide 256: bytes past 247 would favour the first letters, so they are thrown away.
    while (id.length < prefix.length + length) {
      for (const byte of randomBytes(length)) {
        if (byte < 248 && id.length < prefix.length + length) id += LETTERS[byte % 62];
      }
    }
    return id;
  }

  random(): number {
    return randomBytes(4).readUInt32BE() / 2 ** 32;
  }

  fingerprint(cardNumber: string): string {
    return createHash('sha256').update(`orbit-sandbox:${cardNumber}`).digest('hex').slice(0, 16);
  }
}
