import type { Currency } from '@orbit/money';
import type { Redis } from 'ioredis';
import { holdsKeyOf } from '../redis/keys.js';
import { CAPTURED_FROM } from './unsettled-captures.js';

/** Over some wallets: holds and claims that have not expired, and captures that the ledger has not posted. */
export interface HoldCounts {
  readonly open: number;
  readonly captured: number;
}

/** Counts in one round trip, without reading a hold. Redis errors are thrown. */
export async function countHolds(
  redis: Redis,
  wallets: readonly { readonly organizationId: string; readonly currency: Currency }[],
  nowMs: number,
): Promise<HoldCounts> {
  const pipeline = redis.pipeline();
  for (const { organizationId, currency } of wallets) {
    const key = holdsKeyOf(organizationId, currency);
    pipeline.zcount(key, nowMs, `(${CAPTURED_FROM}`);
    pipeline.zcount(key, CAPTURED_FROM, '+inf');
  }
  let [open, captured] = [0, 0];
  for (const [index, [error, count]] of ((await pipeline.exec()) ?? []).entries()) {
    if (error) throw error;
    if (index % 2 === 0) open += Number(count);
    else captured += Number(count);
  }
  return { open, captured };
}
