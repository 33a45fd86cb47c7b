// Goal: what a plan pays of a charge cannot be had for almost nothing: nobody outside can name its part, and an id says
// only what we wrote into it. Method: real Redis under the real client; the ledger is played: it grants wallets, and
// books what is published.
import { createHash } from 'node:crypto';
import { readAllowance, ALLOWANCE_KEY } from '@orbit/allowances';
import { systemClock } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Currency, type Micros } from '@orbit/money';
import {
  createSpendRedis,
  HotBalances,
  AuthorizationIds,
  readChargeState,
  SpendClient,
  type ChargeEvent,
  type ChargeIntent,
} from '@orbit/spend';
import { SLOW_ANSWER_MS, testInfra, uniqueId } from '@orbit/testing';
import type { Redis } from 'ioredis';
import { SpendAllowance } from './spend-allowance.js';
import type { Spender } from '../../edge/ports.js';
import { SignedAllowanceIds } from './allowance-ids.js';
import { RedisSpender } from './redis-spender.js';

const UNIT = 'messages' as unknown as Currency;
const MINUTE_MS = 60_000;
let redis: Redis;
let hot: HotBalances;
let published: ChargeEvent[] = [];

beforeAll(async () => {
  redis = createSpendRedis({ url: testInfra().redisUrl, commandTimeoutMs: SLOW_ANSWER_MS });
  await new Promise((ready) => redis.once('ready', ready));
  hot = new HotBalances({ redis });
});
afterAll(() => redis.disconnect());
beforeEach(() => {
  published = [];
});

const spender = (): Spender => {
  const producer = {
    publish: async (event: ChargeEvent) => {
      published.push(event);
    },
  };
  const loader = { load: async () => null };
  return new RedisSpender(new SpendClient({ redis, producer, clock: systemClock, loader, ids }));
};
const ids = new AuthorizationIds({ secret: 'a secret of the tests, long enough' });
const states = { read: (org: string, id: string) => readChargeState(redis, org, id, ids) };
const over = (inner: Spender, hasPlan = true) =>
  new SpendAllowance(inner, { hasPlan: async () => hasPlan }, states, new SignedAllowanceIds(ids));

async function open(messages: bigint | null, usd: Micros): Promise<string> {
  const organizationId = uniqueId('org');
  const wallet = (currency: Currency, postedMicros: Micros) => ({
    ...{ organizationId, currency, postedMicros, version: 1n, escrowedMicros: ZERO_MICROS },
    ...{
      overdraftMicros: ZERO_MICROS,
      allowsLateCapture: false,
      pausedReason: null,
      validUntilMs: null,
    },
  });
  await hot.set([wallet('USD', usd)]);
  if (messages !== null) await hot.set([wallet(UNIT, micros(messages * 1_000_000n))]);
  return organizationId;
}
const intent = (organizationId: string, chargeId: string, quantity: number): ChargeIntent => ({
  ...{ organizationId, chargeId, currency: 'USD', channel: 'sms', quantity },
  amountMicros: micros(BigInt(quantity) * 10_000n),
  metadata: { campaign: 'spring' },
});
/** [messages, dollars in micros] that may be spent. */
async function left(org: string): Promise<[number, number]> {
  const [units, money] = await Promise.all([hot.read(org, UNIT), hot.read(org, 'USD')]);
  return [Number(units?.availableMicros ?? 0) / 1e6, Number(money?.availableMicros ?? 0)];
}
/** What the ledger books of everything published: each charge id once, a plan's part beside its rest. */
function booked(): [units: number, micros: number] {
  const once = new Map(published.map((event) => [event.id, event.value]));
  let [units, money] = [0, 0];
  for (const { amount, currency, metadata } of once.values()) {
    if (currency === 'USD') money += Math.round(Number(amount) * 1e6);
    else units += Number(amount);
    units += readAllowance(metadata[ALLOWANCE_KEY])?.quantity ?? 0;
  }
  return [units, money];
}

const bound = (org: string, id: string) => ({
  capture: (amount?: Micros) => over(spender()).capture(org, id, amount),
  release: () => over(spender()).release(org, id),
});

