import { isCurrency, micros, type Currency, type Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import { authorizationIdOf, recordKeyOf } from './keys.js';

/** `captured`: on its way to the ledger; `posted` and `rejected`: the ledger has decided it. */
export type ChargeStateName = 'held' | 'captured' | 'released' | 'expired' | 'posted' | 'rejected';

/** What Redis still knows of a charge that was authorized; a record lives a day longer than its hold. */
export interface ChargeState {
  readonly state: ChargeStateName;
  readonly authorizationId: string;
  readonly amountMicros: Micros;
  readonly currency: Currency;
  readonly occurredAtMs: number;
  readonly channel: string;
  readonly quantity: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const STATES: Readonly<Record<string, ChargeStateName>> = {
  H: 'held',
  C: 'captured',
  L: 'released',
  P: 'posted',
  R: 'rejected',
};
/** Layout: README.md, "Keys". */
const RECORD = /^([HCLPR])\|(\d+)\|(\d*)\|-?\d*\|(\d+)\|-?\d+\|(\d+)\|(\d+)\|([^|]+)\|(.*)$/s;

/** Null when Redis knows nothing of it, which says nothing about the books. Redis errors are thrown. */
export async function readChargeState(
  redis: Redis,
  organizationId: string,
  chargeId: string,
): Promise<ChargeState | null> {
  const key = recordKeyOf(organizationId, chargeId);
  const [record, [seconds]] = await Promise.all([redis.get(key), redis.time()]);
  return record === null
    ? null
    : parseChargeState(record, organizationId, chargeId, Number(seconds) * 1_000);
}

export function parseChargeState(
  record: string,
  organizationId: string,
  chargeId: string,
  nowMs: number,
): ChargeState | null {
  const found = RECORD.exec(record);
  if (!found) return null;
  const [
    ,
    letter = '',
    amount = '0',
    captured = '',
    madeAt,
    ttl,
    occurredAt,
    currency,
    details = '',
  ] = found;
  const name = STATES[letter];
  if (name === undefined || !isCurrency(currency)) return null;
  const isExpired = name === 'held' && nowMs >= Number(madeAt) + Number(ttl);
  const [channel, quantity, metadata] = JSON.parse(details) as [
    string,
    number,
    Record<string, unknown>,
  ];
  return {
    state: isExpired ? 'expired' : name,
    authorizationId: authorizationIdOf(organizationId, currency, chargeId),
    amountMicros: micros(BigInt(captured === '' ? amount : captured)),
    currency,
    occurredAtMs: Number(occurredAt),
    channel,
    quantity,
    metadata,
  };
}
