import { formatAmount, micros } from '@orbit/money';
import { partIn, type AuthorizationIds } from './authorization-ids.js';
import type { ChargeEvent, ChargeIntent, PublishOptions } from '../types.js';

/** The name of a charge; with its details and the instant it occurred at, all that its event says but the amount. */
export type ChargeName = Pick<ChargeIntent, 'organizationId' | 'chargeId' | 'currency'>;

type Metadata = ChargeIntent['metadata'];

/** Objects with sorted keys, so that equal values have one text. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const record = value as Metadata;
  const keys = Object.keys(record);
  if (isSortedAndFlat(record, keys)) return record;
  return Object.fromEntries(keys.sort().map((key) => [key, canonical(record[key])]));
}

/** Most metadata is a few plain values that the same code wrote in the same order. */
function isSortedAndFlat(record: Metadata, keys: readonly string[]): boolean {
  let before = '';
  for (const key of keys) {
    if (key < before || (typeof record[key] === 'object' && record[key] !== null)) return false;
    before = key;
  }
  return true;
}

/**
 * Everything besides amount and currency that makes two requests the same charge, as one text. It is
 * kept whole: its event is made from it again, and comparing it is cheaper than hashing it.
 */
export function detailsOf({ channel, quantity, metadata }: ChargeIntent): string {
  return JSON.stringify([channel, quantity, canonical(metadata)]);
}

/** A charge that is going to the ledger. */
export interface CapturedCharge extends ChargeName {
  readonly amountMicros: bigint;
  /** The authorized amount: at least the charged one. */
  readonly heldMicros: bigint;
  readonly occurredAtMs: number;
  readonly details: string;
}

/** The same charge always gives the same message, so that a repeat is recognized. */
export function toChargeEvent(
  charge: CapturedCharge,
  ids: AuthorizationIds,
  { replyTo }: PublishOptions,
): ChargeEvent {
  const { organizationId, chargeId, currency, amountMicros, heldMicros, occurredAtMs } = charge;
  const [channel, quantity, metadata] = JSON.parse(charge.details) as [string, number, Metadata];
  const held = { organizationId, currency, chargeId, amountMicros: micros(heldMicros) };
  return {
    key: organizationId,
    value: {
      charge_id: chargeId,
      organization_id: organizationId,
      amount: formatAmount(micros(amountMicros), currency),
      currency,
      channel,
      quantity,
      authorization_id: ids.idOf({ ...held, part: partIn(metadata) }),
      occurred_at: new Date(occurredAtMs).toISOString(),
      metadata,
    },
    id: chargeId,
    timeMs: occurredAtMs,
    ...(replyTo === undefined ? {} : { headers: { orbit_reply_to: replyTo } }),
  };
}

/** The held amount, instant and details of a captured record; null for any other. Layout: README.md. */
export function parseCaptured(
  record: string,
): Pick<CapturedCharge, 'heldMicros' | 'occurredAtMs' | 'details'> | null {
  const found = /^C\|(\d+)\|(?:[^|]*\|){5}(\d+)\|[^|]+\|(.*)$/s.exec(record);
  if (!found) return null;
  const [, held = '0', occurredAt, details = ''] = found;
  return { heldMicros: BigInt(held), occurredAtMs: Number(occurredAt), details };
}
