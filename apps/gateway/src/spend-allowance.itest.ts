// Goal: what a plan includes is used before the wallet by charges and authorizations, in part too, once per charge id,
// whatever is repeated or dies. Method: real Redis under the real client; the ledger is played: it grants wallets, and
// books what is published. Round trips are counted, not timed.
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
import { SLOW_ANSWER_MS, eventually, testInfra, uniqueId } from '@orbit/testing';
import type { Redis } from 'ioredis';
import { SpendAllowance } from './orbit/charges/spend-allowance.js';
import type { Spender } from './edge/ports.js';
import { SignedAllowanceIds } from './orbit/charges/allowance-ids.js';
import { RedisSpender } from './orbit/charges/redis-spender.js';

const UNIT = 'messages' as unknown as Currency;
const MINUTE_MS = 60_000;
let redis: Redis;
let hot: HotBalances;
let published: ChargeEvent[] = [];
let scripts = 0;
let isKafkaAway = false;

beforeAll(async () => {
  redis = createSpendRedis({ url: testInfra().redisUrl, commandTimeoutMs: SLOW_ANSWER_MS });
  await new Promise((ready) => redis.once('ready', ready));
  hot = new HotBalances({ redis });
  const evalsha = redis.evalsha.bind(redis) as (...args: unknown[]) => Promise<unknown>;
  redis.evalsha = ((...args: unknown[]) => {
    scripts += 1;
    return evalsha(...args);
  }) as typeof redis.evalsha;
});
afterAll(() => redis.disconnect());
beforeEach(() => {
  published = [];
  isKafkaAway = false;
});

