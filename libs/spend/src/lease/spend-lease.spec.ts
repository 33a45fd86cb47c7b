// Goal: a lease never authorizes more than it was granted nor past its end, renews itself in time, and gives
// back what is left, whatever the ledger answers. Method: a ledger in memory and a clock that tests move.
import { jest } from '@jest/globals';
import { OrbitError } from '@orbit/contracts';
import { micros, type Micros } from '@orbit/money';
import { CardMemory } from '../prices/card-memory.js';
import { leaseMicros } from './spend-lease-amount.js';
import type { LeaseChargeIntent } from './spend-lease-charges.js';
import type { LeaseLedger, LeaseOpening, LeaseRenewal } from './spend-lease-ports.js';
import { SpendLease, type SpendLeaseOptions } from './spend-lease.js';
import type { ChargeEvent } from '../types.js';

const START_MS = Date.UTC(2026, 4, 16);
const usd = (units: number): Micros => micros(BigInt(units) * 1_000_000n);
const ONE = leaseMicros(usd(1));

class FakeLedger implements LeaseLedger {
  readonly renewals: LeaseRenewal[] = [];
  readonly openings: LeaseOpening[] = [];
  closed = 0;
  granted = 0n;
  private readonly seen = new Set<string>();
  /** What the next calls meet with; `lost` is done but not answered. */
  faults: (OrbitError | 'lost')[] = [];

  async open(opening: LeaseOpening): Promise<{ leaseId: string; grantedMicros: Micros }> {
    this.openings.push(opening);
    return this.grant(opening.reference, opening.amountMicros);
  }

  async renew(renewal: LeaseRenewal): Promise<{ leaseId: string; grantedMicros: Micros }> {
    this.renewals.push(renewal);
    return this.grant(renewal.reference, renewal.amountMicros);
  }

  async close(): Promise<void> {
    this.closed += 1;
    await Promise.resolve();
  }

  private async grant(
    reference: string,
    amount: Micros,
  ): Promise<{ leaseId: string; grantedMicros: Micros }> {
    await Promise.resolve();
    const fault = this.faults.shift();
    if (fault instanceof OrbitError) throw fault;
    if (!this.seen.has(reference)) this.granted += amount;
    this.seen.add(reference);
    if (fault === 'lost') throw new OrbitError('timeout', 'no answer');
    return { leaseId: 'lease_1', grantedMicros: micros(this.granted) };
  }
}

let ledger: FakeLedger;
let published: ChargeEvent[];
let publish: (event: ChargeEvent) => Promise<void>;

beforeEach(() => {
  jest.useFakeTimers({ now: START_MS });
  ledger = new FakeLedger();
  published = [];
  publish = async (event) => void published.push(event);
});
afterEach(() => jest.useRealTimers());

const open = (options: Partial<SpendLeaseOptions> = {}): Promise<SpendLease> =>
  SpendLease.open({
    ledger,
    producer: { publish: (event) => publish(event) },
    clock: { nowMs: () => Date.now() },
    organizationId: 'org_1',
    currency: 'USD',
    amountMicros: usd(100),
    ttlMs: 60_000,
    ...options,
  });

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms).then(() => undefined);
const take = (lease: SpendLease, times: number): number => {
  let taken = 0;
  while (taken < times && lease.authorize(ONE)) taken += 1;
  return taken;
};
const refused = (): OrbitError => new OrbitError('insufficient_funds', 'not covered');
const intent = (chargeId: string, units = 1): LeaseChargeIntent => ({
  chargeId,
  amountMicros: usd(units),
  channel: 'sms',
  quantity: 1,
  metadata: {},
});

test('authorizes exactly what was granted when nothing renews it', async () => {
  const lease = await open();
  ledger.faults = Array.from({ length: 50 }, refused);
  expect(take(lease, 1_000)).toBe(100);
  expect(lease.authorize(leaseMicros(micros(1n)))).toBe(false);
  expect(lease.state).toMatchObject({ leftMicros: 0n, outstandingMicros: usd(100) });
});

test('what is released may be authorized again, and no more is released than was authorized', async () => {
  const lease = await open();
  ledger.faults = Array.from({ length: 50 }, refused);
  take(lease, 100);
  lease.release(ONE);
  expect(take(lease, 5)).toBe(1);
  for (let n = 0; n < 100; n++) lease.release(ONE);
  expect(() => lease.release(ONE)).toThrow('released');
});

test('refuses amounts that a double would round', () => {
  expect(() => leaseMicros(micros(2n ** 53n))).toThrow('below 2^53');
  expect(() => leaseMicros(micros(0n))).toThrow('above zero');
  expect(leaseMicros(micros(2n ** 53n - 1n))).toBe(Number.MAX_SAFE_INTEGER);
});

