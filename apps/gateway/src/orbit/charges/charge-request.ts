import { ALLOWANCE_KEY, isReservedChargeId, RESERVED_IN_CHARGE_IDS } from '@orbit/allowances';
import { costText, OrbitError, PRICE_TAG, PRICE_TAG_KEYS } from '@orbit/contracts';
import {
  CHANNEL_PATTERN,
  CHARGE_ID_PATTERN,
  COST_PATTERN,
  METADATA_KEYS_MAX,
  type Metadata,
} from '@orbit/events';
import { parseAmount, type AmountFault, type Currency, type Micros } from '@orbit/money';
import { readUnit } from '../../edge/requests/wallet-unit.js';

export const QUANTITY_MAX = 1_000_000_000;
export const METADATA_BYTES_MAX = 8_192;
export const METADATA_TEXT_MAX = 1_024;
export const TTL_SECONDS_DEFAULT = 600;
export const TTL_SECONDS_MAX = 86_400;

/** A charge or an authorization as the caller asked for it, read and in range. */
export interface ChargeRequest {
  readonly chargeId: string;
  readonly amountMicros: Micros;
  readonly currency: Currency;
  readonly channel: string;
  readonly quantity: number;
  readonly metadata: Metadata;
}

export interface AuthorizationRequest extends ChargeRequest {
  readonly ttlSeconds: number;
}

const CHARGE_ID = new RegExp(CHARGE_ID_PATTERN);
const CHANNEL = new RegExp(CHANNEL_PATTERN);
const MONEY_FIELDS = ['amount', 'currency', 'cost'];
const CHARGE_FIELDS = ['charge_id', 'channel', 'quantity', 'metadata', ...MONEY_FIELDS];
const chargeFields = new Set(CHARGE_FIELDS);
const authorizationFields = new Set([...CHARGE_FIELDS, 'ttl_seconds']);
const captureFields = new Set(['amount']);
const REFUSED_KEYS: readonly string[] = ['', '__proto__', ALLOWANCE_KEY, ...PRICE_TAG_KEYS];
const NO_METADATA: Metadata = Object.freeze({});

/**
 * The bodies of the hot routes are read by hand: class-validator builds an object and walks its
 * metadata for each request, which costs more than the rest of the gateway's work together.
 */
export function readChargeRequest(body: unknown): ChargeRequest {
  return readCharge(fieldsOf(body, chargeFields));
}

export function readAuthorizationRequest(body: unknown): AuthorizationRequest {
  const fields = fieldsOf(body, authorizationFields);
  const ttl = fields['ttl_seconds'];
  return {
    ...readCharge(fields),
    ttlSeconds:
      ttl === undefined ? TTL_SECONDS_DEFAULT : readInteger(ttl, 'ttl_seconds', TTL_SECONDS_MAX),
  };
}

/** The amount to capture; undefined captures the whole hold. An absent body is an empty one. */
export function readCaptureRequest(body: unknown): Micros | undefined {
  if (body === undefined || body === null) return undefined;
  const { amount } = fieldsOf(body, captureFields);
  return amount === undefined ? undefined : readAmount(amount);
}

/** With what the charge was rated with, which it keeps beside the caller's own metadata. Errors: invalid_field. */
export function withPriceTag<Request extends ChargeRequest>(
  request: Request,
  tag: Readonly<Record<string, string>> | null,
): Request {
  if (tag === null) return request;
  // A cost that the caller names goes before the card's.
  const metadata = { ...tag, ...request.metadata };
  if (Object.keys(metadata).length <= METADATA_KEYS_MAX) return { ...request, metadata };
  const max = METADATA_KEYS_MAX - PRICE_TAG_KEYS.length;
  throw invalid('metadata', `metadata of a charge by price has at most ${max} keys.`);
}

export function readNoFields(body: unknown): void {
  if (body !== undefined && body !== null) fieldsOf(body, new Set());
}

export function readChargeId(value: unknown): string {
  if (typeof value === 'string' && CHARGE_ID.test(value)) return value;
  throw invalid(
    'charge_id',
    'charge_id is 1 to 255 visible ASCII characters, and not "." or "..".',
  );
}

/** The id of a charge to be made: what the ledger names itself can be read, not made. */
function readNewChargeId(value: unknown): string {
  const chargeId = readChargeId(value);
  if (!isReservedChargeId(chargeId)) return chargeId;
  const reserved = RESERVED_IN_CHARGE_IDS;
  throw invalid(
    'charge_id',
    `charge_id may not have "${reserved}" in it: that marks what a plan pays.`,
  );
}

