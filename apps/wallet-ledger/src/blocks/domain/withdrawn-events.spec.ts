import { micros, type Currency } from '@orbit/money';
import type { Entry } from '../../books/domain/wallet.js';
import { withdrawnEvents } from './withdrawn-events.js';

const key = { organizationId: 'org_1', currency: 'JPY' as Currency };
const AT_MS = Date.parse('2026-11-30T12:00:00Z');
const entry = (type: Entry['type'], sequence: bigint, change: Partial<Entry> = {}): Entry =>
  ({
    ...{ walletNo: 3n, sequence, type, from: 'wallet', to: 'adjustments' },
    ...{ amountMicros: micros(100_000_000n), metadata: { reason: 'agreed' } },
    ...{ bookedAtMs: AT_MS, occurredAtMs: AT_MS },
    ...change,
  }) as Entry;

test('a void and an amendment of a top-up’s block tell its receipt, once per entry', () => {
  const entries = [
    entry('amendment', 4n),
    entry('amendment', 5n, { from: 'adjustments', to: 'wallet' }),
    entry('void', 6n),
    entry('extension', 7n),
    entry('void', 8n, { amountMicros: micros(0n) }),
  ];
  const told = withdrawnEvents(key, ['topup:tu_1'], entries);
  expect(told.map(({ topic, key: of }) => [topic, of])).toEqual(
    Array.from({ length: 3 }, () => ['credit.withdrawn', 'org_1']),
  );
  expect(told.map(({ value }) => value)).toMatchObject([
    { kind: 'amendment', amount: '100', topup_id: 'tu_1', currency: 'JPY', reason: 'agreed' },
    { kind: 'amendment', amount: '-100' },
    { kind: 'void', amount: '100', occurred_at: '2026-11-30T12:00:00.000Z' },
  ]);
  expect(new Set(told.map(({ id }) => id)).size).toBe(3);
  expect(withdrawnEvents(key, ['topup:tu_1'], entries)).toEqual(told);
});

test('credit that no payment brought in has no receipt to tell', () => {
  expect(withdrawnEvents(key, [], [entry('void', 4n)])).toEqual([]);
});
