import { micros } from '@orbit/money';
import {
  decideReload,
  nextDayMs,
  nextMonthMs,
  reloadNeed,
  type ReloadFacts,
} from './auto-reload.js';
import { afterReload, type AutoReloadPolicy } from '../../topups/domain/reload-policy.js';

const NOW_MS = Date.parse('2026-05-16T12:00:00.000Z');
const SPACING_MS = 900_000;

const POLICY: AutoReloadPolicy = {
  organizationId: 'org_1',
  currency: 'USD',
  enabled: true,
  thresholdMinor: 5_000n,
  amountMinor: 10_000n,
  targetMinor: null,
  // As large as Stripe takes: what it does without saying so is tested apart.
  paymentMinorMax: 99_999_999n,
  dayCountMax: null,
  monthCountMax: null,
  dayMinorMax: null,
  monthMinorMax: null,
  declineCount: 0,
  lastError: null,
  lastErrorAtMs: null,
  disabledReason: null,
  pausedReason: null,
  pausedAtMs: null,
  pausedReference: null,
  judgedSequence: 1n,
  judgedFromMs: 0,
  armsAfterSequence: 0n,
  cappedUntilMs: null,
  notBeforeMs: null,
  nextCheckAtMs: NOW_MS,
  isFresh: false,
  isPushed: true,
  version: 1n,
  createdAtMs: 0,
  updatedAtMs: 0,
};
const NO_USAGE = { dayCount: 0, monthCount: 0, dayMinor: 0n, monthMinor: 0n };

const facts = (balance: number, change: Partial<ReloadFacts> = {}): ReloadFacts => ({
  balanceMicros: micros(BigInt(Math.round(balance * 1_000_000))),
  inFlightMinor: 0n,
  isReloading: false,
  usage: NO_USAGE,
  spentSequence: 7n,
  taken: null,
  ...change,
});

/** What is paid, in minor units, or why nothing is. */
function outcome(
  balance: number,
  terms: Partial<AutoReloadPolicy> = {},
  change: Partial<ReloadFacts> = {},
): number | string {
  const decision = decideReload({ ...POLICY, ...terms }, facts(balance, change), NOW_MS);
  if (decision.kind === 'pause') return `pause: ${decision.reason}`;
  return decision.kind === 'charge' ? Number(decision.amountMinor) : decision.why;
}

test('T22 below the threshold one step is paid; at it or above nothing is', () => {
  expect(outcome(49.999999)).toBe(10_000);
  expect(outcome(31)).toBe(10_000);
  expect(outcome(50)).toBe('enough');
  expect(outcome(51)).toBe('enough');
});

test('just switched on, a balance at the threshold counts as below it', () => {
  expect(outcome(50, { isFresh: true })).toBe(10_000);
  expect(outcome(50.01, { isFresh: true })).toBe('enough');
});

test('T23 one payment closes the gap: −270 with threshold 50 and steps of 100 takes 400', () => {
  expect(outcome(-270)).toBe(40_000);
  // Three steps reach the threshold exactly.
  expect(outcome(-250)).toBe(30_000);
  expect(outcome(-250.000001)).toBe(40_000);
});

test('what is under way counts, and an automatic payment under way bars a second one', () => {
  expect(outcome(-270, {}, { inFlightMinor: 30_000n })).toBe(10_000);
  expect(outcome(-270, {}, { inFlightMinor: 32_000n })).toBe('enough');
  expect(outcome(-270, {}, { inFlightMinor: 100n, isReloading: true })).toBe('in_flight');
});

test('with a target the payment reaches it, whole minor units, never less than the provider takes', () => {
  const target = { targetMinor: 20_000n };
  expect(outcome(49, target)).toBe(15_100);
  expect(outcome(48.995, target)).toBe(15_101);
  expect(outcome(49.9, { thresholdMinor: 5_000n, targetMinor: 5_001n })).toBe(50);
  expect(outcome(1, { currency: 'KWD', thresholdMinor: 2_000n, targetMinor: 2_005n })).toBe(1_010);
});

