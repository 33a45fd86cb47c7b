import type { Redis } from 'ioredis';
import { runScripts, type Script } from './scripts.js';
import { ServerEpoch } from './server-epoch.js';

/** One wallet's part in a script of several: the keys and the arguments behind those of the wallets before it. */
export interface WalletPart {
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** Keys of one script: about a millisecond of the Redis server, which serves nobody else meanwhile. */
export const SCRIPT_KEYS_MAX = 500;

/**
 * One round trip for any number of wallets; `head` stands before the arguments of every script. Wallets share
 * scripts up to `keysMax`, a larger one has its own; in a Redis Cluster each has. Returns what each script answers,
 * in order. Redis errors are thrown after all have run.
 */
export async function runTogether(
  redis: Redis,
  script: Script,
  { head, parts }: { readonly head: readonly string[]; readonly parts: readonly WalletPart[] },
  keysMax = SCRIPT_KEYS_MAX,
): Promise<readonly unknown[]> {
  const epoch = ServerEpoch.of(redis);
  // Only a server that has said who it is has said whether it is a cluster.
  await epoch.read();
  const calls: { keys: string[]; args: string[] }[] = [];
  for (const { keys, args } of parts) {
    const open = calls.at(-1);
    if (open && !epoch.isCluster && open.keys.length + keys.length <= keysMax) {
      for (const key of keys) open.keys.push(key);
      for (const arg of args) open.args.push(arg);
    } else calls.push({ keys: [...keys], args: [...head, ...args] });
  }
  return runScripts(redis, script, calls);
}
