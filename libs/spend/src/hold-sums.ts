import { micros, type Currency, type Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import { holdsKeyOf, walletKeyOf } from './keys.js';

/** What a wallet's hash says is held, and what its open holds and claims add up to, at one moment. */
export interface HoldSums {
  readonly heldMicros: Micros;
  readonly sumMicros: Micros;
}

export interface WalletName {
  readonly organizationId: string;
  readonly currency: Currency;
}

/** More holds than this are not added up: it would keep Redis from everybody else for milliseconds. */
const HOLDS_SIZE_MAX = 5_000;

// KEYS wallet, holds; ARGV the most holds, '1' to write the sum where they differ. Amounts are exact below 2^53.
const SUMS = `
  local held = redis.call('HGET', KEYS[1], 'held')
  if not held or redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[1]) then return nil end
  local sum = 0
  for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    sum = sum + tonumber(string.match(member, '^%d+'))
  end
  local counted = string.format('%.0f', sum)
  if ARGV[2] == '1' and counted ~= held then redis.call('HSET', KEYS[1], 'held', counted) end
  return { held, counted }`;

/**
 * Whether `held` is the sum of the holds, for each wallet; null where Redis does not know the wallet or it has too
 * many holds. With `mends`, a sum that differs is written. Redis errors are thrown.
 */
export async function readHoldSums(
  redis: Redis,
  wallets: readonly WalletName[],
  { mends = false } = {},
): Promise<readonly (HoldSums | null)[]> {
  const replies = await Promise.all(
    wallets.map(({ organizationId, currency }) =>
      redis.eval(
        SUMS,
        2,
        walletKeyOf(organizationId, currency),
        holdsKeyOf(organizationId, currency),
        HOLDS_SIZE_MAX,
        mends ? '1' : '0',
      ),
    ),
  );
  return replies.map((reply) => {
    if (!Array.isArray(reply)) return null;
    const [held = '0', sum = '0'] = reply.map(String);
    return { heldMicros: micros(BigInt(held)), sumMicros: micros(BigInt(sum)) };
  });
}