test('caps by count and by amount, per UTC day and month, are never exceeded; what fits is paid', () => {
  const used = (usage: Partial<typeof NO_USAGE>) => ({ usage: { ...NO_USAGE, ...usage } });
  expect(outcome(0, { dayCountMax: 2 }, used({ dayCount: 1 }))).toBe(10_000);
  expect(outcome(0, { dayCountMax: 2 }, used({ dayCount: 2 }))).toBe('capped');
  expect(outcome(0, { monthCountMax: 5 }, used({ monthCount: 5 }))).toBe('capped');
  expect(outcome(-270, { dayMinorMax: 25_000n })).toBe(20_000);
  expect(outcome(-270, { dayMinorMax: 25_000n }, used({ dayMinor: 20_000n }))).toBe('capped');
  expect(outcome(-270, { monthMinorMax: 35_000n, dayMinorMax: 20_000n })).toBe(20_000);
  expect(outcome(0, { targetMinor: 20_000n, dayMinorMax: 12_345n })).toBe(12_345);
  const late = { dayCountMax: 1, monthCountMax: 1 };
  const usage = { ...NO_USAGE, dayCount: 1, monthCount: 1 };
  expect(decideReload({ ...POLICY, ...late }, facts(0, { usage }), NOW_MS)).toEqual({
    kind: 'wait',
    why: 'capped',
    untilMs: nextMonthMs(NOW_MS),
  });
  expect(decideReload({ ...POLICY, dayCountMax: 1 }, facts(0, { usage }), NOW_MS)).toMatchObject({
    untilMs: nextDayMs(NOW_MS),
  });
  expect(new Date(nextDayMs(NOW_MS)).toISOString()).toBe('2026-05-17T00:00:00.000Z');
  expect(nextMonthMs(Date.parse('2026-12-31T23:59:59.999Z'))).toBe(Date.parse('2027-01-01'));
});

test('one payment is at most what Stripe takes, in whole steps', () => {
  expect(outcome(-2_000_000)).toBe(99_990_000);
});

test('T23 three failures in a row turn it off, once, with growing pauses before', () => {
  const declined = { kind: 'failed', reason: 'insufficient_funds' } as const;
  const first = afterReload(POLICY, declined, NOW_MS, SPACING_MS);
  expect(first).toMatchObject({
    isDisabled: false,
    policy: { declineCount: 1, notBeforeMs: NOW_MS + SPACING_MS, lastError: 'insufficient_funds' },
  });
  const waiting = decideReload(first.policy, facts(0), NOW_MS + SPACING_MS - 1);
  expect(waiting).toMatchObject({ why: 'spacing', untilMs: NOW_MS + SPACING_MS });
  expect(decideReload(first.policy, facts(0), NOW_MS + SPACING_MS).kind).toBe('charge');
  const second = afterReload(first.policy, declined, NOW_MS, SPACING_MS);
  expect(second.policy.notBeforeMs).toBe(NOW_MS + 4 * SPACING_MS);
  const third = afterReload(second.policy, declined, NOW_MS, SPACING_MS);
  expect(third).toMatchObject({
    isDisabled: true,
    policy: { enabled: false, declineCount: 3, disabledReason: 'insufficient_funds' },
  });
  // A fourth that comes late tells nothing again.
  expect(afterReload(third.policy, declined, NOW_MS, SPACING_MS).isDisabled).toBe(false);
  expect(decideReload(third.policy, facts(0), NOW_MS)).toMatchObject({ why: 'off' });
});

test('a payment that goes through forgets the failures before; a question counts as none; parked money stops it', () => {
  const failing = { ...POLICY, declineCount: 2, lastError: 'x', notBeforeMs: NOW_MS + 1 };
  expect(afterReload(failing, { kind: 'paid' }, NOW_MS, SPACING_MS).policy).toMatchObject({
    declineCount: 0,
    lastError: null,
    notBeforeMs: null,
  });
  expect(afterReload(failing, { kind: 'asked' }, NOW_MS, SPACING_MS)).toMatchObject({
    isDisabled: false,
    policy: { declineCount: 2, lastError: 'authentication_required', enabled: true },
  });
  expect(afterReload(POLICY, { kind: 'parked' }, NOW_MS, SPACING_MS)).toMatchObject({
    isDisabled: true,
    policy: { enabled: false, disabledReason: 'payment_parked' },
  });
});

