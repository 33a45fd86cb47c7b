import type { OrbCall } from '@orbit/contracts';
import { isStorableInstant } from '@orbit/kernel';
import {
  isCurrency,
  isIsoCurrency,
  MICROS_MAX,
  micros,
  parseAmount,
  readIsoCurrency,
  type Currency,
  type Micros,
} from '@orbit/money';
import { instantIn, type OrbRefusal } from '@orbit/orb-api';

/** The unit of a ledger when the request names no currency. */
export const DEFAULT_UNIT = 'credits' as Currency;

const TEXT_LENGTH_MAX = 1_000;
const METADATA_KEYS_MAX = 50;
const METADATA_LENGTH_MAX = 500;

/** A request is refused; thrown inside this feature only, and answered. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(readonly refusal: OrbRefusal) {
    super(refusal.detail);
  }
}

export const fault = (detail: string): Refused =>
  new Refused({ code: 'request_validation_errors', detail, validationErrors: [detail] });
export const violation = (detail: string): Refused =>
  new Refused({ code: 'constraint_violation', detail });

/** A number of credits above zero, exactly. Errors: Refused. */
export function readAmount(value: unknown, field = 'amount'): Micros {
  const text = plainDecimal(String(value));
  const parsed = text === null ? null : parseAmount(text);
  if (!parsed?.ok) {
    throw violation(
      `${field} has at most six decimals and is at most ${MICROS_MAX / 1_000_000n}. Choose a larger pricing unit for more.`,
    );
  }
  if (parsed.amountMicros <= 0n) throw fault(`${field} must be above zero`);
  return parsed.amountMicros;
}

/** Writes 1e-7 and 1.5e+21 out, as JavaScript prints numbers; null for what is no number. */
function plainDecimal(text: string): string | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d{1,3}))?$/.exec(text);
  if (!match) return null;
  const [, sign = '', whole = '', decimals = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const digits = `${whole}${decimals}`;
  const point = whole.length + shift;
  const padded = point <= 0 ? `0.${'0'.repeat(-point)}${digits}` : digits.padEnd(point, '0');
  if (point <= 0) return `${sign}${padded}`;
  const rest = padded.slice(point);
  return `${sign}${padded.slice(0, point)}${rest === '' ? '' : `.${rest}`}`;
}

const COST_BASIS = /^\d{1,20}(\.\d{1,18})?$/;

/** `text` as it was written, and micros of it for the order of draw-down, rounded down. */
export function readCostBasis(value: unknown): { readonly text: string | null; micros: bigint } {
  if (value === undefined || value === null) return { text: null, micros: 0n };
  const text = String(value);
  const field = 'per_unit_cost_basis';
  if (!COST_BASIS.test(text)) {
    throw fault(`${field} must be a decimal string such as "0.20", not below zero`);
  }
  const [whole = '', decimals = ''] = text.split('.');
  const costMicros = BigInt(whole) * 1_000_000n + BigInt(decimals.slice(0, 6).padEnd(6, '0'));
  if (costMicros > MICROS_MAX) throw violation(`${field} is more than a unit may cost`);
  return { text, micros: costMicros };
}

/** A customer's ledger: a pricing unit, or money of the customer's currency. */
export function readUnit(value: unknown, call: OrbCall): Currency {
  if (value === undefined || value === null) return DEFAULT_UNIT;
  // "usd" would be a unit by its form; nobody who writes it means one.
  const isMiswritten = !isIsoCurrency(value) && readIsoCurrency(value) !== null;
  if (!isCurrency(value) || isMiswritten) {
    throw fault(
      'currency must be an ISO 4217 code such as "USD" or a pricing unit such as "credits"',
    );
  }
  const own = call.customer?.profile?.currency ?? null;
  if (isIsoCurrency(value) && own !== null && own !== value) {
    throw violation(`currency is ${value}, but the customer is invoiced in ${own}.`);
  }
  return value;
}

/** An instant, or the midnight with which a day begins where the customer is. */
export function readInstant(value: unknown, field: string, call: OrbCall): number | null {
  if (value === undefined || value === null) return null;
  const ms = instantIn(String(value), zoneOf(call));
  if (!isStorableInstant(ms))
    throw fault(`${field} must be a day or an instant of the years 1 to 9999`);
  return ms;
}

export const zoneOf = ({ account, customer }: OrbCall): string =>
  customer?.profile?.timezone ?? account.timezone;

export interface EntryNote {
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The caller's note on an entry; a key whose value is null is not kept. */
export function readNote({ description, metadata }: OrbCall['body']): EntryNote {
  const text = typeof description === 'string' ? description : null;
  if (text !== null && text.length > TEXT_LENGTH_MAX) {
    throw fault(`description must have at most ${TEXT_LENGTH_MAX} characters`);
  }
  return { description: text, metadata: readMetadata(metadata) };
}

export function readMetadata(value: unknown): Readonly<Record<string, string>> {
  const pairs = Object.entries((value ?? {}) as Record<string, string | null>);
  const kept = pairs.filter((pair): pair is [string, string] => pair[1] !== null);
  const isLong = kept.some(([key, text]) => key.length + text.length > METADATA_LENGTH_MAX);
  if (kept.length > METADATA_KEYS_MAX || isLong) {
    throw fault(
      `metadata must have at most ${METADATA_KEYS_MAX} keys, each with its value at most ${METADATA_LENGTH_MAX} characters`,
    );
  }
  return Object.fromEntries(kept);
}

/** As it stands in entries. */
export const noteMetadata = ({ description, metadata }: EntryNote): Record<string, unknown> => ({
  ...(description === null ? {} : { description }),
  ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
});

export const microsOrNull = (value: unknown): Micros | null =>
  value === undefined || value === null ? null : micros(readAmount(value));
