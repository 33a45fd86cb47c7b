// Goal: one jump of a year does exactly what 365 jumps of a day do, in the order of instants and, within one, of steps.
// Method: the driver over services in memory that work like the real ones: daily closing, daily draws that are told
// from one service to another with a delay, monthly periods whose credit lapses, invoices that follow periods.
import { DUE_STEPS, OrbitError, type DueStep, type DueWork } from '@orbit/contracts';
import { DueRegistry } from '@orbit/runtime';
import { DriveClock } from './drive-clock.js';
import type { ClockService, Clocks, ClockState } from './ports.js';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-31T00:00:00.000Z');
const YEAR_LATER = Date.parse('2027-01-31T00:00:00.000Z');

/** Clocks of invoicing's schema, in memory. */
class MemoryClocks implements Clocks {
  state: ClockState | null = null;
  drivenUntilMs = 0;
  read = async () => this.state;
  stand = async (_: string, nowMs: number) => void (this.state ??= { nowMs, targetMs: null });
  async aim(_: string, nowMs: number, targetMs: number): Promise<boolean> {
    const at = this.state ?? { nowMs, targetMs: null };
    if ((at.targetMs ?? at.nowMs) > targetMs) return false;
    this.state = { ...at, targetMs };
    return true;
  }
  async claim(_: string, realMs: number): Promise<boolean> {
    if (this.drivenUntilMs > realMs) return false;
    this.drivenUntilMs = realMs + 30_000;
    return true;
  }
  async step(_: string, nowMs: number): Promise<void> {
    this.state = { targetMs: this.state?.targetMs ?? null, nowMs };
  }
  async arrive(_: string, targetMs: number): Promise<boolean> {
    if (this.state?.targetMs !== targetMs) return false;
    this.state = { nowMs: targetMs, targetMs: null };
    return true;
  }
  release = async () => void (this.drivenUntilMs = 0);
  listAbandoned = async (realMs: number) =>
    this.state?.targetMs != null && this.drivenUntilMs <= realMs ? ['acct_a'] : [];
}

/** A service: its due work, and messages that reach it only when somebody waits for them. */
class Service implements ClockService {
  readonly due = new DueRegistry();
  readonly inbox: (() => void)[] = [];
  nowMs = 0;
  targetMs: number | null = null;
  isAway = false;
  constructor(readonly name: string) {}
  private here(): void {
    if (this.isAway) throw new OrbitError('unavailable', `${this.name} is away`);
  }
  async nextDue(accountId: string, untilMs: number) {
    this.here();
    return { atMs: await this.due.nextDue(accountId, untilMs), steps: this.due.steps };
  }
  async runDue(accountId: string, atMs: number, step: DueStep): Promise<number> {
    this.here();
    expect(this.nowMs).toBe(atMs);
    return this.due.runDue(accountId, atMs, step);
  }
  async move(_: string, nowMs: number, targetMs: number | null): Promise<void> {
    this.here();
    expect(nowMs).toBeGreaterThanOrEqual(this.nowMs);
    this.nowMs = nowMs;
    this.targetMs = targetMs;
  }
  async hasArrived(): Promise<boolean> {
    for (const arrive of this.inbox.splice(0)) arrive();
    return true;
  }
}

const monthAfter = (ms: number, months: number): number => {
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(date);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  return date.setUTCDate(Math.min(day, last.getUTCDate()));
};

class World {
  readonly log: string[] = [];
  readonly clocks = new MemoryClocks();
  readonly metering = new Service('usage-metering');
  readonly invoicing = new Service('invoicing');
  readonly ledger = new Service('wallet-ledger');
  realMs = 1_000;
  readonly drive = new DriveClock(this.clocks, [this.metering, this.invoicing, this.ledger], {
    nowMs: () => this.realMs,
  });
  /** Credit that lapses at the end of its month; usage draws 1 a day. */
  private credit = 0;
  private lapsesAtMs: number | null = null;

  constructor() {
    this.daily('close day', 'close_usage', this.metering, (atMs) => {
      this.invoicing.inbox.push(() => {
        this.note('priced', atMs);
        this.ledger.inbox.push(() => {
          this.credit -= 1;
          this.note(`drew, left ${this.credit}`, atMs);
        });
      });
    });
    let month = 0;
    this.ledger.due.register(
      work(
        'expire',
        'expire_credit',
        () => this.lapsesAtMs,
        (atMs) => {
          this.note(`lapsed ${this.credit}`, atMs);
          this.credit = 0;
          this.lapsesAtMs = null;
        },
      ),
      work(
        'grant',
        'begin_periods',
        () => monthAfter(START, month),
        (atMs) => {
          month += 1;
          this.credit += 40;
          this.lapsesAtMs = monthAfter(START, month);
          this.note('granted', atMs);
          this.invoicing.inbox.push(() => this.periods.push(atMs));
        },
      ),
    );
    this.invoicing.due.register(
      work(
        'issue',
        'issue_invoices',
        () => this.periods[0] ?? null,
        (atMs) => {
          this.periods.shift();
          this.note(`issued with ${this.credit} left`, atMs);
        },
      ),
    );
  }
  private readonly periods: number[] = [];

