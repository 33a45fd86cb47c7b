// Goal: one charge is paid by the allowance, by the wallet or by both, and each end can tell from what the
// other wrote how: the gateway from a record in Redis, the ledger from a message.
// Method: random charges; 100 messages at 0.0075 USD, of which a plan covers 40, as the example.
import { micros } from '@orbit/money';
import { seededRandom } from '@orbit/testing';
import {
  ALLOWANCE_KEY,
  ALLOWANCE_UNITS,
  allowanceShare,
  allowanceShareMicros,
  allowanceUnitOf,
  capturedShares,
  coveredUnits,
  currencyOf,
  inMoney,
  isAllowanceUnit,
  isCoveredWhole,
  namedShare,
  readSplit,
  splitOf,
  walletShare,
  walletShareMicros,
  withoutShare,
  type SplittableCharge,
} from './index.js';

const charge: SplittableCharge = {
  chargeId: 'c1',
  amountMicros: micros(750_000n),
  quantity: 100,
  metadata: { campaign: 'spring' },
};
const split = splitOf(charge, 'messages', 40);

test('of 100 messages at 0.75 USD a plan that covers 40 pays 40 units, and the wallet 0.45 USD', () => {
  expect(allowanceShareMicros(split)).toBe(300_000n);
  expect(walletShareMicros(split)).toBe(450_000n);
  expect(allowanceShare(charge, 'USD', split)).toEqual({
    ...charge,
    amountMicros: 40_000_000n,
    metadata: { campaign: 'spring', price_amount: '0.30', price_currency: 'USD' },
  });
  expect(walletShare(charge, 'USD', split)).toEqual({
    chargeId: 'c1',
    amountMicros: 450_000n,
    quantity: 60,
    metadata: {
      campaign: 'spring',
      orbit_allowance: 'messages:40',
      price_amount: '0.75',
      price_currency: 'USD',
    },
  });
});

test('both shares are the price to the micro, and each says how the charge was split', () => {
  const random = seededRandom();
  for (let n = 0; n < 2_000; n++) {
    const quantity = random.integer(1, 5_000);
    const one = { ...charge, quantity, amountMicros: micros(BigInt(random.integer(1, 10 ** 9))) };
    const unit = random.pick(ALLOWANCE_UNITS);
    const way = splitOf(one, unit, random.integer(1, quantity));
    expect(allowanceShareMicros(way) + walletShareMicros(way)).toBe(one.amountMicros);
    const rest = walletShare(one, 'USD', way);
    if (isCoveredWhole(way)) {
      const whole = allowanceShare(one, 'USD', way);
      expect(rest).toBeNull();
      expect(readSplit({ ...whole, currency: unit })).toEqual(way);
      expect(inMoney(whole)).toEqual({ currency: 'USD', charge: one });
      continue;
    }
    if (rest === null) {
      expect(walletShareMicros(way)).toBe(0n);
      continue;
    }
    expect(readSplit({ ...rest, currency: 'USD' })).toEqual(way);
    const part = namedShare(rest);
    expect(part?.part).toEqual({ unit, quantity: way.covered });
    const { quantity: _, ...own } = allowanceShare(one, 'USD', way);
    expect(part?.charge).toEqual({ ...own, chargeId: 'c1~plan', quantity: way.covered });
    expect(withoutShare(rest).metadata).not.toHaveProperty(ALLOWANCE_KEY);
  }
});

test('an allowance covers whole units: 2.9 of them cover 2, none and a debt cover nothing that is split', () => {
  expect(coveredUnits(2_900_000n, 5)).toBe(2);
  expect(coveredUnits(9_000_000n, 5)).toBe(5);
  for (const available of [0n, -3_000_000n]) {
    const way = splitOf(charge, 'messages', coveredUnits(available, 5));
    expect(walletShare(charge, 'USD', way)).toBeNull();
  }
});

test('a charge id of 251 characters has no room for a second one: it is not split', () => {
  const long = { ...charge, chargeId: 'c'.repeat(251) };
  expect(walletShare(long, 'USD', split)).toBeNull();
  expect(walletShare({ ...long, chargeId: 'c'.repeat(250) }, 'USD', split)).not.toBeNull();
});

test.each([
  [undefined, { of: 'all' }],
  [750_000n, { of: 'all' }],
  [750_001n, { of: 'too_much' }],
  [1n, { of: 'units', quantity: 1 }],
  [7_501n, { of: 'units', quantity: 2 }],
  [300_000n, { of: 'units', quantity: 40 }],
  [300_001n, { of: 'money', amountMicros: 1n }],
  [749_999n, { of: 'money', amountMicros: 449_999n }],
])('a capture of %s micros of it takes %j', (amount, taken) => {
  expect(capturedShares(split, amount === undefined ? undefined : micros(amount))).toEqual(taken);
});

test('a unit is the currency of its wallet; money and other units are no allowance', () => {
  for (const unit of ALLOWANCE_UNITS) {
    expect(currencyOf(unit)).toBe(unit);
    expect(isAllowanceUnit(unit)).toBe(true);
  }
  for (const other of ['USD', 'credits', 'Messages', ''])
    expect(isAllowanceUnit(other)).toBe(false);
});

test.each([
  ['sms', 'messages'],
  ['viber', 'messages'],
  ['voice', 'voice_minutes'],
  ['agents', 'agent_invocations'],
  ['agent', 'agent_invocations'],
  ['fax', null],
])('channel %s counts %s', (channel, unit) => {
  expect(allowanceUnitOf(channel)).toBe(unit);
});
