export const KEY_MODES = ['test', 'live'] as const;
export type KeyMode = (typeof KEY_MODES)[number];

/** Whose money the wallets and saved payment methods of an organization are. */
export type AccountMode = KeyMode;

const READING_METHODS: readonly string[] = ['GET', 'HEAD'];

/**
 * Whether a key may send a request of this method. A test key may change what is a test alone: on a live account it
 * would charge the live wallet and the saved card. Decided by the method, so that a new route is
 * refused unless it only reads.
 */
export const mayRun = (key: KeyMode, account: AccountMode, method: string): boolean =>
  key === account || READING_METHODS.includes(method);

/** Random characters after the prefix: 40 of 62 are 238 bits. */
export const KEY_SECRET_LENGTH = 40;

/** Characters behind them that only this installation can make: one guess in 57 thousand million has them right. */
export const KEY_CHECK_LENGTH = 6;

/**
 * The standing of a key, without a server: `checked` was made here (and may be revoked), `forged` never was, and
 * `unchecked` is as long as keys were before they carried a check.
 */
export type KeyStanding = 'checked' | 'forged' | 'unchecked';

/** Splits a key that is long enough for a check into what it is over and the check itself; null for other keys. */
export function partsOfKey(key: string): { readonly body: string; readonly check: string } | null {
  const secretLength = key.length - key.lastIndexOf('_') - 1;
  if (secretLength !== KEY_SECRET_LENGTH + KEY_CHECK_LENGTH) return null;
  return { body: key.slice(0, -KEY_CHECK_LENGTH), check: key.slice(-KEY_CHECK_LENGTH) };
}

/** The check as characters, from the first six bytes of a keyed digest over the body. */
export function checkFromDigest(digest: Uint8Array): string {
  let number = 0n;
  for (const byte of digest.subarray(0, 6)) number = number * 256n + BigInt(byte);
  let check = '';
  for (; check.length < KEY_CHECK_LENGTH; number /= 62n) check += ALPHABET[Number(number % 62n)];
  return check;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY_PATTERN = /^dv_(test|live)_sk_[0-9A-Za-z]{32,128}$/;

/** Whether a text can be one of our keys at all; anything else is refused without asking anybody. */
export function isKeyShaped(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** Characters a byte must stay below, so that every character of the alphabet is equally likely. */
const UNBIASED_BELOW = 256 - (256 % ALPHABET.length);

/** The prefix of an organization's key. */
export const apiKeyPrefix = (mode: KeyMode): string => `dv_${mode}_sk_`;

/**
 * Writes a key from random bytes. Bytes that would favour some characters are skipped, so give
 * about twice as many as the key is long; null when they did not suffice.
 */
export function keyFromRandom(prefix: string, randomBytes: Uint8Array): string | null {
  let secret = '';
  for (const byte of randomBytes) {
    if (byte >= UNBIASED_BELOW) continue;
    secret += ALPHABET[byte % ALPHABET.length];
    if (secret.length === KEY_SECRET_LENGTH) return `${prefix}${secret}`;
  }
  return null;
}
