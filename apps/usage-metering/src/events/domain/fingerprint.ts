import { hash } from 'node:crypto';
import type { AcceptedEvent } from './usage-event.js';

const DIGITS = 32;

/** 16 bytes as hexadecimal digits; PostgreSQL keeps them as a uuid. */
const hash16 = (text: string): string => hash('sha256', text, 'hex').slice(0, DIGITS);

/** By which the registry knows an idempotency key. */
export const keyHashOf = (idempotencyKey: string): string => hash16(idempotencyKey);

/** The same for the same content, however its properties are ordered. The customer is no part of it: it may come later. */
export function fingerprintOf(
  event: Pick<AcceptedEvent, 'idempotencyKey' | 'eventName' | 'timestampMs' | 'properties'>,
): string {
  const { idempotencyKey, eventName, timestampMs, properties } = event;
  const names = Object.keys(properties);
  const ordered = isOrdered(names) ? names : names.sort();
  const values = ordered.map((name) => [name, properties[name]]);
  return hash16(JSON.stringify([idempotencyKey, eventName, timestampMs, values]));
}

const isOrdered = (names: readonly string[]): boolean =>
  names.every((name, at) => at === 0 || (names[at - 1] ?? '') <= name);
