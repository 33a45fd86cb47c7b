// Goal: periods begin where the calendar says, credit rolls over up to the cap, and a late run books the same.
import { decideCharge } from '../../charges/domain/charge.js';
import { at, block, booked, charge, draftOf, usd } from '../../books/domain/draft-fixture.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import { periodAt, periodStart, readTimeZone, type Cadence } from './grant-schedule-calendar.js';
import { grantPeriod, periodReference, type GrantSchedule } from './grant-schedule.js';
import { postedState } from '../../books/domain/hot-state.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';

const starts = (cadence: Cadence, anchor: string, timeZone: string, periods: number[]): string[] =>
  periods.map((period) =>
    new Date(
      periodStart({ cadence, anchorAtMs: Date.parse(anchor), timeZone }, period),
    ).toISOString(),
  );

test('T25 anchor 31 from Jan 31 2026: Feb 28, Mar 31, Apr 30, with no drift to 28', () => {
  expect(starts('month', '2026-01-31T00:00:00Z', 'UTC', [0, 1, 2, 3, 12, 25])).toEqual([
    '2026-01-31T00:00:00.000Z',
    '2026-02-28T00:00:00.000Z',
    '2026-03-31T00:00:00.000Z',
    '2026-04-30T00:00:00.000Z',
    '2027-01-31T00:00:00.000Z',
    '2028-02-29T00:00:00.000Z',
  ]);
});

test('T25 annual from 2028-02-29: 2029-02-28, … 2032-02-29', () => {
  expect(starts('year', '2028-02-29T00:00:00Z', 'UTC', [1, 2, 3, 4])).toEqual([
    '2029-02-28T00:00:00.000Z',
    '2030-02-28T00:00:00.000Z',
    '2031-02-28T00:00:00.000Z',
    '2032-02-29T00:00:00.000Z',
  ]);
});

