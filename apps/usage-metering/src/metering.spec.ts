// Goal: whatever order, grouping or repetition events come in, the same sums stand at the end.
// Method: run every permutation of a small history through both use cases on the port in memory.
import { micros } from '@orbit/money';
import type { DeliveryReport, MeteredCharge } from './rollups/domain/charge.js';
import { ApplyDeliveryBatch } from './deliveries/application/apply-delivery-batch.js';
import { MemoryMeteringStore } from './rollups/application/memory-metering-store.fake.js';
import { MeterChargeBatch } from './rollups/application/meter-charge-batch.js';
import { ReadUsage } from './usage/application/read-usage.js';

const NOON_MS = Date.parse('2026-05-16T12:00:00.000Z');
const DAY_MS = 86_400_000;

type Event = { charge: MeteredCharge } | { report: DeliveryReport };

const charge = (chargeId: string, change: Partial<MeteredCharge> = {}): MeteredCharge => ({
  organizationId: 'org_a',
  chargeId,
  channel: 'sms',
  currency: 'USD',
  quantity: 3n,
  amountMicros: micros(7_500n),
  occurredAtMs: NOON_MS,
  postedAtMs: NOON_MS,
  delivery: null,
  ...change,
});
const report = (
  chargeId: string,
  status: 'delivered' | 'failed',
  atMs: number,
  organizationId = 'org_a',
): DeliveryReport => ({ organizationId, chargeId, status, atMs });

async function play(events: readonly Event[], batchSize: number): Promise<MemoryMeteringStore> {
  const store = new MemoryMeteringStore();
  const meter = new MeterChargeBatch(store);
  const apply = new ApplyDeliveryBatch(store);
  for (let i = 0; i < events.length; i += batchSize) {
    const batch = events.slice(i, i + batchSize);
    await meter.run(batch.flatMap((event) => ('charge' in event ? [event.charge] : [])));
    await apply.run(batch.flatMap((event) => ('report' in event ? [event.report] : [])));
  }
  return store;
}

function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length <= 1) yield items;
  for (const [i, head] of items.entries()) {
    for (const tail of permutations([...items.slice(0, i), ...items.slice(i + 1)]))
      yield [head, ...tail];
  }
}

const HISTORY: readonly Event[] = [
  { charge: charge('c1') },
  { charge: charge('c2', { quantity: 5n, amountMicros: micros(10_000n) }) },
  { report: report('c1', 'failed', NOON_MS + 1) },
  { report: report('c1', 'delivered', NOON_MS + 2) },
  { report: report('c2', 'failed', NOON_MS + 1) },
  { report: report('c1', 'failed', NOON_MS + 1, 'org_b') },
];
const SUMS = { messages: 8n, delivered: 3n, failed: 5n, costMicros: 17_500n };

test.each([1, 2, 6])('all 720 orders end with the same sums, in batches of %i', async (size) => {
  for (const events of permutations(HISTORY)) {
    const store = await play(events, size);
    expect([...store.rollups.values()]).toEqual([expect.objectContaining(SUMS)]);
    expect([...store.waiting.values()].map((r) => r.organizationId)).toEqual(['org_b']);
  }
});

test('all orders with every event twice end with the same sums', async () => {
  for (const events of permutations(HISTORY)) {
    const store = await play([...events, ...[...events].reverse()], 4);
    expect([...store.rollups.values()]).toEqual([expect.objectContaining(SUMS)]);
  }
});

test('an earlier report does not replace a later one', async () => {
  const late = { report: report('c1', 'delivered', NOON_MS + 2) };
  const early = { report: report('c1', 'failed', NOON_MS + 1) };
  const store = await play([{ charge: charge('c1') }, late, early], 1);
  expect([...store.rollups.values()]).toEqual([
    expect.objectContaining({ delivered: 3n, failed: 0n }),
  ]);
});

test('of two reports of one instant the one that came last counts', async () => {
  const delivered = { report: report('c1', 'delivered', NOON_MS) };
  const failed = { report: report('c1', 'failed', NOON_MS) };
  for (const size of [1, 3]) {
    const store = await play([{ charge: charge('c1') }, delivered, failed], size);
    expect([...store.rollups.values()]).toEqual([
      expect.objectContaining({ delivered: 0n, failed: 3n }),
    ]);
  }
});

test('the first values of a charge id stay, whatever a repeat says', async () => {
  const again = charge('c1', { quantity: 99n, amountMicros: micros(1n), channel: 'voice' });
  const store = await play([{ charge: charge('c1') }, { charge: again }], 1);
  expect([...store.rollups.values()]).toEqual([
    expect.objectContaining({ channel: 'sms', messages: 3n, costMicros: 7_500n }),
  ]);
});

test("a report for another organization's charge id changes nothing there", async () => {
  const foreign = { report: report('c1', 'failed', NOON_MS + 9, 'org_b') };
  const store = await play([{ charge: charge('c1') }, foreign], 1);
  expect([...store.rollups.values()]).toEqual([
    expect.objectContaining({ organizationId: 'org_a', delivered: 0n, failed: 0n }),
  ]);
});

test('two organizations may use one charge id', async () => {
  const store = await play(
    [{ charge: charge('c1') }, { charge: charge('c1', { organizationId: 'org_b' }) }],
    2,
  );
  expect(store.rollups.size).toBe(2);
});

test('random histories: rollups always equal what the charges say', async () => {
  let state = 42; // A linear congruential generator: the histories are the same on every run.
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let run = 0; run < 200; run++) {
    const events: Event[] = Array.from({ length: 30 }, () => {
      const id = `c${random(6)}`;
      const organizationId = `org_${random(2)}`;
      if (random(2) === 0)
        return { charge: charge(id, { organizationId, channel: random(2) ? 'sms' : 'voice' }) };
      const status = random(2) ? 'delivered' : 'failed';
      return { report: report(id, status, NOON_MS + random(4), organizationId) };
    });
    const store = await play(events, 1 + random(7));
    const sums = new Map(
      [...store.rollups].map(([key, { messages, delivered, failed }]) => [
        key,
        { messages, delivered, failed },
      ]),
    );
    expect(sums).toEqual(store.rollupsFromCharges());
  }
});

test('a window of n days is today and the n − 1 days before it, in UTC', async () => {
  const at = (chargeId: string, iso: string): Event => ({
    charge: charge(chargeId, { occurredAtMs: Date.parse(iso), channel: chargeId }),
  });
  const store = await play(
    [
      at('today', '2026-05-16T00:00:00.000Z'),
      at('yesterday', '2026-05-15T23:59:59.999Z'),
      at('third', '2026-05-14T00:00:00.000Z'),
      at('before', '2026-05-13T23:59:59.999Z'),
      at('tomorrow', '2026-05-17T00:00:00.000Z'),
    ],
    5,
  );
  const read = async (nowMs: number, days: number) => {
    const totals = await new ReadUsage(store, { nowMs: () => nowMs }).byChannel(
      'org_a',
      'USD',
      days,
    );
    return totals.map((row) => row.channel);
  };
  expect(await read(NOON_MS, 1)).toEqual(['today']);
  expect(await read(NOON_MS, 2)).toEqual(['today', 'yesterday']);
  expect(await read(NOON_MS, 3)).toEqual(['third', 'today', 'yesterday']);
  expect(await read(NOON_MS + DAY_MS, 1)).toEqual(['tomorrow']);
});
