// Goal: calls are counted in whole increments, with connect fee and minimum; the longest prefix wins.
import { expect, test } from '@jest/globals';
import { decimal } from '../decimal.js';
import { Destinations, rateCall, type VoiceRate } from './rate-call.js';

const rate = (change: Partial<VoiceRate> = {}): VoiceRate => ({
  firstIncrementSeconds: 60,
  nextIncrementSeconds: 1,
  perMinute: decimal('0.60'),
  connectFee: decimal('0'),
  minimumAmount: decimal('0'),
  ...change,
});
const cost = (seconds: string, change?: Partial<VoiceRate>): string =>
  rateCall(decimal(seconds), rate(change)).amount.toString();

test.each([
  ['0', '0'],
  ['1', '0.6'],
  ['60', '0.6'],
  ['60.2', '0.61'],
  ['61', '0.61'],
  ['125', '1.25'],
])('60/1: %s seconds cost %s', (seconds, expected) => {
  expect(cost(seconds)).toBe(expected);
});

test('1/1 counts each second, 60/60 whole minutes', () => {
  expect(cost('7', { firstIncrementSeconds: 1 })).toBe('0.07');
  expect(cost('61', { nextIncrementSeconds: 60 })).toBe('1.2');
});

test('a connect fee and a minimum are for answered calls alone', () => {
  const terms = { connectFee: decimal('0.05'), minimumAmount: decimal('0.70') };
  expect(cost('1', terms)).toBe('0.7');
  expect(cost('120', terms)).toBe('1.25');
  expect(cost('0', terms)).toBe('0');
});

test('the longest prefix wins', () => {
  const destinations = new Destinations([
    { prefix: '1', terms: 'NANP' },
    { prefix: '1876', terms: 'Jamaica' },
    { prefix: '44', terms: 'GB' },
  ]);
  expect(destinations.find('+1 876 555 0100')?.terms).toBe('Jamaica');
  expect(destinations.find('+1 212 555 0100')?.terms).toBe('NANP');
  expect(destinations.find('4420')).toEqual({ prefix: '44', terms: 'GB' });
  expect(destinations.find('999')).toBeNull();
});
