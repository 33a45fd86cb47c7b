import { OrbitError, type GrantBlock, type WalletRef } from '@orbit/contracts';
import { isStorableInstant } from '@orbit/kernel';
import { isCurrency, isIsoCurrency, parseAmount, readIsoCurrency, type Micros } from '@orbit/money';
import type { WalletKey } from '../application/ports.js';
import type { Credit } from '../domain/wallet.js';

/** Longest text that an entry keeps: a reason, a reference. */
const TEXT_LENGTH_MAX = 500;
const REFERENCE = /^[\x21-\x7e]{1,200}$/;
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

/** Not zero; negative takes. */
export function readSigned(value: unknown, param: string): Micros {
  const parsed = parseAmount(value);
  if (parsed.ok && parsed.amountMicros !== 0n) return parsed.amountMicros;
  throw invalid(param, `${param} is a decimal string other than zero, such as "5.00" or "-5.00".`);
}

export function readInstant(value: unknown, param: string): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (isStorableInstant(ms)) return ms;
  throw invalid(param, `${param} is an ISO 8601 instant of the years 1 to 9999.`);
}

/** Lower is spent first; small, so that it stays a number that people order by. */
const PRIORITY_MAX = 1_000;

export function readGrant(request: GrantBlock): Omit<Credit, 'type' | 'occurredAtMs'> {
  const { kind, priority = 0, cost_basis: costBasis, effective_at: effectiveAt } = request;
  const { expires_at: expiresAt = null, description } = request;
  if (kind !== 'paid' && kind !== 'promotional') {
    throw invalid('kind', 'kind is paid or promotional.');
  }
  if (!Number.isInteger(priority) || Math.abs(priority) > PRIORITY_MAX) {
    throw invalid('priority', `priority is an integer from -${PRIORITY_MAX} to ${PRIORITY_MAX}.`);
  }
  const effectiveAtMs = effectiveAt === undefined ? null : readInstant(effectiveAt, 'effective_at');
  const expiresAtMs = expiresAt === null ? null : readInstant(expiresAt, 'expires_at');
  if (expiresAtMs !== null && effectiveAtMs !== null && expiresAtMs <= effectiveAtMs) {
    throw invalid('expires_at', 'expires_at is after effective_at.');
  }
  return {
    reference: readReference(request.reference),
    amountMicros: readPositive(request.amount, 'amount'),
    kind,
    ...(costBasis === undefined ? {} : { costBasisMicros: readMicros(costBasis, 'cost_basis') }),
    priority,
    effectiveAtMs,
    expiresAtMs,
    metadata: description === undefined ? {} : { description },
  };
}

export function readReason(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text !== '' && text.length <= TEXT_LENGTH_MAX) return text;
  throw invalid('reason', `reason says why, in 1 to ${TEXT_LENGTH_MAX} characters.`);
}

export function readReference(value: unknown): string {
  if (typeof value === 'string' && REFERENCE.test(value)) return value;
  throw invalid('reference', 'reference is 1 to 200 visible ASCII characters.');
}

export function readFlag(value: unknown, param: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(param, `${param} is true or false.`);
}

export const readAllowsNegative = (request: { readonly allow_negative?: boolean }): boolean =>
  readFlag(request.allow_negative ?? false, 'allow_negative');

export function invalid(param: string, message: string): OrbitError {
  return new OrbitError('invalid_field', message, { param });
}