test('only a charge that left the balance low calls for a payment, or the switching on', () => {
  const unspent = { spentSequence: null };
  expect(outcome(0, {}, unspent)).toBe('unspent');
  expect(outcome(-30, {}, unspent)).toBe('unspent');
  expect(outcome(0, { isFresh: true }, unspent)).toBe(10_000);
  expect(outcome(50, {}, unspent)).toBe('enough');
  // Somebody went on after the seventh entry: the charge before it calls for nothing more.
  expect(outcome(0, { armsAfterSequence: 7n })).toBe('unspent');
  expect(outcome(0, { armsAfterSequence: 6n })).toBe(10_000);
});

test.each(['refund', 'dispute', 'void', 'amendment', 'adjustment'] as const)(
  'money that a %s took back pauses the policy, whatever the balance, and a paused policy pays nothing',
  (reason) => {
    const taken = { taken: { reason, reference: `${reason}:1` } };
    for (const balance of [-30, 0, 49, 50, 1_000]) {
      expect(outcome(balance, {}, taken)).toBe(`pause: ${reason}`);
      expect(outcome(balance, { isFresh: true }, taken)).toBe(`pause: ${reason}`);
      expect(outcome(balance, {}, { ...taken, isReloading: true })).toBe(`pause: ${reason}`);
      expect(outcome(balance, { enabled: false }, taken)).toBe('off');
    }
    expect(outcome(-270, { pausedReason: reason })).toBe('paused');
    expect(outcome(-270, { pausedReason: reason, isFresh: true })).toBe('paused');
  },
);

test('a policy that names no ceilings pays one step at a time, and ten of them a day', () => {
  const bare = { paymentMinorMax: null };
  expect(outcome(-270, bare)).toBe(10_000);
  expect(outcome(-49_995, bare)).toBe(10_000);
  const used = { usage: { ...NO_USAGE, dayCount: 9, dayMinor: 90_000n } };
  expect(outcome(-49_995, bare, used)).toBe(10_000);
  expect(outcome(-49_995, bare, { usage: { ...NO_USAGE, dayMinor: 100_000n } })).toBe('capped');
  // With a target, what was configured to be paid is the target.
  expect(outcome(-270, { ...bare, targetMinor: 20_000n })).toBe(20_000);
  expect(outcome(49, { ...bare, targetMinor: 20_000n })).toBe(15_100);
  // Whoever switches it on has the gap in view; the day's ceiling holds all the same.
  expect(outcome(-270, { ...bare, isFresh: true })).toBe(40_000);
  expect(outcome(-49_995, { ...bare, isFresh: true })).toBe(100_000);
});

test('T23 the most that one payment takes is what the policy says: 400 closes the gap, 399.99 leaves three steps', () => {
  expect(outcome(-270, { paymentMinorMax: 40_000n })).toBe(40_000);
  expect(outcome(-270, { paymentMinorMax: 39_999n })).toBe(30_000);
  expect(outcome(-270, { paymentMinorMax: 39_999n, isFresh: true })).toBe(30_000);
  expect(outcome(-49_995, { paymentMinorMax: 40_000n })).toBe(40_000);
});

test('what a ceiling cuts is known by the ceiling that cuts most', () => {
  const need = (terms: Partial<AutoReloadPolicy>, usage: Partial<typeof NO_USAGE> = {}) =>
    reloadNeed(
      { ...POLICY, paymentMinorMax: null, ...terms },
      facts(-49_995, { usage: { ...NO_USAGE, ...usage } }),
    );
  expect(need({})).toEqual({
    wantedMinor: 5_010_000n,
    amountMinor: 10_000n,
    ceiling: 'amount_per_payment',
  });
  expect(need({}, { dayMinor: 100_000n })).toMatchObject({
    amountMinor: 0n,
    ceiling: 'amount_per_day',
  });
  expect(need({ dayCountMax: 1 }, { dayCount: 1 }).ceiling).toBe('reloads_per_day');
  expect(need({ monthCountMax: 1 }, { monthCount: 1 }).ceiling).toBe('reloads_per_month');
  expect(need({ monthMinorMax: 10_000n }, { monthMinor: 10_000n })).toMatchObject({
    amountMinor: 0n,
    ceiling: 'amount_per_month',
  });
  expect(reloadNeed(POLICY, facts(-270))).toMatchObject({ amountMinor: 40_000n, ceiling: null });
});