test('asks for one renewal, with what is missing, when less than a quarter is left', async () => {
  const lease = await open();
  await pass(20_000);
  take(lease, 75);
  expect(ledger.renewals).toHaveLength(0);
  take(lease, 5);
  await pass(0);
  expect(ledger.renewals).toMatchObject([
    { leaseId: 'lease_1', amountMicros: usd(76), ttlMs: 60_000 },
  ]);
  expect(lease.state).toMatchObject({ leftMicros: usd(96), grantedMicros: usd(176), renewals: 1 });
});

test('grows while it is emptied quickly, up to its maximum, and shrinks when it is not used', async () => {
  const lease = await open({ amountMicrosMax: usd(400) });
  const asked: bigint[] = [];
  for (let round = 0; round < 4; round++) {
    take(lease, Number(lease.state.leftMicros / 1_000_000n));
    await pass(10);
    asked.push(ledger.renewals.at(-1)!.amountMicros);
  }
  expect(asked.map((amount) => Number(amount / 1_000_000n)).at(-1)).toBeGreaterThan(250);
  expect(lease.state.leftMicros).toBeLessThanOrEqual(usd(400));
  const before = ledger.renewals.length;
  await pass(120_000);
  const idle = ledger.renewals.slice(before);
  expect(idle.length).toBeGreaterThanOrEqual(3);
  expect(idle.every(({ amountMicros }) => amountMicros === 0n)).toBe(true);
  expect(take(lease, 1)).toBe(1);
});

test('renews its time when half of it is over, and lives on for as long as it is held', async () => {
  const lease = await open();
  await pass(29_000);
  expect(ledger.renewals).toHaveLength(0);
  await pass(600_000);
  expect(ledger.renewals.length).toBeGreaterThanOrEqual(19);
  expect(lease.state.status).toBe('open');
  expect(take(lease, 100)).toBe(100);
});

test('authorizes nothing after its end less the margin when the ledger is away, and ends', async () => {
  const lease = await open();
  ledger.faults = Array.from({ length: 500 }, () => new OrbitError('unavailable', 'away'));
  await pass(57_900);
  expect(lease.authorize(ONE)).toBe(true);
  await pass(200);
  expect(lease.authorize(ONE)).toBe(false);
  expect(await lease.charge(intent('late'))).toEqual({ status: 'refused', reason: 'lease_ended' });
  await pass(10_000);
  expect(lease.state.status).toBe('ended');
  expect(published).toEqual([]);
});

test('a process that slept past the end charges nothing, though no timer has run', async () => {
  const lease = await open();
  jest.setSystemTime(START_MS + 59_000);
  expect(await lease.charge(intent('late'))).toEqual({ status: 'refused', reason: 'lease_ended' });
});

test('a renewal whose answer is lost is asked for again under the same reference and counts once', async () => {
  const lease = await open();
  ledger.faults = ['lost', new OrbitError('unavailable', 'away')];
  await pass(20_000);
  take(lease, 80);
  await pass(1_000);
  expect(new Set(ledger.renewals.map(({ reference }) => reference)).size).toBe(1);
  expect(ledger.renewals).toHaveLength(3);
  expect(lease.state).toMatchObject({ grantedMicros: usd(176), renewals: 1 });
  expect(ledger.granted).toBe(usd(176));
});

test('asks for less when the wallet has not so much, and then leaves the ledger alone for a while', async () => {
  const lease = await open();
  ledger.faults = [refused(), refused()];
  await pass(20_000);
  take(lease, 80);
  await pass(1_000);
  const asked = ledger.renewals.map(({ amountMicros }) => amountMicros);
  expect(asked).toEqual([usd(76), usd(38), usd(19)]);
  expect(new Set(ledger.renewals.map(({ reference }) => reference)).size).toBe(3);
  expect(lease.state.leftMicros).toBe(usd(39));
  take(lease, 39);
  expect(take(lease, 1)).toBe(0);
  await pass(1_000);
  expect(ledger.renewals).toHaveLength(3);
  await pass(5_000);
  expect(ledger.renewals.length).toBeGreaterThan(3);
});

test('a lease that the ledger has closed authorizes no more', async () => {
  const lease = await open();
  ledger.faults = [new OrbitError('conflict', 'closed')];
  await pass(31_000);
  expect(lease.state.status).toBe('ended');
  expect(lease.authorize(ONE)).toBe(false);
});

