import { systemClock } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import type { Redis } from 'ioredis';
import { AuthorizationIds } from './authorization-ids.js';
import { HotBalances } from '../ledger-side/hot-balances.js';
import { SpendClient } from './spend-client.js';
import { createSpendRedis } from '../fitness/spend-redis.js';
import type { SpendLimits } from '../spend-limits.js';
import type {
  ChargeEvent,
  ChargeIntent,
  ChargePublisher,
  HotWallet,
  LoadedWallet,
} from '../types.js';

/** A test that stands still for a second on a busy machine has not lost its Redis. */
const COMMAND_MS_MAX = 20_000;

/** A ledger and a Kafka small enough to read: what the tests of this library spend against. */
export class SpendFixture {
  readonly published: ChargeEvent[] = [];
  readonly hot: HotBalances;
  readonly redis: Redis;
  isPublisherDown = false;
  loadCount = 0;
  /** What the ledger answers about outages. */
  terms: Omit<LoadedWallet, 'pausedReason'> = {
    isRecovering: false,
    outagePolicy: 'closed',
    outageBudgetMicros: ZERO_MICROS,
  };
  /** Wallets that the ledger knows, by organization; the loader writes them to Redis. */
  readonly ledger = new Map<string, HotWallet>();
  private readonly clients: Redis[] = [];

  constructor(
    private readonly redisUrl: string,
    private readonly limits: Partial<SpendLimits> = {},
  ) {
    this.redis = this.connect();
    this.hot = new HotBalances({ redis: this.redis });
  }

  readonly producer: ChargePublisher = {
    publish: (event) => {
      if (this.isPublisherDown) return Promise.reject(new Error('Kafka is unavailable'));
      this.published.push(event);
      return Promise.resolve();
    },
  };

  client(redis: Redis = this.redis, onUnavailable?: (error: unknown) => void): SpendClient {
    return new SpendClient({
      ...(onUnavailable && { onUnavailable }),
      redis,
      clock: systemClock,
      ids: testIds,
      limits: this.limits,
      producer: this.producer,
      loader: {
        load: async (organizationId) => {
          this.loadCount += 1;
          const wallet = this.ledger.get(organizationId);
          if (!wallet) return null;
          if (!this.terms.isRecovering) await this.hot.set([wallet]);
          return { ...this.terms, pausedReason: wallet.pausedReason };
        },
      },
    });
  }

  connect(commandTimeoutMs = COMMAND_MS_MAX): Redis {
    const redis = createSpendRedis({ url: this.redisUrl, commandTimeoutMs });
    this.clients.push(redis);
    return redis;
  }

  async ready(): Promise<void> {
    await Promise.all(
      this.clients
        .filter((redis) => redis.status !== 'ready')
        .map((redis) => new Promise((done) => redis.once('ready', done))),
    );
  }

  /** Opens a wallet in Redis as the ledger would. */
  async open(
    organizationId: string,
    units: bigint,
    change: Partial<HotWallet> = {},
  ): Promise<HotWallet> {
    const wallet = walletOf(organizationId, units, change);
    await this.hot.set([wallet]);
    return wallet;
  }

  /** posted, held and available in micros. */
  async balance(organizationId: string): Promise<readonly [bigint, bigint, bigint]> {
    const balance = await this.hot.read(organizationId, 'USD');
    if (!balance) throw new Error('the wallet is not in Redis');
    return [balance.postedMicros, balance.heldMicros, balance.availableMicros];
  }

  close(): void {
    for (const redis of this.clients) redis.disconnect();
  }
}

export const testIds = new AuthorizationIds({ secret: 'a secret of the tests, long enough' });

export const usd = (units: bigint): Micros => micros(units * 1_000_000n);
export const cents = (count: bigint): Micros => micros(count * 10_000n);

export const walletOf = (
  organizationId: string,
  units: bigint,
  change: Partial<HotWallet> = {},
): HotWallet => ({
  organizationId,
  currency: 'USD',
  postedMicros: usd(units),
  overdraftMicros: micros(0n),
  escrowedMicros: micros(0n),
  allowsLateCapture: false,
  version: 1n,
  pausedReason: null,
  validUntilMs: null,
  ...change,
});

export const intentOf = (
  organizationId: string,
  chargeId: string,
  amountMicros: Micros,
  change: Partial<ChargeIntent> = {},
): ChargeIntent => ({
  organizationId,
  chargeId,
  amountMicros,
  currency: 'USD',
  channel: 'sms',
  quantity: 1,
  metadata: {},
  ...change,
});
