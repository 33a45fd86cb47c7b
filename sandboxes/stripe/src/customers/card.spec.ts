import { checkCard, declineOfSaving, judge, passesLuhn, type CardForm } from './card.js';
import { TEST_CARDS } from './test-cards.js';

const NOW = { year: 2026, month: 11 };
const GOOD: CardForm = { number: '4242 4242 4242 4242', exp: '12 / 34', cvc: '123' };

const faultsOf = (change: Partial<CardForm>) => {
  const checked = checkCard({ ...GOOD, ...change }, NOW);
  return checked.ok ? [] : checked.faults.map((fault) => [fault.field, fault.code]);
};

test('checkCard: takes a test card with blanks and dashes', () => {
  expect(checkCard(GOOD, NOW)).toMatchObject({
    ok: true,
    accepted: { card: { behavior: 'succeed', brand: 'visa' }, expMonth: 12, expYear: 2034 },
  });
  expect(faultsOf({ number: '4242-4242-4242-4242' })).toEqual([]);
});

test.each([
  ['', 'incomplete_number'],
  ['4242', 'incomplete_number'],
  ['4242 4242 4242 424x', 'invalid_number'],
  ['4242424242424241', 'incorrect_number'],
  ['4111111111111111', 'test_mode_live_card'],
])('checkCard: number %p is refused as %s', (number, code) => {
  expect(faultsOf({ number })).toContainEqual(['card_number', code]);
});

test.each([
  ['', 'invalid_expiry'],
  ['13/34', 'invalid_expiry'],
  ['00/34', 'invalid_expiry'],
  ['12/2099', 'invalid_expiry'],
  ['10/26', 'invalid_expiry_year'],
  ['12 / 25', 'invalid_expiry_year'],
])('checkCard: expiry %p is refused as %s', (exp, code) => {
  expect(faultsOf({ exp })).toEqual([['exp', code]]);
});

test('checkCard: a card is good to the end of its month', () => {
  expect(faultsOf({ exp: '11/26' })).toEqual([]);
  expect(faultsOf({ exp: '1126' })).toEqual([]);
  expect(faultsOf({ exp: '1/2027' })).toEqual([]);
});

test('checkCard: three digits of security code, four for American Express', () => {
  expect(faultsOf({ cvc: '12' })).toEqual([['cvc', 'invalid_cvc']]);
  expect(faultsOf({ cvc: 'abc' })).toEqual([['cvc', 'invalid_cvc']]);
  expect(faultsOf({ cvc: '1234' })).toEqual([['cvc', 'invalid_cvc']]);
  expect(faultsOf({ number: '378282246310005', cvc: '1234' })).toEqual([]);
});

test('checkCard: tells every fault at once, one per field', () => {
  expect(faultsOf({ number: '', exp: '', cvc: '' }).map(([field]) => field)).toEqual([
    'card_number',
    'exp',
    'cvc',
  ]);
});

test('every test card passes its check digit and has a name of its own', () => {
  expect(TEST_CARDS.filter((card) => !passesLuhn(card.number))).toEqual([]);
  expect(new Set(TEST_CARDS.map((card) => card.token)).size).toBe(TEST_CARDS.length);
});

test.each([
  ['succeed', false, false, 'approve'],
  ['dispute', false, false, 'approve'],
  ['generic_decline', false, false, 'decline'],
  ['authenticate_once', false, false, 'authenticate'],
  ['authenticate_once', true, true, 'approve'],
  ['authenticate_once', true, false, 'decline'],
  ['authenticate_once', false, true, 'authenticate'],
  ['authenticate_always', true, true, 'decline'],
  ['authenticate_always', false, false, 'authenticate'],
  ['authenticate_set_up', true, false, 'approve'],
  ['authenticate_then_decline', false, false, 'authenticate'],
  ['authenticate_then_decline', true, false, 'decline'],
  ['decline_after_attach', true, true, 'decline'],
  ['refund_fails', true, false, 'approve'],
] as const)('judge: %s, off session %s, set up %s: %s', (behavior, isOffSession, isSetUp, kind) => {
  expect(judge(behavior, { isOffSession, isSetUp }).kind).toBe(kind);
});

test('judge: a card that needs its absent owner declines with authentication_required', () => {
  expect(judge('authenticate_always', { isOffSession: true, isSetUp: true })).toMatchObject({
    decline: { code: 'authentication_required' },
  });
});

test('judge: a card that asked and got its answer is approved, or declined for what it has', () => {
  const answered = { isOffSession: false, isSetUp: false, isAuthenticated: true };
  expect(judge('authenticate_always', answered).kind).toBe('approve');
  expect(judge('authenticate_then_decline', answered)).toMatchObject({
    decline: { declineCode: 'insufficient_funds' },
  });
});

test('declineOfSaving: a card that its issuer declines is not saved, one that only fails later is', () => {
  expect(declineOfSaving('insufficient_funds')?.declineCode).toBe('insufficient_funds');
  for (const behavior of ['succeed', 'decline_after_attach', 'authenticate_always'] as const) {
    expect(declineOfSaving(behavior)).toBeNull();
  }
});