const spender = (): Spender => {
  const producer = {
    publish: async (event: ChargeEvent) => {
      if (isKafkaAway) throw new Error('Kafka is away');
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
  // What only the first use of a connection asks is not counted.
  await hot.read(organizationId, 'USD');
  scripts = 0;
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

test('an organization without a plan asks Redis once, with one twice, split three times', async () => {
  const org = await open(5n, micros(1_000_000n));
  await over(spender(), false).charge(intent(org, 'c1', 1));
  expect(scripts).toBe(1);
  await over(spender(), false).authorize({ ...intent(org, 'c2', 1), ttlMs: MINUTE_MS });
  expect(scripts).toBe(2);
  await over(spender()).charge(intent(org, 'c3', 5));
  expect(scripts).toBe(3);
  await over(spender()).charge(intent(org, 'c4', 1));
  expect(scripts).toBe(5);
  const other = await open(2n, micros(1_000_000n));
  await over(spender()).authorize({ ...intent(other, 'c5', 3), ttlMs: MINUTE_MS });
  expect(scripts).toBe(3);
});

test('covered units are free, the rest is charged; a repeat is the same, in every way of paying', async () => {
  const org = await open(7n, micros(1_000_000n));
  const first = over(spender());
  const whole = await first.charge(intent(org, 'whole', 4));
  expect(whole).toMatchObject({ currency: 'messages', amountMicros: 4_000_000n });
  const split = await first.charge(intent(org, 'split', 10));
  expect(split).toMatchObject({
    ...{ status: 'charged', amountMicros: 70_000n, replayed: false },
    allowance: { unit: 'messages', quantity: 3 },
  });
  expect(await first.charge(intent(org, 'money', 2))).toMatchObject({ amountMicros: 20_000n });
  expect(booked()).toEqual([7, 90_000]);
  for (const hasPlan of [true, false]) {
    for (const [id, quantity] of [
      ['whole', 4],
      ['split', 10],
      ['money', 2],
    ] as const) {
      const again = await over(spender(), hasPlan).charge(intent(org, id, quantity));
      expect(again).toMatchObject({ status: 'charged', replayed: true });
      const other = await over(spender(), hasPlan).charge(intent(org, id, quantity + 1));
      expect(other).toMatchObject({ status: 'refused', reason: 'charge_id_conflict' });
    }
  }
  expect(booked()).toEqual([7, 90_000]);
  expect(await left(org)).toEqual([0, 910_000]);
});

test('a split charge that the wallet does not cover takes nothing', async () => {
  const org = await open(3n, micros(10_000n));
  const answer = await over(spender()).charge(intent(org, 'c1', 10));
  expect(answer).toMatchObject({ status: 'refused', reason: 'insufficient_funds' });
  expect(await left(org)).toEqual([3, 10_000]);
  expect(published).toEqual([]);
});

describe('authorizations', () => {
  const hold = async (org: string, quantity: number, id = 'a1') => {
    const held = await over(spender()).authorize({
      ...intent(org, id, quantity),
      ttlMs: MINUTE_MS,
    });
    if (held.status === 'refused') throw new Error(held.reason);
    return held;
  };

  test('T05 whole by the plan: captured once, another capture is refused; the price is what a part is of', async () => {
    const org = await open(10n, ZERO_MICROS);
    const held = await hold(org, 4);
    expect(held).toMatchObject({ currency: 'messages', amountMicros: 4_000_000n });
    expect(await hold(org, 4)).toMatchObject({
      replayed: true,
      authorizationId: held.authorizationId,
    });
    expect(await left(org)).toEqual([6, 0]);
    const { capture, release } = bound(org, held.authorizationId);
    expect(await capture(micros(40_001n))).toEqual({ status: 'exceeds_hold' });
    // 0.015 of 0.04 pays for one message and a half: two.
    expect(await capture(micros(15_000n))).toMatchObject({ amountMicros: 2_000_000n });
    expect(await capture(micros(15_000n))).toMatchObject({ replayed: true });
    expect(await capture()).toEqual({ status: 'conflict' });
    expect(await release()).toEqual({ status: 'captured' });
    expect(booked()).toEqual([2, 0]);
    expect(await left(org)).toEqual([8, 0]);
  });

  test('split: captured whole, both are booked by one message', async () => {
    const org = await open(3n, micros(1_000_000n));
    const held = await hold(org, 10);
    expect(held).toMatchObject({ amountMicros: 70_000n, allowance: { quantity: 3 } });
    expect(await hold(org, 10)).toMatchObject({
      replayed: true,
      authorizationId: held.authorizationId,
    });
    expect(await left(org)).toEqual([0, 930_000]);
    scripts = 0;
    const { capture, release } = bound(org, held.authorizationId);
    expect(await capture()).toMatchObject({ amountMicros: 70_000n });
    expect(scripts).toBe(1);
    expect(await capture()).toMatchObject({ replayed: true });
    expect(await release()).toEqual({ status: 'captured' });
    expect(published.map(({ id }) => id)).toEqual(['a1', 'a1']);
    expect(booked()).toEqual([3, 70_000]);
  });

  test('split: a part takes the allowance first', async () => {
    const org = await open(3n, micros(1_000_000n));
    const more = bound(org, (await hold(org, 10, 'more')).authorizationId);
    expect(await more.capture(micros(50_000n))).toMatchObject({ amountMicros: 20_000n });
    expect(booked()).toEqual([3, 20_000]);
    const other = await open(3n, micros(1_000_000n));
    const less = bound(other, (await hold(other, 10, 'less')).authorizationId);
    published = [];
    expect(await less.capture(micros(20_000n))).toMatchObject({
      ...{ currency: 'messages', amountMicros: 2_000_000n },
    });
    expect(await less.capture(micros(20_000n))).toMatchObject({ replayed: true });
    expect(await less.capture()).toEqual({ status: 'released' });
    expect(await less.release()).toEqual({ status: 'captured' });
    expect(booked()).toEqual([2, 0]);
    expect(await left(other)).toEqual([1, 1_000_000]);
  });

  test('released or lapsed, the allowance is there again', async () => {
    const org = await open(3n, micros(1_000_000n));
    for (const quantity of [2, 10]) {
      const { capture, release } = bound(
        org,
        (await hold(org, quantity, `r${quantity}`)).authorizationId,
      );
      expect(await release()).toMatchObject({ status: 'released' });
      expect(await release()).toMatchObject({ status: 'released', replayed: true });
      expect(await capture()).toEqual({ status: 'released' });
      expect(await left(org)).toEqual([3, 1_000_000]);
    }
    const brief = { ...intent(org, 'brief', 2), ttlMs: 1 };
    const held = await over(spender()).authorize(brief);
    await eventually(async () => expect(await left(org)).toEqual([3, 1_000_000]));
    if (held.status === 'refused') throw new Error(held.reason);
    expect(await bound(org, held.authorizationId).capture()).toEqual({ status: 'expired' });
    expect(published).toEqual([]);
  });

  test("an authorization of the wallet's alone, and one that nobody made, are as before", async () => {
    const org = await open(null, micros(1_000_000n));
    const held = await over(spender(), false).authorize({
      ...intent(org, 'm', 3),
      ttlMs: MINUTE_MS,
    });
    if (held.status === 'refused') throw new Error(held.reason);
    expect(held).not.toHaveProperty('allowance');
    const { capture } = bound(org, held.authorizationId);
    expect(await capture(micros(10_000n))).toMatchObject({ amountMicros: 10_000n });
    for (const id of [
      'auth_x',
      'auth_x.messages.1.2.30',
      `${held.authorizationId}.messages.9.2.1`,
    ]) {
      expect(await bound(org, id).capture()).toEqual({ status: 'not_found' });
    }
  });
});

const bound = (org: string, id: string) => ({
  capture: (amount?: Micros) => over(spender()).capture(org, id, amount),
  release: () => over(spender()).release(org, id),
});

test('T28 dead between any two steps, the repeat neither loses nor doubles', async () => {
  for (let step = 0; step < 4; step++) {
    for (const isBefore of [true, false]) {
      const org = await open(3n, micros(1_000_000n));
      published = [];
      const charge = (inner: Spender) => over(inner).charge(intent(org, 'c1', 10));
      await charge(dying(spender(), step, isBefore)).catch(() => null);
      expect(await charge(spender())).toMatchObject({ status: 'charged' });
      expect(await charge(spender())).toMatchObject({ status: 'charged', replayed: true });
      const [units, money] = booked();
      // The hold of a part that died with its maker lapses; until then the wallet pays for those units.
      expect(units * 10_000 + money).toBe(100_000);
      expect(await left(org)).toEqual([expect.any(Number), 1_000_000 - money]);
    }
  }
});

/** Dies before or after its step-th call; what is done is done. */
function dying(inner: Spender, step: number, isBefore: boolean): Spender {
  let calls = 0;
  const die = async <T>(call: () => Promise<T>): Promise<T> => {
    const isLast = calls++ === step;
    if (isLast && isBefore) throw new Error('dead');
    const answer = await call();
    if (isLast) throw new Error('dead');
    return answer;
  };
  return {
    charge: (one, options) => die(() => inner.charge(one, options)),
    authorize: (one) => die(() => inner.authorize(one)),
    capture: (...args) => die(() => inner.capture(...args)),
    release: (...args) => die(() => inner.release(...args)),
  };
}

test('T28 published or not, a repeat of a split charge is published again, the same', async () => {
  const org = await open(3n, micros(1_000_000n));
  isKafkaAway = true;
  const lost = await over(spender()).charge(intent(org, 'c1', 10));
  expect(lost).toMatchObject({ status: 'refused', reason: 'unavailable' });
  isKafkaAway = false;
  expect(await over(spender()).charge(intent(org, 'c1', 10))).toMatchObject({
    ...{ status: 'charged', replayed: true, allowance: { quantity: 3 } },
  });
  expect(booked()).toEqual([3, 70_000]);
});

test('T02 a hundred at once on an allowance of 50 and a wallet for 20: 70 messages, no more', async () => {
  const org = await open(50n, micros(200_000n));
  const asked = Array.from({ length: 100 }, (_, n) =>
    over(spender()).charge(intent(org, `c${n}`, 1)),
  );
  const answers = await Promise.all(asked);
  expect(answers.filter(({ status }) => status === 'charged')).toHaveLength(70);
  expect(booked()).toEqual([50, 200_000]);
  const same = await open(3n, micros(1_000_000n));
  published = [];
  const ten = Array.from({ length: 10 }, () => over(spender()).charge(intent(same, 'one', 10)));
  for (const answer of await Promise.all(ten)) expect(answer).toMatchObject({ status: 'charged' });
  const [units, money] = booked();
  expect(units * 10_000 + money).toBe(100_000);
  const [free, dollars] = await left(same);
  expect([3 - free, 1_000_000 - dollars]).toEqual([units, money]);
});
