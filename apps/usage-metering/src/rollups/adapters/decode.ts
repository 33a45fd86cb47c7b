import type { ChargePosted, DeliveryReported } from '@orbit/events';
import type { EventBatch } from '@orbit/messaging';
import { parseAmount } from '@orbit/money';
import type { DeliveryReport, MeteredCharge } from '../domain/charge.js';

/** Refuses what the JSON Schema of the topic cannot: a value that has the right shape and no meaning. */
export type Decoded<T> = { ok: true; value: T } | { ok: false; detail: string };

const YEAR_MIN = 2000;
const YEAR_MAX = 2999;

/** The values of a batch that mean something; the others become dead letters. */
export function decodeBatch<E, T>(batch: EventBatch<E>, decode: (event: E) => Decoded<T>): T[] {
  const values: T[] = [];
  for (const event of batch.events) {
    const decoded = decode(event.value);
    if (decoded.ok) values.push(decoded.value);
    else batch.deadLetter(event, 'invalid_value', decoded.detail);
  }
  return values;
}

export function decodeCharge(event: ChargePosted): Decoded<MeteredCharge> {
  const amount = parseAmount(event.amount);
  const occurredAtMs = decodeInstant(event.occurred_at);
  const postedAtMs = decodeInstant(event.posted_at);
  if (!amount.ok) return fault(`amount: ${amount.fault}`);
  if (amount.amountMicros <= 0n) return fault('amount: not positive');
  if (occurredAtMs === null) return fault('occurred_at: no such instant');
  if (postedAtMs === null) return fault('posted_at: no such instant');
  if (hasNul(event.organization_id)) return fault('organization_id: holds a NUL');
  const value: MeteredCharge = {
    organizationId: event.organization_id,
    chargeId: event.charge_id,
    channel: event.channel,
    currency: event.currency,
    quantity: BigInt(event.quantity),
    amountMicros: amount.amountMicros,
    occurredAtMs,
    postedAtMs,
    delivery: null,
  };
  return { ok: true, value };
}

export function decodeReport(event: DeliveryReported): Decoded<DeliveryReport> {
  const atMs = decodeInstant(event.occurred_at);
  if (atMs === null) return fault('occurred_at: no such instant');
  if (hasNul(event.organization_id)) return fault('organization_id: holds a NUL');
  const { organization_id: organizationId, charge_id: chargeId, status } = event;
  return { ok: true, value: { organizationId, chargeId, status, atMs } };
}

/** Milliseconds of an ISO instant, or null when no calendar has it or no one can mean it. */
function decodeInstant(text: string): number | null {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) return null;
  const year = new Date(atMs).getUTCFullYear();
  return year >= YEAR_MIN && year <= YEAR_MAX ? atMs : null;
}

/** Postgres text cannot hold it; one such key must not fail its whole batch for ever. */
const hasNul = (text: string): boolean => text.includes('\0');

const fault = (detail: string): { ok: false; detail: string } => ({ ok: false, detail });