test('civil midnight stays midnight over the change of clocks; a skipped hour begins when it is over', () => {
  const berlin = 'Europe/Berlin';
  expect(starts('day', '2026-03-27T23:00:00Z', berlin, [1, 2, 3])).toEqual([
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
    '2026-03-30T22:00:00.000Z',
  ]);
  // 02:30 does not exist on Mar 29; 02:30 comes twice on Oct 25.
  expect(starts('day', '2026-03-28T01:30:00Z', berlin, [1, 2])).toEqual([
    '2026-03-29T01:30:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ]);
  expect(starts('day', '2026-10-24T00:30:00.250Z', berlin, [1, 2])).toEqual([
    '2026-10-25T00:30:00.250Z',
    '2026-10-26T01:30:00.250Z',
  ]);
  expect(starts('week', '2026-03-27T23:00:00Z', berlin, [1])).toEqual(['2026-04-03T22:00:00.000Z']);
  // Jan 31 23:30 in New York is Feb 1 in UTC: the day of the month is the civil one.
  expect(starts('month', '2026-02-01T04:30:00Z', 'America/New_York', [1, 2])).toEqual([
    '2026-03-01T04:30:00.000Z',
    '2026-04-01T03:30:00.000Z',
  ]);
  expect([readTimeZone('Europe/Berlin'), readTimeZone('Mars/Base')]).toEqual([berlin, null]);
});

test.each([
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Europe/Kyiv',
  'America/Argentina/Buenos_Aires',
  'UTC',
])('the zone %s keeps the name that was sent, also where Intl knows it by an older one', (name) => {
  expect(readTimeZone(name)).toBe(name);
});

test('the period that holds an instant, for every cadence', () => {
  for (const cadence of ['day', 'week', 'month', 'year'] as const) {
    const calendar = { cadence, anchorAtMs: at('01-31'), timeZone: 'America/New_York' };
    for (const period of [0, 1, 2, 13, 40]) {
      const start = periodStart(calendar, period);
      expect([periodAt(calendar, start), periodAt(calendar, start - 1)]).toEqual([
        period,
        Math.max(0, period - 1),
      ]);
    }
  }
  expect(periodAt({ cadence: 'day', anchorAtMs: at('03-10'), timeZone: 'UTC' }, at('03-01'))).toBe(
    0,
  );
});

const names = { first: 1n, P0: 2n, P1: 3n, P2: 5n };
const schedule = (changes: Partial<GrantSchedule> = {}): GrantSchedule => ({
  scheduleId: 's',
  walletNo: 1n,
  reference: 'r',
  kind: 'promotional',
  priority: 0,
  costBasisMicros: 0n,
  amountMicros: usd('10'),
  cadence: 'day',
  anchorAtMs: at('03-01'),
  timeZone: 'UTC',
  expiresWithPeriod: true,
  rolloverCapMicros: usd('0'),
  rolloverPeriodsMax: 0,
  endsAtMs: null,
  nextPeriod: 0,
  nextAtMs: null,
  createdAtMs: 0,
  cancelledAtMs: null,
  ...changes,
});
const world = (): WalletDraft => draftOf([block(1n, '100', { priority: 9 })]);
const run = (draft: WalletDraft, of: GrantSchedule, period: number, nowMs: number): string[] => {
  const outcome = grantPeriod(draft, of, period, {
    nowMs,
    entriesOf: (reference) => draft.entries.filter((entry) => entry.reference === reference),
  });
  return outcome.status === 'changed' ? booked(outcome.entries, names) : [outcome.reason];
};
const spend = (draft: WalletDraft, id: string, amount: string, atMs: number): void => {
  const one = charge(id, amount, { occurredAtMs: atMs });
  expect(decideCharge(draft, one, true, atMs).status).toBe('posted');
};

test('credit of a period lives as long as the period and is granted under a reference of its own', () => {
  const draft = world();
  expect(run(draft, schedule(), 0, at('03-01'))).toEqual(['grant P0 10']);
  expect(draft.findBlock(2n)).toMatchObject({
    effectiveAtMs: at('03-01'),
    expiresAtMs: at('03-02'),
    kind: 'promotional',
  });
  expect(draft.entries[0]?.reference).toBe(periodReference('s', 0));
  expect(run(draft, schedule({ expiresWithPeriod: false }), 1, at('03-02'))).toEqual([
    'grant P1 10',
  ]);
  expect(draft.findBlock(3n)?.expiresAtMs).toBeNull();
});

test('what is left rolls over up to the cap, and lapses over it', () => {
  const draft = world();
  const rolling = schedule({ rolloverCapMicros: usd('4'), rolloverPeriodsMax: 1 });
  run(draft, rolling, 0, at('03-01'));
  spend(draft, 'c1', '3', at('03-01T12:00:00.000'));
  expect(run(draft, rolling, 1, at('03-02'))).toEqual([
    'grant #4 10',
    'expiry P0 3',
    'extension P0 0',
  ]);
  expect(draft.findBlock(2n)).toMatchObject({
    remainingMicros: usd('4'),
    expiredMicros: usd('3'),
    expiresAtMs: at('03-03'),
  });
  // One period longer than its own, and no more.
  expect(run(draft, rolling, 2, at('03-03'))).toHaveLength(3);
  sweepExpired(draft, at('03-03'));
  expect(draft.findBlock(2n)).toMatchObject({ remainingMicros: 0n, expiredMicros: usd('7') });
});

test('the cap is of all that rolls over: newest credit first', () => {
  const draft = world();
  const rolling = schedule({ rolloverCapMicros: usd('12'), rolloverPeriodsMax: 3 });
  run(draft, rolling, 0, at('03-01'));
  expect(run(draft, rolling, 1, at('03-02'))).toEqual(['grant P1 10', 'extension P0 0']);
  expect(run(draft, rolling, 2, at('03-03'))).toEqual([
    'grant P2 10',
    'extension P1 0',
    'expiry P0 8',
    'extension P0 0',
  ]);
  expect(postedState(draft.current, at('03-03')).postedMicros).toBe(usd('122'));
});

test('a ledger that was down books the missed periods with the same result, swept or not', () => {
  const rolling = schedule({ rolloverCapMicros: usd('4'), rolloverPeriodsMax: 2 });
  const results = [false, true].map((isSwept) => {
    const draft = world();
    run(draft, rolling, 0, at('03-01'));
    spend(draft, 'c1', '3', at('03-01T12:00:00.000'));
    for (const period of [1, 2, 3]) {
      if (isSwept) sweepExpired(draft, at('03-04T06:00:00.000'));
      run(draft, rolling, period, at('03-04T06:00:00.000'));
    }
    sweepExpired(draft, at('03-04T06:00:00.000'));
    return draft;
  });
  const onTime = world();
  run(onTime, rolling, 0, at('03-01'));
  spend(onTime, 'c1', '3', at('03-01T12:00:00.000'));
  for (const period of [1, 2, 3]) {
    const start = at(`03-0${period + 1}`);
    run(onTime, rolling, period, start);
    sweepExpired(onTime, start);
  }
  for (const late of results) {
    expect(late.balance).toBe(onTime.balance);
    expect(onTime.balance).toBe(usd('114'));
    const shown = (draft: WalletDraft): unknown =>
      draft.blocks
        .filter(({ remainingMicros }) => remainingMicros > 0n)
        .map(({ remainingMicros, expiresAtMs }) => [remainingMicros, expiresAtMs]);
    expect(shown(late)).toEqual(shown(onTime));
  }
});

test('a block that an operator voided or extended otherwise does not roll over', () => {
  const draft = world();
  const rolling = schedule({ rolloverCapMicros: usd('4'), rolloverPeriodsMax: 1 });
  run(draft, rolling, 0, at('03-01'));
  const first = draft.findBlock(2n);
  if (first) draft.replaceBlock({ ...first, expiresAtMs: at('03-20') });
  expect(run(draft, rolling, 1, at('03-02'))).toEqual(['grant P1 10']);
});
