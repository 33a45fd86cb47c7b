// Goal: the test clock over a real database: it moves forward only, of test accounts only, and a request that changes
// something waits while it moves. Method: the use cases over the tables, one other service in memory.
import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { answered } from '@orbit/orb-api';
import { createPrisma, PrismaChanges, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, uniqueId, type TestDatabase } from '@orbit/testing';
import { SqlClocks } from './adapters/sql-clocks.js';
import { DriveClock } from './application/drive-clock.js';
import type { ClockService } from './application/ports.js';
import { ServeTestClock } from './application/serve-test-clock.js';

const REAL = Date.parse('2026-11-30T12:00:00.000Z');
const clock = { nowMs: () => REAL };
let database: TestDatabase;
let prisma: PrismaClient;
let serve: ServeTestClock;
let drive: DriveClock;
let dueAtMs: number | null = null;
let onRun: () => Promise<void> = async () => undefined;
const moves: [number, number | null][] = [];
const faults: unknown[] = [];

const other: ClockService = {
  name: 'other',
  nextDue: async (_, untilMs) => ({
    atMs: dueAtMs !== null && dueAtMs <= untilMs ? dueAtMs : null,
    steps: ['begin_periods'],
  }),
  runDue: async () => {
    await onRun();
    dueAtMs = null;
    return 1;
  },
  move: async (_, nowMs, targetMs) => void moves.push([nowMs, targetMs]),
  hasArrived: async () => true,
};

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 4 });
  const clocks = new SqlClocks(prisma);
  drive = new DriveClock(clocks, [other], clock);
  serve = new ServeTestClock(clocks, drive, clock, (_, fault) => faults.push(fault), 2_000);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});
beforeEach(() => {
  moves.length = 0;
  faults.length = 0;
  onRun = async () => undefined;
});

const callOf = (id: string, body: unknown = {}, mode: 'live' | 'test' = 'test'): OrbCall => ({
  account: { id, mode, default_currency: 'USD', timezone: 'UTC' },
  ...{ customer: null, path: {}, query: {}, idempotency: null },
  body: body as OrbCall['body'],
});
const read = ({ status, body }: OrbAnswer) => ({ status, ...JSON.parse(body ?? '{}') });
const post = async (id: string, now: unknown) => read(await serve.advance(callOf(id, { now })));

test('an account follows real time, then stands where it was moved to; never back, the same again is nothing', async () => {
  const id = uniqueId('acct');
  expect(read(await serve.fetch(callOf(id)))).toEqual({
    ...{ status: 'ready', now: '2026-11-30T12:00:00.000Z' },
  });
  const back = await post(id, '2026-11-30T11:59:59.999Z');
  expect(back).toMatchObject({ status: 400, detail: expect.stringContaining('never goes back') });
  expect(back.type).toContain('#400-constraint-violation');
  expect(await new SqlClocks(prisma).read(id)).toBeNull();
  const moved = { now: '2027-01-01T00:00:00.000Z', status: 'ready' };
  expect(read(await serve.advance(callOf(id, { now: '2027-01-01T01:00:00+01:00' })))).toEqual(
    moved,
  );
  expect(read(await serve.advance(callOf(id, { now: '2027-01-01T00:00:00Z' })))).toEqual(moved);
  expect((await post(id, '2026-12-31T23:59:59Z')).type).toContain('#400-constraint-violation');
  expect((await post(id, '2047-01-01T00:00:01Z')).type).toContain('#400-constraint-violation');
  expect(read(await serve.fetch(callOf(id)))).toEqual(moved);
  const targets = moves.map(([, target]) => target);
  expect(targets.at(-1)).toBeNull();
  expect(faults).toEqual([]);
});

test.each([
  [{}, 'now is'],
  [{ now: null }, 'now is'],
  [{ now: '2027-02-29T00:00:00Z' }, 'now is'],
  [{ now: '2027-01-01T00:00:00' }, 'now is'],
  [{ now: 1_800_000_000_000 }, 'now is'],
  [{ now: '2027-01-01T00:00:00Z', frozen: true }, 'frozen is'],
  [null, 'body is'],
  [[], 'body is'],
  [7, 'body is'],
])('%j is refused by the name of its field and moves nothing', async (body, fault) => {
  const id = uniqueId('acct');
  const refusal = read(await serve.advance(callOf(id, body)));
  expect(refusal).toMatchObject({
    status: 400,
    validation_errors: [expect.stringContaining(fault)],
  });
  expect(await new SqlClocks(prisma).read(id)).toBeNull();
});

test('a live account has no test clock', async () => {
  const call = callOf('acct_live', { now: '2030-01-01T00:00:00Z' }, 'live');
  for (const answer of [await serve.advance(call), await serve.fetch(call)]) {
    expect(read(answer)).toMatchObject({ status: 400, title: 'Feature not available' });
  }
  expect(await new SqlClocks(prisma).read('acct_live')).toBeNull();
});

test('while the clock moves a change of the account answers 409; a fault leaves it advancing, and the next run ends it', async () => {
  const id = uniqueId('acct');
  dueAtMs = Date.parse('2026-12-15T00:00:00.000Z');
  const changes = new PrismaChanges(prisma, clock, 'invoicing', () => null);
  const change = () => changes.run(callOf(id), async () => answered(200, {}));
  const seen: number[] = [];
  onRun = async () => {
    seen.push((await change()).status);
    throw new Error('the ledger is away');
  };
  expect(await post(id, '2027-01-01T00:00:00Z')).toEqual({
    ...{ status: 'advancing', now: '2026-12-15T00:00:00.000Z' },
  });
  expect(faults).toHaveLength(1);
  onRun = async () => undefined;
  expect(await drive.resume()).toBe(1);
  expect(read(await serve.fetch(callOf(id)))).toEqual({
    ...{ status: 'ready', now: '2027-01-01T00:00:00.000Z' },
  });
  seen.push((await change()).status);
  expect(seen).toEqual([409, 200]);
});

test('two moves at once: the clock ends at the later one, once', async () => {
  const id = uniqueId('acct');
  const answers = await Promise.all(
    ['2027-03-01T00:00:00Z', '2027-02-01T00:00:00Z', '2027-04-01T00:00:00Z'].map((now) =>
      post(id, now),
    ),
  );
  expect(answers.filter(({ status }) => status === 'ready').length).toBeGreaterThan(0);
  expect(read(await serve.fetch(callOf(id)))).toEqual({
    ...{ status: 'ready', now: '2027-04-01T00:00:00.000Z' },
  });
});

test('an account may be made with a clock that stands in the past', async () => {
  const id = uniqueId('acct');
  await drive.stand(id, Date.parse('1999-12-31T00:00:00Z'));
  await drive.stand(id, Date.parse('1999-12-31T00:00:00Z'));
  expect(await post(id, '2000-01-01T00:00:00Z')).toMatchObject({ now: '2000-01-01T00:00:00.000Z' });
});
