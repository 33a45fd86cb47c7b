import { isCurrency, micros, type Currency, type Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import { partIn, UNSIGNED_IDS, type AuthorizationIds } from '../client/authorization-ids.js';
import { recordKeyOf } from '../redis/keys.js';

/** `captured`: on its way to the ledger; `posted` and `rejected`: the ledger has decided it. */
export type ChargeStateName = 'held' | 'captured' | 'released' | 'expired' | 'posted' | 'rejected';

/** An authorized charge as Redis has it; a record lives a day longer than its hold. */
export interface ChargeState {
  readonly state: ChargeStateName;
  readonly authorizationId: string;
  /** The captured amount, else the held one. */
  readonly amountMicros: Micros;
  /** The authorized amount. */
  readonly heldMicros: Micros;
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
  ids: AuthorizationIds = UNSIGNED_IDS,
): Promise<ChargeState | null> {
  const [state = null] = await readChargeStates(redis, [{ organizationId, chargeId }], ids);
  return state;
}

/** As `readChargeState`, in the order of the names; one packet. */
export async function readChargeStates(
  redis: Redis,
  names: readonly { readonly organizationId: string; readonly chargeId: string }[],
  ids: AuthorizationIds = UNSIGNED_IDS,
): Promise<readonly (ChargeState | null)[]> {
  const [[seconds], ...records] = await Promise.all([
    redis.time(),
    ...names.map(({ organizationId, chargeId }) =>
      redis.get(recordKeyOf(organizationId, chargeId)),
    ),
  ]);
  return names.map((name, index) => {
    const record = records[index] ?? null;
    return record === null ? null : parseChargeState(record, name, ids, Number(seconds) * 1_000);
  });
}

export function parseChargeState(
  record: string,
  { organizationId, chargeId }: { readonly organizationId: string; readonly chargeId: string },
  ids: AuthorizationIds,
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
  const heldMicros = micros(BigInt(amount));
  const hold = { organizationId, currency, chargeId, amountMicros: heldMicros };
  return {
    state: isExpired ? 'expired' : name,
    authorizationId: ids.idOf({ ...hold, part: partIn(metadata) }),
    amountMicros: captured === '' ? heldMicros : micros(BigInt(captured)),
    heldMicros,
    currency,
    occurredAtMs: Number(occurredAt),
    channel,
    quantity,
    metadata,
  };
}
