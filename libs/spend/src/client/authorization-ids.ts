import { hash } from 'node:crypto';
import { ALLOWANCE_KEY, allowanceText, readAllowance } from '@orbit/allowances';
import { invariant } from '@orbit/kernel';
import { isCurrency, micros, MICROS_MAX, type Currency, type Micros } from '@orbit/money';
import { parseUnsignedId, unsignedIdOf } from '../redis/keys.js';

/** Everything that an authorization is bound to: a tag over it cannot be used for anything else. */
export interface AuthorizedHold {
  readonly organizationId: string;
  readonly currency: Currency;
  readonly chargeId: string;
  /** The amount that was held; a capture takes at most this. */
  readonly amountMicros: Micros;
  /** The plan's part beside it (`allowanceText`); empty when none. */
  readonly part: string;
}

/** The hold that an id of an organization names. */
export type NamedAuthorization =
  | (Omit<AuthorizedHold, 'organizationId'> & { readonly isSigned: true })
  /** Made before ids were signed: only Redis knows whether it was ever given. */
  | { readonly isSigned: false; readonly currency: Currency; readonly chargeId: string };

export interface AuthorizationSecrets {
  /** Null: ids are not signed, and the ledger trusts them only while Redis knows them. */
  readonly secret: string | null;
  /** The one before, while what was authorized under it may still be captured. */
  readonly previousSecret?: string | undefined;
}

/** Shorter ones can be guessed. */
export const AUTHORIZATION_SECRET_LENGTH_MIN = 32;

const PREFIX = 'auth_';
/** 128 bits of the HMAC. */
const TAG_BYTES = 16;
const TAG_LENGTH = 22;
const BODY = /^([^:]+):([1-9]\d{0,15}):([a-z0-9_-]*):(.+)$/s;

/**
 * Makes and reads authorization ids: `auth_`, a keyed tag, and base64url of currency, held amount, plan's part and
 * charge id. The secret alone proves that an id was given, and for what, without asking anybody.
 */
export class AuthorizationIds {
  private readonly key: HmacKey | null;
  private readonly previous: HmacKey | null;

  constructor({ secret, previousSecret }: AuthorizationSecrets) {
    this.key = secret === null ? null : new HmacKey(secret);
    this.previous = previousSecret ? new HmacKey(previousSecret) : null;
  }

  idOf({ organizationId, currency, amountMicros, part, chargeId }: AuthorizedHold): string {
    if (this.key === null) return unsignedIdOf(organizationId, currency, chargeId);
    const body = `${currency}:${amountMicros}:${part.replace(':', '-')}:${chargeId}`;
    const encoded = Buffer.from(body, 'utf8').toString('base64url');
    return `${PREFIX}${this.key.tag(`hold\0${organizationId}\0${body}`)}${encoded}`;
  }

  /** Null for what names nothing of this organization. */
  read(organizationId: string, id: string): NamedAuthorization | null {
    return this.readSigned(organizationId, id) ?? unsigned(organizationId, id);
  }

  /** Null unless it is one that we gave this organization. */
  readSigned(
    organizationId: string,
    id: string,
  ): Extract<NamedAuthorization, { isSigned: true }> | null {
    if (!id.startsWith(PREFIX)) return null;
    const tagged = id.slice(PREFIX.length, PREFIX.length + TAG_LENGTH);
    const encoded = id.slice(PREFIX.length + TAG_LENGTH);
    const body = Buffer.from(encoded, 'base64url').toString('utf8');
    // The decoder passes over what is no base64url: one authorization would have many ids.
    if (Buffer.from(body, 'utf8').toString('base64url') !== encoded) return null;
    if (!this.isTag(tagged, `hold\0${organizationId}\0${body}`)) return null;
    const [, currency = '', amount = '0', part = '', chargeId = ''] = BODY.exec(body) ?? [];
    const amountMicros = BigInt(amount);
    if (!isCurrency(currency) || amountMicros <= 0n || amountMicros > MICROS_MAX) return null;
    const held = { currency, chargeId, amountMicros: micros(amountMicros) };
    return { isSigned: true, ...held, part: part.replace('-', ':') };
  }

  /** A tag over a text about an organization, for what is said beside an id. */
  tagOf(organizationId: string, text: string): string {
    invariant(this.key, 'whoever says something beside an id signs it');
    return this.key.tag(`text\0${organizationId}\0${text}`);
  }

  isTagOf(organizationId: string, text: string, tag: string): boolean {
    return this.isTag(tag, `text\0${organizationId}\0${text}`);
  }

  private isTag(tag: string, text: string): boolean {
    if (this.key !== null && isSame(tag, this.key.tag(text))) return true;
    return this.previous !== null && isSame(tag, this.previous.tag(text));
  }
}

export const UNSIGNED_IDS = new AuthorizationIds({ secret: null });

/** The plan's part beside a charge with this metadata. */
export function partIn(metadata: Readonly<Record<string, unknown>>): string {
  const part = readAllowance(metadata[ALLOWANCE_KEY]);
  return part === null ? '' : allowanceText(part);
}

function unsigned(organizationId: string, id: string): NamedAuthorization | null {
  const named = parseUnsignedId(organizationId, id);
  return named && { isSigned: false, ...named };
}

/** Takes as long whatever differs. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** HMAC-SHA256 of two one-shot hashes: less than half of what a `Hmac` object costs, and every authorization needs one. */
class HmacKey {
  private readonly inner = Buffer.alloc(BLOCK_BYTES, 0x36);
  private readonly outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES, 0x5c);

  constructor(secret: string) {
    invariant(
      secret.length >= AUTHORIZATION_SECRET_LENGTH_MIN,
      `the secret of authorizations has at least ${AUTHORIZATION_SECRET_LENGTH_MIN} characters`,
    );
    const bytes = Buffer.from(secret, 'utf8');
    const key = bytes.length > BLOCK_BYTES ? hash('sha256', bytes, 'buffer') : bytes;
    for (const [at, byte] of key.entries()) {
      this.inner[at] = byte ^ 0x36;
      this.outer[at] = byte ^ 0x5c;
    }
  }

  tag(text: string): string {
    const message = Buffer.allocUnsafe(BLOCK_BYTES + Buffer.byteLength(text));
    this.inner.copy(message);
    message.write(text, BLOCK_BYTES, 'utf8');
    hash('sha256', message, 'buffer').copy(this.outer, BLOCK_BYTES);
    return hash('sha256', this.outer, 'buffer').toString('base64url', 0, TAG_BYTES);
  }
}
