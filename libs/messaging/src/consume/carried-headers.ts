import type { IHeaders } from 'kafkajs';

/**
 * The headers that a message brought, as often and with the bytes that they came, null included. To one that is
 * named as what every object has, `constructor` or `__proto__`, kafkajs adds that very thing as it reads.
 */
export function carriedHeaders(headers: IHeaders | undefined): IHeaders {
  const carried = Object.entries(headers ?? {}).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.filter(isContent) : value,
  ]);
  return Object.fromEntries(carried) as IHeaders;
}

const isContent = (value: unknown): boolean =>
  value === null || typeof value === 'string' || Buffer.isBuffer(value);
