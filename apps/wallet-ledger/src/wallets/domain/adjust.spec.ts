import { adjustWallet, type Adjustment } from './adjust.js';
import { decideCharge } from '../../charges/domain/charge.js';
import { configureWallet } from './configure.js';
import { at, block, booked, charge, draftOf, left, usd } from '../../books/domain/draft-fixture.js';
import { NOTICES, type Escrow } from '../../books/domain/wallet.js';

const NOW = at('03-05');
const names = { A: 1n, B: 2n };
const by = (amount: string, changes: Partial<Adjustment> = {}): Adjustment => ({
  amountMicros: usd(amount),
  reference: 'adjustment:r',
  metadata: { reason: 'counted twice' },
  allowsNegative: false,
  ...changes,
});

test('adjust: more comes in from adjustments as a free block of its own, with the reason', () => {
  const draft = draftOf([block(1n, '10')]);
  const outcome = adjustWallet(draft, by('5'), NOW);
  expect(outcome).toMatchObject({
    status: 'changed',
    entries: [
      {
        type: 'adjustment',
        from: 'adjustments',
        to: 'wallet',
        balanceAfterMicros: usd('15'),
        metadata: { reason: 'counted twice' },
      },
    ],
  });
  expect(draft.findBlock(2n)).toMatchObject({ kind: 'promotional', costBasisMicros: 0n });
});

test('adjust: less is drawn like a charge, one entry per block', () => {
  const draft = draftOf([block(1n, '10'), block(2n, '20', { expiresAtMs: at('03-31') })]);
  const outcome = adjustWallet(draft, by('-25'), NOW);
  expect(outcome.status === 'changed' && booked(outcome.entries, names)).toEqual([
    'adjustment B 20',
    'adjustment A 5',
  ]);
  expect(left(draft, names)).toBe('A5 B0');
});

test('adjust: what the wallet does not cover is refused, unless debt is allowed', () => {
  const draft = draftOf([block(1n, '10')]);
  expect(adjustWallet(draft, by('-10.000001'), NOW)).toEqual({
    status: 'refused',
    reason: 'insufficient_funds',
  });
  expect(draft.isChanged).toBe(false);
  adjustWallet(draft, by('-12', { allowsNegative: true }), NOW);
  expect(draft.balance).toBe(usd('-2'));
  expect(draft.debtMicros).toBe(usd('2'));
});

test('adjust: units of a plan are never owed, though debt is allowed', () => {
  const draft = draftOf([block(1n, '10')], { currency: 'messages' as never });
  expect(adjustWallet(draft, by('-12', { allowsNegative: true }), NOW)).toEqual({
    status: 'refused',
    reason: 'insufficient_funds',
  });
  expect(decideCharge(draft, charge('c1', '11', { isAuthorized: true }), true, NOW)).toEqual({
    status: 'rejected',
    reason: 'insufficient_funds',
  });
  expect(draft.isChanged).toBe(false);
  expect(decideCharge(draft, charge('c1', '10', { isAuthorized: true }), true, NOW).status).toBe(
    'posted',
  );
});

test('adjust: debt that Redis could not count is refused, also where credit has not begun', () => {
  const draft = draftOf([block(1n, '10', { effectiveAtMs: at('04-01') })]);
  const limit = by('-9007199254.740992', { allowsNegative: true });
  expect(adjustWallet(draft, limit, NOW)).toMatchObject({ status: 'changed' });
  expect(adjustWallet(draft, by('-0.000001', { allowsNegative: true }), NOW)).toEqual({
    status: 'refused',
    reason: 'balance_limit',
  });
  expect(draft.debtMicros).toBe(usd('9007199254.740992'));
});

test('adjust: what an escrow keeps is not taken', () => {
  const escrow = {
    escrowId: 'lease_1',
    slices: [{ blockSequence: 1n, amountMicros: usd('4') }],
  } as unknown as Escrow;
  const draft = draftOf([block(1n, '10')], { escrows: [escrow] });
  expect(adjustWallet(draft, by('-7'), NOW)).toMatchObject({ reason: 'insufficient_funds' });
  expect(adjustWallet(draft, by('-6'), NOW)).toMatchObject({ status: 'changed' });
});

test('configure: a threshold above the balance is told as low once; below it again, recovered', () => {
  const draft = draftOf([block(1n, '10')]);
  expect(configureWallet(draft, { lowBalanceMicros: usd('10') })).toEqual({ notices: 0 });
  const raised = configureWallet(draft, { lowBalanceMicros: usd('10.000001') });
  expect(raised).toEqual({ notices: NOTICES.low });
  expect(draft.current).toMatchObject({ alertLevel: 'low', lowBalanceMicros: usd('10.000001') });
  expect(configureWallet(draft, { lowBalanceMicros: null })).toEqual({
    notices: NOTICES.recovered,
  });
});

test('configure: an empty wallet is told low when it gets a threshold; what is not named stays', () => {
  const draft = draftOf([]);
  const outcome = configureWallet(draft, { lowBalanceMicros: usd('5') });
  expect(outcome).toEqual({ notices: NOTICES.low });
  configureWallet(draft, { overdraftMicros: usd('3'), outagePolicy: 'open' });
  expect(draft.current).toMatchObject({
    lowBalanceMicros: usd('5'),
    overdraftMicros: usd('3'),
    outagePolicy: 'open',
    pausedReason: null,
  });
  expect(draft.spendableAt(NOW)).toBe(usd('3'));
});

test('configure: an overdraft resumes what ran dry, and pauses it again when it is taken away', () => {
  const draft = draftOf([block(1n, '10')]);
  decideCharge(draft, charge('c', '10'), true, NOW);
  expect(draft.current.pausedReason).toBe('balance_depleted');
  const given = configureWallet(draft, { overdraftMicros: usd('3') });
  expect([given, draft.current.pausedReason]).toEqual([{ notices: NOTICES.resumed }, null]);
  const taken = configureWallet(draft, { overdraftMicros: usd('0') });
  expect(taken).toEqual({ notices: NOTICES.paused });
  expect(draft.current.pausedReason).toBe('balance_depleted');
});

test('configure: an overdraft that Redis could not count is refused', () => {
  const draft = draftOf([block(1n, '10')]);
  const limit = usd('9007199254.740992');
  expect(configureWallet(draft, { overdraftMicros: limit })).toEqual({ refused: 'balance_limit' });
});
