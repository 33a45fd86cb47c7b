import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { inOrder } from '@orbit/kernel';
import { TRUST_KEYS } from '../redis/keys.js';
import { SCRIPT_TABLES } from '../redis/script-tables.js';
import { runScript, SCRIPTS } from '../redis/scripts.js';
import { ServerEpoch } from '../redis/server-epoch.js';

const { trustBegin, trustFinish } = SCRIPT_TABLES;

/**
 * Whether the ledger trusts the memory of this Redis. It does when the server itself remembers so:
 * flushed, started with an empty or an old data set, or taken over by a replica, it no longer does.
 * All ledgers agree through Redis. Errors of Redis are thrown.
 */
export class MemoryTrust {
  private readonly redis: Redis;
  private readonly epoch: ServerEpoch;

  constructor({ redis }: { readonly redis: Redis }) {
    this.redis = redis;
    this.epoch = ServerEpoch.of(redis);
  }

  async isTrusted(): Promise<boolean> {
    const epoch = await this.epoch.read();
    return (await this.redis.get(TRUST_KEYS.trusted)) === epoch;
  }

  /**
   * Says that a recovery begins; what was captured before the loss is in Kafka by now. Returns the mark
   * of the recovery that is under way, this one or another's.
   */
  async begin(): Promise<string> {
    const mark = `${await this.epoch.read()} ${randomUUID()}`;
    const keys = inOrder(trustBegin.keys.head, TRUST_KEYS);
    const call = { keys, args: inOrder(trustBegin.args.head, { mark }) };
    return String(await runScript(this.redis, SCRIPTS.trustBegin, call));
  }

  /** False when the memory was lost again since that recovery began. */
  async finish(mark: string): Promise<boolean> {
    const keys = inOrder(trustFinish.keys.head, TRUST_KEYS);
    const call = { keys, args: inOrder(trustFinish.args.head, { mark }) };
    return (await runScript(this.redis, SCRIPTS.trustFinish, call)) === 1;
  }
}
