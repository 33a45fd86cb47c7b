// Goal: on a real database, whatever order and however often events come, at once or not, the sums are the same.
import { micros, MICROS_MAX } from '@orbit/money';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import { ApplyDeliveryBatch } from './deliveries/application/apply-delivery-batch.js';
import { MeterChargeBatch } from './rollups/application/meter-charge-batch.js';
import { ReadUsage } from './usage/application/read-usage.js';
import type { DeliveryReport, MeteredCharge } from './rollups/domain/charge.js';
import { PrismaMeteringStore } from './rollups/adapters/prisma-metering-store.js';

const NOON_MS = Date.parse('2026-05-16T12:00:00.000Z');
let database: TestDatabase;
let prisma: PrismaClient;
let meter: MeterChargeBatch;
let apply: ApplyDeliveryBatch;
let usage: ReadUsage;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_usage_metering'), { poolSizeMax: 8 });
  const store = new PrismaMeteringStore(prisma);
  meter = new MeterChargeBatch(store);
  apply = new ApplyDeliveryBatch(store);
  usage = new ReadUsage(store, { nowMs: () => NOON_MS });
});

afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

const charge = (organizationId: string, i: number): MeteredCharge => ({
  organizationId,
  chargeId: `charge_${i}`,
  channel: i % 2 === 0 ? 'sms' : 'voice',
  currency: 'USD',
  quantity: BigInt(1 + (i % 3)),
  amountMicros: micros(7_500n),
  occurredAtMs: NOON_MS,
  postedAtMs: NOON_MS,
  delivery: null,
});

const report = (
  organizationId: string,
  i: number,
  status: DeliveryReport['status'],
  atMs: number,
): DeliveryReport => ({ organizationId, chargeId: `charge_${i}`, status, atMs });

/** 60 charges; all fail first, those divisible by three are delivered later. */
function history(organizationId: string): { charges: MeteredCharge[]; reports: DeliveryReport[] } {
  const numbers = Array.from({ length: 60 }, (_, i) => i);
  return {
    charges: numbers.map((i) => charge(organizationId, i)),
    reports: numbers.flatMap((i) => [
      report(organizationId, i, 'failed', NOON_MS + 1),
      ...(i % 3 === 0 ? [report(organizationId, i, 'delivered', NOON_MS + 2)] : []),
    ]),
  };
}
const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );

const EXPECTED = [
  { channel: 'sms', messages: 60n, delivered: 10n, failed: 50n, costMicros: 225_000n },
  { channel: 'voice', messages: 60n, delivered: 10n, failed: 50n, costMicros: 225_000n },
];

test('charges then reports, reports then charges, and everything twice end with the same sums', async () => {
  for (const [organizationId, order] of [
    ['org_charges_first', ['charges', 'reports']],
    ['org_reports_first', ['reports', 'charges']],
    ['org_twice', ['reports', 'charges', 'reports', 'charges']],
  ] as const) {
    const { charges, reports } = history(organizationId);
    for (const what of order) {
      if (what === 'charges') await meter.run(charges);
      else await apply.run([...reports].reverse());
    }
    expect(await usage.byChannel(organizationId, 'USD', 1)).toEqual(EXPECTED);
  }
  expect(await prisma.waitingDeliveryReport.count()).toBe(0);
});

test('charges and their reports handled at the same time, twice, never miss each other', async () => {
  const { charges, reports } = history('org_at_once');
  const work = chunks(charges, 7).map((batch) => () => meter.run(batch));
  work.push(...chunks(reports, 9).map((batch) => () => apply.run(batch)));
  work.push(...chunks(charges, 11).map((batch) => () => meter.run(batch)));
  await Promise.all(work.map((run) => run()));
  await Promise.all(work.reverse().map((run) => run()));
  expect(await usage.byChannel('org_at_once', 'USD', 1)).toEqual(EXPECTED);
  const waiting = await prisma.waitingDeliveryReport.count({
    where: { organizationId: 'org_at_once' },
  });
  expect(waiting).toBe(0);
});

test("a report under another organization's name waits there and changes nothing here", async () => {
  await meter.run([charge('org_owner', 2)]);
  await apply.run([report('org_thief', 2, 'failed', NOON_MS + 9)]);
  const [row] = await usage.byChannel('org_owner', 'USD', 1);
  expect(row).toMatchObject({ messages: 3n, delivered: 0n, failed: 0n });
  expect(await usage.byChannel('org_thief', 'USD', 1)).toEqual([]);
});

test('a channel may cost more in a day than a bigint holds: the sum grows, and is read over days', async () => {
  const largest = (i: number): MeteredCharge => ({
    ...charge('org_large', 2 * i),
    ...{ quantity: 1n, amountMicros: MICROS_MAX },
  });
  const charges = Array.from({ length: 1_100 }, (_, i) => largest(i));
  for (const batch of chunks(charges, 550)) await meter.run(batch);
  await meter.run([{ ...largest(2_000), occurredAtMs: NOON_MS - 86_400_000 }]);
  const [row] = await usage.byChannel('org_large', 'USD', 2);
  expect(row).toMatchObject({ messages: 1_101n, costMicros: 1_101n * MICROS_MAX });
});

test('texts with quotes, braces, backslashes and other scripts arrive as they are', async () => {
  const chargeId = `{"a",'b'}\\,NULL`;
  await meter.run([{ ...charge('org_"{Ω},\\ 株', 1), chargeId }, charge('NULL', 1)]);
  const [row] = await prisma.meteredCharge.findMany({ where: { chargeId } });
  expect(row?.organizationId).toBe('org_"{Ω},\\ 株');
  expect(await usage.byChannel('NULL', 'USD', 1)).toHaveLength(1);
});

test.each([
  ['DELETE FROM usage_metering.metered_charge'],
  ['DELETE FROM usage_metering.usage_rollup'],
  ['UPDATE usage_metering.metered_charge SET amount_micros = 1'],
  ['SELECT * FROM invoicing.invoice'],
])('the role may not: %s', async (sql) => {
  await expect(prisma.$executeRawUnsafe(sql)).rejects.toThrow(/permission denied/);
});
