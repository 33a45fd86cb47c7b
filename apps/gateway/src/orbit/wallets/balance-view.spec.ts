import { micros, MICROS_MAX, type Micros } from '@orbit/money';
import { balanceView, type BalanceReading } from './balance-view.js';

const reading = (postedMicros: bigint, heldMicros = 0n): BalanceReading => ({
  currency: 'USD',
  postedMicros: micros(postedMicros),
  heldMicros: micros(heldMicros),
  pausedReason: null,
  lastToppedUpAt: null,
});

test('balanceView: carries the numbers of both seeds for 150.00', () => {
  expect(balanceView(reading(150_000_000n))).toMatchObject({
    balance_usd: 150,
    balance_cents: 15_000,
    credits: 15_000,
    balance: 15_000,
    balance_exact: '150.00',
    currency: 'usd',
    outbound_paused: false,
    outbound_block_reason: null,
  });
});

test('balanceView: floors cents and keeps the exact string beside them', () => {
  const view = balanceView(reading(99_992_500n));
  expect(view.balance_cents).toBe(9_999);
  expect(view.balance_usd).toBe(99.99);
  expect(view.balance_exact).toBe('99.9925');
});

test('balanceView: floors a negative balance towards minus infinity', () => {
  const view = balanceView(reading(-7_500n));
  expect(view.balance_cents).toBe(-1);
  expect(view.balance_usd).toBe(-0.01);
  expect(view.balance_exact).toBe('-0.0075');
});

test('balanceView: six holds of 1000 in a wallet of 5000 leave available 0 and posted 5000 (T03)', () => {
  const view = balanceView(reading(5_000_000_000n, 5_000_000_000n));
  expect(view).toMatchObject({ balance_cents: 500_000, held_cents: 500_000, available_cents: 0 });
});

test('balanceView: balance 10.00 with a hold of 6.00 leaves 4.00 (T04)', () => {
  expect(balanceView(reading(10_000_000n, 6_000_000n))).toMatchObject({
    balance_exact: '10.00',
    held: '6.00',
    available: '4.00',
  });
});

test('balanceView: shows yen without and dinar with three decimals, and no balance_usd', () => {
  const yen = balanceView({ ...reading(1_500_000_000n), currency: 'JPY' });
  expect(yen).toMatchObject({ balance_cents: 1_500, balance_exact: '1500', currency: 'jpy' });
  expect('balance_usd' in yen).toBe(false);
  const dinar = balanceView({ ...reading(1_234_567n), currency: 'KWD' });
  expect(dinar).toMatchObject({ balance_cents: 1_234, balance_exact: '1.234567' });
});

test('balanceView: every whole cent up to the maximum survives JSON exactly', () => {
  const samples: Micros[] = [];
  for (let cents = 0n; cents * 10_000n <= MICROS_MAX; cents = cents * 3n + 1n) {
    samples.push(micros(cents * 10_000n));
  }
  for (const sample of samples) {
    const text = JSON.stringify(balanceView(reading(sample)).balance_usd);
    const [whole = '', decimals = ''] = text.split('.');
    expect(BigInt(whole + decimals.padEnd(2, '0'))).toBe(sample / 10_000n);
  }
});
