import { inOrder } from '@orbit/kernel';
import { micros, type Currency } from '@orbit/money';
import type { Redis } from 'ioredis';
import type { AuthorizationIds } from '../client/authorization-ids.js';
import { parseCaptured, toChargeEvent } from '../client/charge-record.js';
import { chargeKeysOf, holdsKeyOf, recordKeyOf } from '../redis/keys.js';
import { SCRIPT_TABLES } from '../redis/script-tables.js';
import { runScripts, SCRIPTS } from '../redis/scripts.js';
import { SPEND_LIMITS } from '../spend-limits.js';
import type { ChargePublisher, UnsettledCharge } from '../types.js';

/** Score of a captured hold is this plus its time (holds.lua). */
export const CAPTURED_FROM = 1e15;

const CHARGES_PER_RUN = 500;
/** How far a run looks past captures that are not due, in pages of CHARGES_PER_RUN. */
const PAGES_PER_RUN = 20;

const always = (): boolean => true;

export interface UnsettledCapturesOptions {
  readonly redis: Redis;
  readonly producer: ChargePublisher;
  readonly ids: AuthorizationIds;
}

/**
 * Captures that the ledger has not posted: it is behind, or their callers never came back after a failed publish, or
 * an older memory of Redis came back. Redis and Kafka errors are thrown.
 */
export class UnsettledCaptures {
  constructor(private readonly options: UnsettledCapturesOptions) {}

  /** Which of these wallets have captures at least this old: one round trip for all of them. */
  async findWallets<T extends { readonly organizationId: string; readonly currency: Currency }>(
    wallets: readonly T[],
    olderThanMs: number,
  ): Promise<readonly T[]> {
    if (wallets.length === 0) return [];
    const oldest = CAPTURED_FROM + (await this.nowMs()) - olderThanMs;
    const pipeline = this.options.redis.pipeline();
    for (const { organizationId, currency } of wallets)
      pipeline.zcount(holdsKeyOf(organizationId, currency), CAPTURED_FROM, oldest);
    const replies = (await pipeline.exec()) ?? [];
    return wallets.filter((_, index) => {
      const [error, count] = replies[index] ?? [];
      if (error) throw error;
      return Number(count) > 0;
    });
  }

  /** Those at least this old, oldest first. */
  async read(
    organizationId: string,
    currency: Currency,
    olderThanMs: number,
    limit = CHARGES_PER_RUN,
    offset = 0,
  ): Promise<readonly UnsettledCharge[]> {
    const { redis } = this.options;
    const key = holdsKeyOf(organizationId, currency);
    const oldest = CAPTURED_FROM + (await this.nowMs()) - olderThanMs;
    const range = [CAPTURED_FROM, oldest, 'WITHSCORES', 'LIMIT', offset, limit] as const;
    const flat = await redis.zrangebyscore(key, ...range);
    const found: UnsettledCharge[] = [];
    for (let at = 0; at < flat.length; at += 2) {
      const [member = '', score = ''] = flat.slice(at, at + 2);
      const bar = member.indexOf('|');
      found.push({
        chargeId: member.slice(bar + 1),
        amountMicros: micros(BigInt(member.slice(0, bar))),
        capturedAtMs: Number(score) - CAPTURED_FROM,
      });
    }
    return found;
  }

  /**
   * Publishes them again; the ledger drops a charge that it has and confirms it. Returns how many. One whose record
   * has expired a day after its capture can never be published: its money is free again. `isDue` is asked of each,
   * oldest first, until a run is full; the others are left for another time.
   */
  async republish(
    organizationId: string,
    currency: Currency,
    olderThanMs: number,
    isDue: (chargeId: string) => boolean = always,
  ): Promise<number> {
    const { redis, producer, ids } = this.options;
    const charges: UnsettledCharge[] = [];
    for (let page = 0; page < PAGES_PER_RUN && charges.length < CHARGES_PER_RUN; page++) {
      const offset = page * CHARGES_PER_RUN;
      const found = await this.read(organizationId, currency, olderThanMs, undefined, offset);
      charges.push(...found.filter(({ chargeId }) => isDue(chargeId)));
      if (found.length < CHARGES_PER_RUN) break;
    }
    if (charges.length === 0) return 0;
    const keys = charges.map(({ chargeId }) => recordKeyOf(organizationId, chargeId));
    const records = await redis.mget(keys);
    const lost: UnsettledCharge[] = [];
    const events = charges.flatMap((charge, index) => {
      const { chargeId, amountMicros } = charge;
      const captured = parseCaptured(records[index] ?? '');
      if (!captured) {
        if (records[index] === null) lost.push(charge);
        return [];
      }
      const name = { organizationId, chargeId, currency };
      return [toChargeEvent({ ...name, amountMicros, ...captured }, ids, {})];
    });
    await Promise.all(events.map((event) => producer.publish(event)));
    await this.drop(organizationId, currency, lost);
    return events.length;
  }

  /** The time of Redis, whose clock the scores are by. */
  private async nowMs(): Promise<number> {
    const [seconds, microseconds] = await this.options.redis.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  private async drop(
    organizationId: string,
    currency: Currency,
    lost: readonly UnsettledCharge[],
  ): Promise<void> {
    if (lost.length === 0) return;
    const before = (await this.nowMs()) - SPEND_LIMITS.recordTtlMs;
    const calls = lost
      .filter(({ capturedAtMs }) => capturedAtMs < before)
      .map(({ chargeId, amountMicros }) => ({
        keys: chargeKeysOf({ organizationId, currency, chargeId }),
        args: inOrder(SCRIPT_TABLES.drop.args.head, {
          amount: amountMicros.toString(),
          chargeId,
        }),
      }));
    await runScripts(this.options.redis, SCRIPTS.drop, calls);
  }
}