test('opening is repeated with the same reference while the ledger is away, and refusals are thrown', async () => {
  ledger.faults = ['lost'];
  const opening = open();
  await pass(1_000);
  const lease = await opening;
  expect(new Set(ledger.openings.map(({ reference }) => reference)).size).toBe(1);
  expect(ledger.granted).toBe(usd(100));
  expect(lease.state.endsAtMs).toBe(START_MS + 60_000);
  ledger.faults = [refused()];
  await expect(open()).rejects.toMatchObject({ code: 'insufficient_funds' });
});

test('a charge names the lease, and after a failed publish its repeat takes nothing more', async () => {
  const lease = await open();
  publish = () => Promise.reject(new Error('Kafka is away'));
  expect(await lease.charge(intent('c_1', 5))).toEqual({ status: 'unavailable', chargeId: 'c_1' });
  expect(lease.state).toMatchObject({ leftMicros: usd(95), outstandingMicros: 0n });
  publish = async (event) => void published.push(event);
  await pass(1_000);
  expect(await lease.charge(intent('c_1', 5))).toEqual({ status: 'charged', chargeId: 'c_1' });
  expect(lease.state.leftMicros).toBe(usd(95));
  expect(published).toMatchObject([
    {
      key: 'org_1',
      id: 'c_1',
      timeMs: START_MS,
      value: { amount: '5.00', authorization_id: 'lease_1', currency: 'USD' },
    },
  ]);
  expect(await lease.charge(intent('c_2', 96))).toEqual({
    status: 'refused',
    reason: 'insufficient_lease',
  });
});

test('a charge by price takes what the card says, and its repeat after a newer card is the same message', async () => {
  const unit = (unit_amount: string, currency = 'USD') => ({
    ...{ currency, channel: 'ai', model_type: 'unit', unit_config: { unit_amount } },
  });
  let prices: object = { one: unit('5'), euro: unit('1', 'EUR') };
  const read = async () => ({
    ...{ version: '1.0', prices: prices as never, overrides: [], next_effective_at: null },
  });
  const cards = new CardMemory({ read }, { nowMs: () => Date.now() });
  const lease = await open({ cards });
  const asked = { chargeId: 'c_1', price: 'one', quantity: '0.5', metadata: {} };
  publish = () => Promise.reject(new Error('Kafka is away'));
  expect(await lease.charge(asked)).toEqual({ status: 'unavailable', chargeId: 'c_1' });
  prices = { one: unit('50') };
  cards.drop('org_1');
  publish = async (event) => void published.push(event);
  expect(await lease.charge(asked)).toEqual({ status: 'charged', chargeId: 'c_1' });
  expect(lease.state.leftMicros).toBe(97_500_000n);
  const metadata = { orbit_price: 'one', orbit_rated: '2.5', orbit_quantities: 'quantity=0.5' };
  expect(published).toMatchObject([{ value: { amount: '2.50', channel: 'ai', metadata } }]);
  prices = { euro: unit('1', 'EUR') };
  cards.drop('org_1');
  for (const price of ['none', 'euro']) {
    const wrong = { ...asked, chargeId: 'c_2', price };
    await expect(lease.charge(wrong)).rejects.toMatchObject({ param: 'price' });
  }
  expect(lease.state.leftMicros).toBe(97_500_000n);
});

test('what was authorized earlier is captured; what was not cannot be', async () => {
  const lease = await open();
  lease.authorize(ONE);
  expect(await lease.capture(intent('c_1'))).toEqual({ status: 'charged', chargeId: 'c_1' });
  await expect(lease.capture(intent('c_2'))).rejects.toThrow('was authorized');
  expect(lease.state).toMatchObject({ leftMicros: usd(99), outstandingMicros: 0n });
});

test('a charge id that marks what a plan pays is refused, and nothing is taken for it', async () => {
  const lease = await open();
  const before = lease.state;
  for (const id of ['c_1~plan', '~plan', 'a~planb', '']) {
    await expect(lease.charge(intent(id, 5))).rejects.toThrow(/a charge id has no ~plan|has an id/);
    await expect(lease.capture(intent(id, 5))).rejects.toThrow(
      /a charge id has no ~plan|has an id/,
    );
  }
  expect(lease.state).toEqual(before);
});

test('closing waits for charges under way, then gives back the rest, once', async () => {
  const lease = await open();
  let acknowledge = (): void => undefined;
  publish = () => new Promise((resolve) => (acknowledge = resolve));
  const charging = lease.charge(intent('c_1'));
  const closing = lease.close();
  await pass(100);
  expect(lease.authorize(ONE)).toBe(false);
  expect(ledger.closed).toBe(0);
  acknowledge();
  await closing;
  expect(await charging).toEqual({ status: 'charged', chargeId: 'c_1' });
  await lease.close();
  expect(ledger.closed).toBe(1);
  expect(lease.state.status).toBe('closed');
  expect(jest.getTimerCount()).toBe(0);
});