  private daily(name: string, step: DueStep, service: Service, run: (atMs: number) => void): void {
    let nextMs = START + DAY_MS;
    service.due.register(
      work(
        name,
        step,
        () => nextMs,
        (atMs) => {
          run(atMs);
          nextMs += DAY_MS;
        },
      ),
    );
  }
  private note(what: string, atMs: number): void {
    this.log.push(`${new Date(atMs).toISOString().slice(0, 10)} ${what}`);
  }
  async jump(toMs: number): Promise<void> {
    expect(await this.clocks.aim('acct_a', START, toMs)).toBe(true);
    await this.drive.run('acct_a');
  }
}

const work = (
  name: string,
  step: DueStep,
  at: () => number | null,
  run: (atMs: number) => void,
): DueWork => ({
  ...{ name, step },
  nextDue: async (_, untilMs) => {
    const atMs = at();
    return atMs !== null && atMs <= untilMs ? atMs : null;
  },
  runDue: async (_, atMs) => {
    let count = 0;
    for (let due = at(); due !== null && due <= atMs; due = at()) {
      run(due);
      count += 1;
    }
    return count;
  },
});

test('one jump of a year equals 365 jumps of a day', async () => {
  const [once, daily] = [new World(), new World()];
  await once.jump(YEAR_LATER);
  for (let day = 1; day <= 365; day++) await daily.jump(START + day * DAY_MS);
  expect(daily.log).toEqual(once.log);
  expect(once.log.filter((line) => line.endsWith('priced'))).toHaveLength(365);
  expect(once.log.filter((line) => line.endsWith('granted'))).toHaveLength(13);
  for (const { nowMs, targetMs } of [once.metering, once.invoicing, once.ledger]) {
    expect({ nowMs, targetMs }).toEqual({ nowMs: YEAR_LATER, targetMs: null });
  }
  expect(once.clocks.state).toEqual({ nowMs: YEAR_LATER, targetMs: null });
});

test('at one instant yesterday is drawn, then credit lapses, then the next is granted, then the invoice goes out', async () => {
  const world = new World();
  await world.jump(Date.parse('2026-02-28T12:00:00.000Z'));
  expect(world.log.filter((line) => line.startsWith('2026-02-28'))).toEqual([
    '2026-02-28 priced',
    '2026-02-28 drew, left 12',
    '2026-02-28 lapsed 12',
    '2026-02-28 granted',
    '2026-02-28 issued with 40 left',
  ]);
});

test('a driver that fails on the way goes on where it was, and nothing happens twice', async () => {
  const [broken, whole] = [new World(), new World()];
  await whole.jump(YEAR_LATER);
  await broken.clocks.aim('acct_a', START, YEAR_LATER);
  let faults = 0;
  for (let turn = 0; broken.clocks.state?.targetMs !== null; turn++) {
    const service = [broken.metering, broken.invoicing, broken.ledger][turn % 3]!;
    let calls = 0;
    const { hasArrived } = service;
    service.hasArrived = async () => {
      if (++calls > 7) service.isAway = true;
      return hasArrived.call(service);
    };
    await broken.drive.resume().catch(() => (faults += 1));
    service.isAway = false;
    service.hasArrived = hasArrived;
  }
  expect(faults).toBeGreaterThan(10);
  expect(broken.log).toEqual(whole.log);
});

test('a clock that is aimed farther while it moves goes there; a second driver leaves it alone', async () => {
  const world = new World();
  await world.clocks.aim('acct_a', START, START + DAY_MS);
  const first = world.drive.run('acct_a');
  const other = new DriveClock(world.clocks, [], { nowMs: () => world.realMs });
  await world.clocks.aim('acct_a', START, START + 3 * DAY_MS);
  await Promise.all([first, other.run('acct_a')]);
  expect(world.clocks.state).toEqual({ nowMs: START + 3 * DAY_MS, targetMs: null });
  expect(await world.clocks.aim('acct_a', START, START + DAY_MS)).toBe(false);
});

test('every step has its place', () => {
  expect(new Set(DUE_STEPS).size).toBe(DUE_STEPS.length);
});
