import { createHmac, randomBytes } from 'node:crypto';
import type { KeyHasher } from '../edge/ports.js';
import {
  checkFromDigest,
  KEY_SECRET_LENGTH,
  keyFromRandom,
  partsOfKey,
  type KeyStanding,
} from './api-key.js';

/** Keys whose hash is remembered; full, it starts again. */
const KNOWN_KEYS_MAX = 1_000;

interface Known {
  readonly hash: string;
  readonly standing: KeyStanding;
}

/** HMAC-SHA256: a copy of the table alone does not even let one test whether a guessed key is right. */
export class HmacKeyHasher implements KeyHasher {
  /** The same few keys come with every request, and hashing one costs more than reading its request. */
  private readonly known = new Map<string, Known>();

  constructor(private readonly secret: string) {}

  hash(key: string): string {
    return this.look(key).hash;
  }

  standing(key: string): KeyStanding {
    return this.look(key).standing;
  }

  create(prefix: string): string {
    for (;;) {
      const body = keyFromRandom(prefix, randomBytes(KEY_SECRET_LENGTH * 2));
      if (body !== null) return `${body}${this.checkOf(body)}`;
    }
  }

  private look(key: string): Known {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const looked = { hash: this.digest(key).toString('hex'), standing: this.standingOf(key) };
    // Guesses are never kept, so they cannot push out the keys in use.
    if (looked.standing === 'forged') return looked;
    if (this.known.size >= KNOWN_KEYS_MAX) this.known.clear();
    this.known.set(key, looked);
    return looked;
  }

  /** A comparison in variable time is fine: the check only saves a look-up, the whole key is looked up by its hash. */
  private standingOf(key: string): KeyStanding {
    const parts = partsOfKey(key);
    if (!parts) return 'unchecked';
    return this.checkOf(parts.body) === parts.check ? 'checked' : 'forged';
  }

  /** Keyed, under a text that no key is: nobody else can make one that fits, and none says anything of the hash. */
  private checkOf(body: string): string {
    return checkFromDigest(this.digest(`check of ${body}`));
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.secret).update(text).digest();
  }
}