function readCharge(fields: Readonly<Record<string, unknown>>): ChargeRequest {
  const { channel, quantity, metadata } = fields;
  const chargeId = readNewChargeId(fields['charge_id']);
  const amountMicros = readAmount(fields['amount']);
  const currency = readUnit(fields['currency']);
  if (typeof channel !== 'string' || !CHANNEL.test(channel)) {
    throw invalid('channel', 'channel is 1 to 64 of a-z, 0-9, "_" and "-", a letter first.');
  }
  return {
    chargeId,
    amountMicros,
    currency,
    channel,
    quantity: quantity === undefined ? 1 : readInteger(quantity, 'quantity', QUANTITY_MAX),
    metadata: withCost(
      metadata === undefined ? NO_METADATA : readMetadata(metadata),
      fields['cost'],
      { currency, amountMicros },
    ),
  };
}

/** The operator's upstream cost, in the currency of the charge; exact, so finer than micros. */
const COST = new RegExp(COST_PATTERN);

function withCost(
  metadata: Metadata,
  cost: unknown,
  { currency, amountMicros }: { readonly currency: Currency; readonly amountMicros: Micros },
): Metadata {
  if (cost === undefined) return metadata;
  if (typeof cost !== 'string' || !COST.test(cost)) {
    throw invalid('cost', 'cost is a decimal string such as "0.0042": at most 18 decimals.');
  }
  if (Object.keys(metadata).length >= METADATA_KEYS_MAX) {
    throw invalid('metadata', `metadata beside a cost has at most ${METADATA_KEYS_MAX - 1} keys.`);
  }
  return { ...metadata, [PRICE_TAG.cost]: costText(cost, currency, amountMicros) };
}

const AMOUNT_FAULTS: Readonly<Record<AmountFault, string>> = {
  not_a_decimal: 'amount is a decimal string such as "0.0075".',
  too_many_decimals: 'amount has at most six decimals.',
  too_large: 'amount is at most 9007199254.740992.',
};

function readAmount(value: unknown): Micros {
  const amount = parseAmount(value);
  if (!amount.ok) throw invalid('amount', AMOUNT_FAULTS[amount.fault]);
  if (amount.amountMicros <= 0n) throw invalid('amount', 'amount is above zero.');
  return amount.amountMicros;
}

function readInteger(value: unknown, param: string, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) {
    return value;
  }
  throw invalid(param, `${param} is an integer from 1 to ${max}.`);
}

function readMetadata(value: unknown): Metadata {
  if (!isPlainObject(value)) throw invalid('metadata', 'metadata is a flat object.');
  const keys = Object.keys(value);
  if (keys.length > METADATA_KEYS_MAX) {
    throw invalid('metadata', `metadata has at most ${METADATA_KEYS_MAX} keys.`);
  }
  for (const key of keys) {
    if (REFUSED_KEYS.includes(key)) {
      throw invalid('metadata', `metadata may not have a key ${JSON.stringify(key)}.`);
    }
    const item = value[key];
    const fits = typeof item === 'string' ? isShort(item) : isScalar(item);
    if (!fits) {
      throw invalid(
        `metadata.${key.slice(0, 64)}`,
        `A metadata value is a string of at most ${METADATA_TEXT_MAX} characters, a number, a boolean or null.`,
      );
    }
  }
  if (Buffer.byteLength(JSON.stringify(value)) > METADATA_BYTES_MAX) {
    throw invalid('metadata', `metadata is at most ${METADATA_BYTES_MAX} bytes of JSON.`);
  }
  return value as Metadata;
}

/** In characters, as the schema of `charge.requested` counts them: most emoji are two units of a string. */
const isShort = (text: string): boolean =>
  text.length <= METADATA_TEXT_MAX || [...text].length <= METADATA_TEXT_MAX;

function isScalar(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function fieldsOf(body: unknown, known: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  if (!isPlainObject(body)) throw invalid('body', 'The body is a JSON object.');
  for (const name in body) {
    if (!known.has(name)) {
      const shown = name.slice(0, 64);
      throw new OrbitError('unknown_field', `There is no field ${shown} here.`, { param: shown });
    }
  }
  return body;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(param: string, message: string): OrbitError {
  return new OrbitError('invalid_field', message, { param });
}
