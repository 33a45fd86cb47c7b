import { createHash } from 'node:crypto';
import type { ChargeIntent } from './types.js';

/** Objects with sorted keys, so that equal values have one text. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

/** 96 bits over everything that makes two requests the same charge. */
export function identityOf(intent: ChargeIntent): string {
  const { amountMicros, currency, channel, quantity, metadata } = intent;
  const text = JSON.stringify([
    amountMicros.toString(),
    currency,
    channel,
    quantity,
    canonical(metadata),
  ]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
