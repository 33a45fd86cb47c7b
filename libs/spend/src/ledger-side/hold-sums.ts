import { inOrder } from '@orbit/kernel';
import { micros, type Currency, type Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import { walletKeysOf } from '../redis/keys.js';
import { runTogether } from '../redis/run-together.js';
import { SCRIPT_TABLES } from '../redis/script-tables.js';
import { SCRIPTS } from '../redis/scripts.js';

/** The held sum in a wallet's hash, and the sum of its open holds and claims, at one moment. */
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

/**
 * Whether `held` is the sum of the holds, for each wallet; null where Redis does not have the wallet or it has too
 * many holds. With `repairs`, a sum that differs is written. Redis errors are thrown.
 */
export async function readHoldSums(
  redis: Redis,
  wallets: readonly WalletName[],
  { repairs = false } = {},
): Promise<readonly (HoldSums | null)[]> {
  const head = inOrder(SCRIPT_TABLES.holdSums.args.head, {
    holdsMax: HOLDS_SIZE_MAX.toString(),
    repairs: repairs ? '1' : '0',
  });
  const read = async (names: readonly WalletName[], keysMax?: number): Promise<unknown[]> => {
    const parts = names.map((name) => ({ keys: walletKeysOf(name), args: [] }));
    const replies = await runTogether(redis, SCRIPTS.holdSums, { head, parts }, keysMax);
    return replies.flat(1);
  };
  const replies = await read(wallets);
  const late = wallets.flatMap((name, index) =>
    replies[index] === 'later' ? [{ name, index }] : [],
  );
  const alone = await read(
    late.map(({ name }) => name),
    1,
  );
  for (const [at, { index }] of late.entries()) replies[index] = alone[at];
  return replies.map((reply) => {
    if (!Array.isArray(reply)) return null;
    const [held = '0', sum = '0'] = reply.map(String);
    return { heldMicros: micros(BigInt(held)), sumMicros: micros(BigInt(sum)) };
  });
}
