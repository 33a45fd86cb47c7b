import { readFileSync } from 'node:fs';
import { inOrder } from '@orbit/kernel';
import type { Redis } from 'ioredis';
import type { Admission, CachedKey, KeyGate, Principal } from '../edge/ports.js';
import { rateStateOf, requestRateOf, type RequestRate } from './request-rate.js';
import { bounded } from '../edge/rpc/availability.js';
import { ADMIT_NAMES, ADMIT_TABLE } from './admit-table.js';
import type { OwnerText } from './key-owner-text.js';

const ADMIT_LUA = `${ADMIT_NAMES}${readFileSync(new URL('./admit.lua', import.meta.url), 'utf8')}`;
const UNKNOWN = '-';

interface AdmitCommand {
  orbitGatewayAdmit(
    ...keysAndArgs: readonly (string | number)[]
  ): Promise<[owner: string | null, allowed: number, waitMicros: number, idleMicros: number]>;
}

interface Asking<Owner> {
  readonly resolve: (admission: Admission<Owner>) => void;
  readonly reject: (error: unknown) => void;
}

export interface KeyGateLimits {
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly keyTtlSeconds: number;
  readonly unknownKeyTtlSeconds: number;
  readonly revokedKeyTtlSeconds: number;
}

/**
 * The cache of API keys and the rate limit, in one script over two keys of one hash slot. Requests of
 * one key that the process reads in one turn of its event loop share one question: none waits for
 * another, and under load most of the round trips are spared.
 */
export class RedisKeyGate<Owner extends object = Principal> implements KeyGate<Owner> {
  private readonly commands: AdmitCommand;
  private readonly rate: RequestRate;
  /** Requests by key, since the last question left. */
  private asking = new Map<string, Asking<Owner>[]>();

  constructor(
    private readonly redis: Redis,
    private readonly limits: KeyGateLimits,
    private readonly owners: OwnerText<Owner>,
  ) {
    redis.defineCommand('orbitGatewayAdmit', {
      numberOfKeys: ADMIT_TABLE.keys.length,
      lua: ADMIT_LUA,
    });
    this.commands = redis as unknown as AdmitCommand;
    this.rate = requestRateOf(limits);
  }

  admit(keyHash: string): Promise<Admission<Owner>> {
    return new Promise((resolve, reject) => {
      if (this.asking.size === 0) setImmediate(this.ask);
      const list = this.asking.get(keyHash);
      if (list) list.push({ resolve, reject });
      else this.asking.set(keyHash, [{ resolve, reject }]);
    });
  }

  private readonly ask = (): void => {
    const { asking } = this;
    this.asking = new Map();
    for (const [keyHash, list] of asking) void this.admitAll(keyHash, list);
  };

  private async admitAll(keyHash: string, list: readonly Asking<Owner>[]): Promise<void> {
    const { microsPerRequest: each, burst } = this.rate;
    try {
      const [owner, allowed, waitMicros, idleMicros] = await bounded(
        'Redis',
        this.commands.orbitGatewayAdmit(
          ...inOrder(ADMIT_TABLE.keys, {
            owner: ownerKey(keyHash),
            arrival: `gateway:{${keyHash}}:rate`,
          }),
          ...inOrder(ADMIT_TABLE.args, {
            microsPerRequest: each,
            burstMicros: each * burst,
            requestCount: list.length,
          }),
        ),
      );
      const cached = this.read(owner);
      for (const [index, { resolve }] of list.entries()) {
        const isAllowed = index < allowed;
        const busyMicros = idleMicros + each * Math.min(index + 1, allowed);
        resolve({ cached, rate: rateStateOf(this.rate, isAllowed, busyMicros, waitMicros) });
      }
    } catch (error) {
      for (const { reject } of list) reject(error);
    }
  }

  /** NX: the bar of a revocation that came while Postgres was being read stays. */
  async remember(keyHash: string, owner: Owner | null): Promise<void> {
    const value = owner === null ? UNKNOWN : this.owners.write(owner);
    const { keyTtlSeconds, unknownKeyTtlSeconds } = this.limits;
    const ttlSeconds = owner === null ? unknownKeyTtlSeconds : keyTtlSeconds;
    await bounded('Redis', this.redis.set(ownerKey(keyHash), value, 'EX', ttlSeconds, 'NX'));
  }

  private read(text: string | null): CachedKey<Owner> {
    if (text === null) return 'absent';
    return text === UNKNOWN ? 'unknown' : (this.owners.read(text) ?? 'absent');
  }

  async bar(keyHash: string): Promise<void> {
    const { revokedKeyTtlSeconds } = this.limits;
    await bounded('Redis', this.redis.set(ownerKey(keyHash), UNKNOWN, 'EX', revokedKeyTtlSeconds));
  }
}

const ownerKey = (keyHash: string): string => `gateway:{${keyHash}}:owner`;
