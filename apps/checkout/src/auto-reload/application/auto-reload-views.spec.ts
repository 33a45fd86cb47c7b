// Goal: `state` says what will happen by itself, and nothing that is over.
import { expect, test } from '@jest/globals';
import type { AutoReloadPolicy } from '../../topups/domain/reload-policy.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { autoReloadView } from './auto-reload-views.js';

const NOW_MS = Date.parse('2026-05-16T12:00:00.000Z');
const POLICY = {
  ...{ organizationId: 'org_1', currency: 'USD', enabled: true },
  ...{ thresholdMinor: 5_000n, amountMinor: 10_000n, targetMinor: null },
  ...{ dayCountMax: null, monthCountMax: null, dayMinorMax: null, monthMinorMax: null },
  ...{ paymentMinorMax: null, pausedReason: null, pausedAtMs: null, pausedReference: null },
  ...{ judgedSequence: 0n, judgedFromMs: 0, armsAfterSequence: 0n },
  ...{ declineCount: 0, lastError: null, lastErrorAtMs: null, disabledReason: null },
  ...{ cappedUntilMs: null, notBeforeMs: null, nextCheckAtMs: NOW_MS, isFresh: false },
  ...{ isPushed: true, version: 1n, createdAtMs: 0, updatedAtMs: 0 },
} as const satisfies AutoReloadPolicy;

const stateOf = (change: Partial<AutoReloadPolicy>, payment: TopUp['state'] | null): string => {
  const reloading = payment === null ? null : ({ state: payment, actionUrl: null } as TopUp);
  return autoReloadView({ ...POLICY, ...change }, reloading, NOW_MS).state;
};

test.each([
  [{}, null, 'armed'],
  [{}, 'processing', 'charging'],
  [{}, 'succeeded', 'charging'],
  [{}, 'requires_action', 'requires_action'],
  [{ notBeforeMs: NOW_MS + 1 }, null, 'retrying'],
  [{ cappedUntilMs: NOW_MS + 1 }, null, 'capped'],
  [{ pausedReason: 'refund' }, null, 'paused'],
  [{ pausedReason: 'dispute', notBeforeMs: NOW_MS + 1 }, 'processing', 'paused'],
  [{ pausedReason: 'void', enabled: false }, null, 'off'],
  [{ enabled: false }, null, 'off'],
  [{ enabled: false }, 'succeeded', 'off'],
  [{ enabled: false }, 'processing', 'charging'],
  [{ enabled: false, disabledReason: 'card_declined' }, null, 'disabled'],
] as const)('terms with %o and a payment that is %s are %s', (change, payment, state) => {
  expect(stateOf(change, payment)).toBe(state);
});

test('a pause says why and since when, and the ceilings are shown as they hold', () => {
  const paused = {
    pausedReason: 'refund',
    pausedAtMs: NOW_MS,
    pausedReference: 'refund:1',
  } as const;
  expect(autoReloadView({ ...POLICY, ...paused }, null, NOW_MS)).toMatchObject({
    state: 'paused',
    paused_reason: 'refund',
    paused_at: '2026-05-16T12:00:00.000Z',
    max_amount_per_payment: 10_000,
    max_amount_per_day: 100_000,
  });
  const named = { paymentMinorMax: 40_000n, dayMinorMax: 50_000n };
  expect(autoReloadView({ ...POLICY, ...named }, null, NOW_MS)).toMatchObject({
    paused_reason: null,
    max_amount_per_payment: 40_000,
    max_amount_per_day: 50_000,
  });
  expect(autoReloadView({ ...POLICY, targetMinor: 20_000n }, null, NOW_MS)).toMatchObject({
    max_amount_per_payment: 20_000,
  });
});
