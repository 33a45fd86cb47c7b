// Goal: usage between two instants is exact, also where a day is cut, in every currency and unit, per organization.
import { micros } from '@orbit/money';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, type TestDatabase } from '@orbit/testing';
import { MeterChargeBatch } from '../../rollups/application/meter-charge-batch.js';
import { PrismaMeteringStore } from '../../rollups/adapters/prisma-metering-store.js';
import { PrismaUsagePeriods } from './prisma-usage-periods.js';

let database: TestDatabase;
let prisma: PrismaClient;
let periods: PrismaUsagePeriods;
beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_usage_metering'), { poolSizeMax: 4 });
  periods = new PrismaUsagePeriods(prisma);
  const meter = new MeterChargeBatch(new PrismaMeteringStore(prisma));
  const charge = (id: string, at: string, quantity: number, more: object = {}) => ({
    organizationId: 'org_a',
    chargeId: id,
    channel: 'sms',
    currency: 'USD',
    quantity: BigInt(quantity),
    amountMicros: micros(7_500n),
    occurredAtMs: Date.parse(at),
    postedAtMs: Date.parse(at),
    delivery: null,
    ...more,
  });
  await meter.run([
    charge('c1', '2026-03-01T09:59:59.999Z', 1),
    charge('c2', '2026-03-01T10:00:00.000Z', 2),
    charge('c3', '2026-03-05T00:00:00.000Z', 4, { currency: 'messages' }),
    charge('c4', '2026-03-31T23:59:59.999Z', 8, { channel: 'voice', currency: 'voice_minutes' }),
    charge('c5', '2026-04-01T09:59:59.999Z', 16),
    charge('c6', '2026-04-01T10:00:00.000Z', 32),
    charge('c7', '2026-03-05T00:00:00.000Z', 64, { organizationId: 'org_b' }),
  ]);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

const period = (from: string, to: string) => ({
  organizationId: 'org_a',
  fromMs: Date.parse(from),
  toMs: Date.parse(to),
});

test('a period takes its first instant and not its last, in every unit, of its organization alone', async () => {
  const month = period('2026-03-01T10:00:00Z', '2026-04-01T10:00:00Z');
  expect(await periods.total(month)).toEqual([
    { channel: 'sms', quantity: 22 },
    { channel: 'voice', quantity: 8 },
  ]);
  const hours = period('2026-03-01T09:00:00Z', '2026-03-01T10:00:00Z');
  expect(await periods.total(hours)).toEqual([{ channel: 'sms', quantity: 1 }]);
  expect(await periods.total(period('2026-05-01', '2026-06-01'))).toEqual([]);
});

test('history has one row a day or month and channel, and adds up to the period', async () => {
  const quarter = period('2026-03-01', '2026-04-02');
  expect(await periods.history(quarter, 'month')).toEqual([
    { bucket: '2026-03', channel: 'sms', quantity: 7 },
    { bucket: '2026-03', channel: 'voice', quantity: 8 },
    { bucket: '2026-04', channel: 'sms', quantity: 48 },
  ]);
  const days = await periods.history(quarter, 'day');
  expect(days.map(({ bucket, quantity }) => [bucket, quantity])).toEqual([
    ['2026-03-01', 3],
    ['2026-03-05', 4],
    ['2026-03-31', 8],
    ['2026-04-01', 48],
  ]);
});
