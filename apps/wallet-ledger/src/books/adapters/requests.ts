import { OrbitError, type WalletRef } from '@orbit/contracts';
import { isStorableInstant } from '@orbit/kernel';
import { isCurrency, isIsoCurrency, parseAmount, readIsoCurrency, type Micros } from '@orbit/money';
import type { WalletKey } from '../application/ports.js';

/** Reads what callers send over RPC. Errors: OrbitError `invalid_field` with the name of the field. */
export function toKey({ organization_id: organizationId, currency }: WalletRef): WalletKey {
  // "usd" would be a custom unit by its form; nobody who writes it means one.
  const isMiswritten = !isIsoCurrency(currency) && readIsoCurrency(currency) !== null;
  if (isCurrency(currency) && !isMiswritten) return { organizationId, currency };
  const message = `${currency} is neither an ISO 4217 currency nor a custom unit such as "credits".`;
  throw new OrbitError('unsupported_currency', message, { param: 'currency' });
}

/** Zero or more. */
export function readMicros(value: unknown, param: string): Micros {
  const parsed = parseAmount(value);
  if (parsed.ok && parsed.amountMicros >= 0n) return parsed.amountMicros;
  throw invalid(param, `${param} is a decimal string such as "25.00", with at most six decimals.`);
}

/** Above zero. */
export function readPositive(value: unknown, param: string): Micros {
  const amountMicros = readMicros(value, param);
  if (amountMicros > 0n) return amountMicros;
  throw invalid(param, `${param} is above zero.`);
}

export function readInstant(value: unknown, param: string): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (isStorableInstant(ms)) return ms;
  throw invalid(param, `${param} is an ISO 8601 instant of the years 1 to 9999.`);
}

export function invalid(param: string, message: string): OrbitError {
  return new OrbitError('invalid_field', message, { param });
}