describe('a plan for almost nothing', () => {
  /** 5,001 messages of an allowance of 5,000: one falls on the wallet. */
  const holdAll = async (org: string, id: string) => {
    const held = await over(spender()).authorize({ ...intent(org, id, 5_001), ttlMs: MINUTE_MS });
    if (held.status === 'refused') throw new Error(held.reason);
    return held.authorizationId;
  };
  /** Every id of the plan's part that can be made from what the owner knows. */
  const partIds = (org: string, chargeId: string, own: string): string[] => {
    const check = createHash('sha256').update(org).digest('base64url').slice(0, 8);
    const unsigned = Buffer.from(`messages:${chargeId}~plan`).toString('base64url');
    const signed = Buffer.from(`messages:5000000000::${chargeId}~plan`).toString('base64url');
    const part = `auth_${check}${unsigned}`;
    return [
      part,
      `${part}.messages.5000.5000.50000000`,
      `auth_${own.slice(5, 27)}${signed}`,
      // Even if somebody got hold of the true one.
      ids.idOf({
        ...{ organizationId: org, currency: UNIT, chargeId: `${chargeId}~plan`, part: '' },
        amountMicros: micros(5_000_000_000n),
      }),
    ];
  };

  test("the plan's part of a charge is nobody's to capture or to release", async () => {
    const org = await open(5_000n, micros(1_000_000n));
    const own = await holdAll(org, 'a1');
    expect(await left(org)).toEqual([0, 990_000]);
    for (const id of partIds(org, 'a1', own)) {
      for (const amount of [undefined, micros(1_000_000n)]) {
        expect(await bound(org, id).capture(amount)).toEqual({ status: 'not_found' });
      }
      expect(await bound(org, id).release()).toEqual({ status: 'not_found' });
      expect(await left(org)).toEqual([0, 990_000]);
    }
    expect(published).toEqual([]);
    expect(await bound(org, own).capture()).toMatchObject({ status: 'captured' });
    expect(booked()).toEqual([5_000, 10_000]);
  });

  test('an id whose terms were tampered with names nothing, and leaves both holds as they are', async () => {
    const org = await open(5_000n, micros(1_000_000n));
    const own = await holdAll(org, 'a1');
    const [base = '', , , , , tag = ''] = own.split('.');
    const check = createHash('sha256').update(org).digest('base64url').slice(0, 8);
    const old = `auth_${check}${Buffer.from('USD:a1').toString('base64url')}`;
    const terms = [
      'messages.1.3.3000000',
      'messages.5000.5001.1',
      'messages.5000.5001.9007199254740993',
      'messages.1.5001.50010000',
      'messages.5000.5000.50010000',
      'messages.5001.5000.50010000',
      'messages.0.5001.50010000',
      'messages.-1.5001.50010000',
      'voice_minutes.5000.5001.50010000',
      'credits.5000.5001.50010000',
      '',
    ];
    const tampered = terms.flatMap((text) => [
      ...[`${base}.${text}`, `${base}.${text}.${tag}`, `${old}.${text}`, `${own}.${text}`],
    ]);
    for (const id of tampered) {
      for (const amount of [undefined, micros(1n), micros(10_000n), micros(50_010_000n)]) {
        expect(await bound(org, id).capture(amount)).toEqual({ status: 'not_found' });
      }
      expect(await bound(org, id).release()).toEqual({ status: 'not_found' });
    }
    expect(await left(org)).toEqual([0, 990_000]);
    expect((await states.read(org, 'a1'))?.state).toBe('held');
    expect((await states.read(org, 'a1~plan'))?.state).toBe('held');
    expect(published).toEqual([]);
    expect(await bound(org, own).release()).toMatchObject({ status: 'released' });
    expect(await left(org)).toEqual([5_000, 1_000_000]);
  });

  test('an authorization from before ids were signed ends as it says, and only as it says', async () => {
    const org = await open(5_000n, micros(1_000_000n));
    await holdAll(org, 'a1');
    const check = createHash('sha256').update(org).digest('base64url').slice(0, 8);
    const old = `auth_${check}${Buffer.from('USD:a1').toString('base64url')}`;
    const { release } = bound(org, `${old}.messages.5000.5001.50010000`);
    expect(await release()).toMatchObject({ status: 'released' });
    expect(await left(org)).toEqual([5_000, 1_000_000]);
    await holdAll(org, 'a2');
    const other = `auth_${check}${Buffer.from('USD:a2').toString('base64url')}`;
    // As `GET charges/a2` names it: without its terms, which its record knows.
    expect(await bound(org, other).capture(micros(20_000n))).toMatchObject({
      ...{ status: 'captured', currency: 'messages', amountMicros: 2_000_000n },
    });
    expect(booked()).toEqual([2, 0]);
    expect(await left(org)).toEqual([4_998, 1_000_000]);
  });

  test('a capture that the part of the plan cannot pay is refused before the wallet is freed', async () => {
    const org = await open(5_000n, micros(1_000_000n));
    const own = await holdAll(org, 'a1');
    await redis.del(`orbit:{${org}}:charge:a1~plan`);
    expect(await bound(org, own).capture(micros(20_000n))).toEqual({ status: 'not_found' });
    expect((await states.read(org, 'a1'))?.state).toBe('held');
    expect(await left(org)).toEqual([0, 990_000]);
  });
});
