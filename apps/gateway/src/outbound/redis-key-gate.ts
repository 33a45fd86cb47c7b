import { readFileSync } from 'node:fs';
import { isCurrency } from '@orbit/money';
import type { Redis } from 'ioredis';
import type { CachedKey, KeyGate, Principal, RateLimitState } from '../application/ports.js';
import { bounded } from './availability.js';

const ADMIT_LUA = readFileSync(new URL('./admit.lua', import.meta.url), 'utf8');
const UNKNOWN = '-';

interface AdmitCommand {
  orbitGatewayAdmit(
    ownerKey: string,
    rateKey: string,
    microsPerRequest: number,
    burstMicros: number,
  ): Promise<[owner: string | null, allowed: number, waitMicros: number, idleMicros: number]>;
}

export interface KeyGateLimits {
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly keyTtlSeconds: number;
  readonly unknownKeyTtlSeconds: number;
  readonly revokedKeyTtlSeconds: number;
}

/** The cache of API keys and the rate limit, in one script over two keys of one hash slot. */
export class RedisKeyGate implements KeyGate {
  private readonly commands: AdmitCommand;
  private readonly microsPerRequest: number;

  constructor(
    private readonly redis: Redis,
    private readonly limits: KeyGateLimits,
  ) {
    redis.defineCommand('orbitGatewayAdmit', { numberOfKeys: 2, lua: ADMIT_LUA });
    this.commands = redis as unknown as AdmitCommand;
    this.microsPerRequest = Math.max(1, Math.round(1_000_000 / limits.requestsPerSecond));
  }

  async admit(keyHash: string): Promise<{ cached: CachedKey; rate: RateLimitState }> {
    const [owner, allowed, waitMicros, idleMicros] = await bounded(
      'Redis',
      this.commands.orbitGatewayAdmit(
        ownerKey(keyHash),
        `gateway:{${keyHash}}:rate`,
        this.microsPerRequest,
        this.microsPerRequest * this.limits.burst,
      ),
    );
    const used = Math.ceil(idleMicros / this.microsPerRequest);
    return {
      cached: readOwner(owner),
      rate: {
        isAllowed: allowed === 1,
        limit: this.limits.burst,
        remaining: Math.max(0, this.limits.burst - used),
        retryAfterMs: Math.ceil(waitMicros / 1000),
        resetMs: Math.ceil(idleMicros / 1000),
      },
    };
  }

  /** NX: the bar of a revocation that came while Postgres was being read stays. */
  async remember(keyHash: string, principal: Principal | null): Promise<void> {
    const value = principal === null ? UNKNOWN : writeOwner(principal);
    const { keyTtlSeconds, unknownKeyTtlSeconds } = this.limits;
    const ttlSeconds = principal === null ? unknownKeyTtlSeconds : keyTtlSeconds;
    await bounded('Redis', this.redis.set(ownerKey(keyHash), value, 'EX', ttlSeconds, 'NX'));
  }

  async bar(keyHash: string): Promise<void> {
    const { revokedKeyTtlSeconds } = this.limits;
    await bounded('Redis', this.redis.set(ownerKey(keyHash), UNKNOWN, 'EX', revokedKeyTtlSeconds));
  }
}

const ownerKey = (keyHash: string): string => `gateway:{${keyHash}}:owner`;

/** Plain fields with bars: cheaper to read on every request than JSON. */
function writeOwner(principal: Principal): string {
  const { organizationId, currency, keyId, mode } = principal;
  return `${organizationId}|${currency}|${keyId}|${mode}`;
}

function readOwner(text: string | null): CachedKey {
  if (text === null) return 'absent';
  if (text === UNKNOWN) return 'unknown';
  const [organizationId, currency, keyId, mode] = text.split('|');
  const isComplete = organizationId !== undefined && keyId !== undefined && isCurrency(currency);
  if (!isComplete || (mode !== 'test' && mode !== 'live')) return 'absent';
  return { organizationId, currency, keyId, mode };
}
