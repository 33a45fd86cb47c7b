// Goal: usage that arrives late is paid as if it had arrived in time, and breakage is counted once.
import { decideCharge } from './charge.js';
import { at, block, booked, charge, draftOf, left, usd } from '../../books/domain/draft-fixture.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import { postedState } from '../../books/domain/hot-state.js';
import { ExpiredCredit } from './late-usage.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Charge, Entry, Escrow } from '../../books/domain/wallet.js';

const names = { A: 1n, B: 2n };
/** T15: A has 10 left and expires on Mar 10; B never does. */
const world = (changes = {}): WalletDraft =>
  draftOf([block(1n, '10', { expiresAtMs: at('03-10') }), block(2n, '50')], changes);
const used = (id: string, amount: string, changes: Partial<Charge> = {}): Charge =>
  charge(id, amount, { occurredAtMs: at('03-09'), ...changes });
const post = (draft: WalletDraft, one: Charge, atMs: number, isGranted = true): Entry[] => {
  const outcome = decideCharge(draft, one, isGranted, atMs);
  return outcome.status === 'posted' ? [...outcome.entries] : [];
};
const breakage = (draft: WalletDraft): bigint =>
  draft.entries.reduce(
    (sum, { type, amountMicros }) =>
      sum + (type === 'expiry' ? amountMicros : type === 'reopen' ? -amountMicros : 0n),
    0n,
  );

test('T15 usage of Mar 9 that arrives Mar 11 draws on A, expired Mar 10: a reopen entry, then the spend', () => {
  const draft = world();
  sweepExpired(draft, at('03-10T00:00:15.000'));
  expect(breakage(draft)).toBe(usd('10'));
  const entries = post(draft, used('c1', '4'), at('03-11'));
  expect(booked(entries, names)).toEqual(['reopen A 4', 'spend A 4']);
  expect(entries.map(({ reference, slice }) => `${reference}/${slice}`)).toEqual([
    'charge:c1/0',
    'charge:c1/1',
  ]);
  expect(entries[0]).toMatchObject({ from: 'breakage', to: 'wallet' });
  expect(breakage(draft)).toBe(usd('6'));
  expect(draft.findBlock(1n)).toMatchObject({ remainingMicros: 0n, expiredMicros: usd('6') });
  expect(draft.balance).toBe(usd('50'));
});

test('T15 48 h after the expiry is the last instant; a millisecond later the next lot pays', () => {
  const draft = world();
  sweepExpired(draft, at('03-10'));
  expect(booked(post(draft, used('c1', '4'), at('03-12')), names)).toEqual([
    'reopen A 4',
    'spend A 4',
  ]);
  const tooLate = post(draft, used('c2', '4'), at('03-12T00:00:00.001'));
  expect(booked(tooLate, names)).toEqual(['spend B 4']);
});

test('T15 before the sweep there is no breakage to take back: the spend alone, and the sweep books the rest', () => {
  const draft = world();
  expect(booked(post(draft, used('c1', '4'), at('03-11')), names)).toEqual(['spend A 4']);
  sweepExpired(draft, at('03-11'));
  expect(breakage(draft)).toBe(usd('6'));
  expect(booked(post(draft, used('c2', '10'), at('03-11')), names)).toEqual([
    'reopen A 6',
    'spend A 6',
    'spend B 4',
  ]);
  expect(breakage(draft)).toBe(0n);
});

test('T15 what occurred at the expiry instant or after it was never in time', () => {
  const draft = world();
  const entries = post(draft, used('c1', '4', { occurredAtMs: at('03-10') }), at('03-11'));
  expect(booked(entries, names)).toEqual(['spend B 4']);
  expect(
    booked(
      post(draft, used('c2', '4', { occurredAtMs: at('03-09T23:59:59.999') }), at('03-11')),
      names,
    ),
  ).toEqual(['spend A 4']);
});

test('T15 what occurred before a block began is not paid by it', () => {
  const begins = { effectiveAtMs: at('03-08'), expiresAtMs: at('03-10') };
  const draft = draftOf([block(1n, '10', begins), block(2n, '50')]);
  const early = used('c1', '4', { occurredAtMs: at('03-07T23:59:59.999') });
  expect(booked(post(draft, early, at('03-11')), names)).toEqual(['spend B 4']);
});

test('late usage that lapsed credit pays whole needs no room among the holds; in part, room for the rest', () => {
  const draft = draftOf([block(1n, '10', { expiresAtMs: at('03-10') }), block(2n, '5')]);
  expect(post(draft, used('c1', '4'), at('03-11'), false)).toHaveLength(1);
  expect(post(draft, used('c2', '8'), at('03-11'), false)).toEqual([]);
  const outcome = decideCharge(draft, used('c2', '8'), true, at('03-11'), usd('1.999999'));
  expect(outcome).toEqual({ status: 'rejected', reason: 'insufficient_funds' });
  expect(decideCharge(draft, used('c2', '8'), true, at('03-11'), usd('2')).status).toBe('posted');
  expect(left(draft, names)).toBe('A0 B3');
});

test('late usage beyond lapsed and living credit is rejected, and nothing is reopened', () => {
  const draft = draftOf([block(1n, '10', { expiresAtMs: at('03-10') }), block(2n, '5')]);
  sweepExpired(draft, at('03-10'));
  const before = draft.entries.length;
  expect(decideCharge(draft, used('c1', '15.000001'), true, at('03-11'))).toEqual({
    status: 'rejected',
    reason: 'insufficient_funds',
  });
  expect(draft.entries).toHaveLength(before);
  expect(booked(post(draft, used('c1', '15'), at('03-11')), names)).toEqual([
    'reopen A 10',
    'spend A 10',
    'spend B 5',
  ]);
});

test('a hold made before the expiry finds its block after the grace too, swept or not', () => {
  const draft = world({ lateUsageGraceMs: 0 });
  sweepExpired(draft, at('03-10'));
  expect(booked(post(draft, used('c1', '4'), at('03-11')), names)).toEqual(['spend B 4']);
  const held = used('c2', '7', { isAuthorized: true });
  expect(booked(post(draft, held, at('03-16')), names)).toEqual(['reopen A 7', 'spend A 7']);
  const ancient = used('c3', '2', { isAuthorized: true });
  expect(booked(post(draft, ancient, at('03-18T00:00:00.001')), names)).toEqual(['spend B 2']);
});

test('a hold is paid by credit that came after it rather than by debt', () => {
  const draft = draftOf([block(1n, '5', { effectiveAtMs: at('03-06') })]);
  const held = charge('c1', '4', { isAuthorized: true, occurredAtMs: at('03-05') });
  expect(booked(post(draft, held, at('03-07')), names)).toEqual(['spend A 4']);
  expect(draft.debtMicros).toBe(0n);
});

test('what an escrow keeps of a lapsed block is not paid to late usage', () => {
  const escrow = {
    escrowId: 'lease_1',
    slices: [{ blockSequence: 1n, amountMicros: usd('4') }],
  } as unknown as Escrow;
  const draft = world({ escrows: [escrow] });
  sweepExpired(draft, at('03-10'));
  expect(left(draft, names)).toBe('A4 B50');
  expect(booked(post(draft, used('c1', '10'), at('03-11')), names)).toEqual([
    'reopen A 6',
    'spend A 6',
    'spend B 4',
  ]);
});

test('a voided block pays nothing, however late', () => {
  const voided = block(1n, '10', { expiresAtMs: at('03-10'), voidedAtMs: at('03-08') });
  const draft = draftOf([voided, block(2n, '50')]);
  expect(booked(post(draft, used('c1', '4'), at('03-11')), names)).toEqual(['spend B 4']);
});

test('charges of one batch share lapsed credit in their order: each claims what is not paid by it', () => {
  const draft = world();
  sweepExpired(draft, at('03-10'));
  const lapsed = ExpiredCredit.of(draft.current, at('03-11'));
  const amounts = ['4', '4', '4', '4'].map((amount, n) => lapsed?.take(used(`c${n}`, amount)));
  expect(amounts).toEqual([usd('4'), usd('4'), usd('2'), 0n]);
  expect(ExpiredCredit.of(draft.current, at('03-09'))).toBeNull();
});

test('T14 a lot that expires at 12:00:00.000Z pays 11:59:59.999 and refuses 12:00:00.000; reads and totals agree', () => {
  const noon = at('03-05T12:00:00.000');
  const draft = draftOf([block(1n, '10', { expiresAtMs: noon })]);
  const first = charge('c1', '4', { occurredAtMs: noon - 1 });
  expect(decideCharge(draft, first, true, noon - 1).status).toBe('posted');
  const second = charge('c2', '4', { occurredAtMs: noon });
  expect(decideCharge(draft, second, true, noon)).toMatchObject({ reason: 'insufficient_funds' });
  expect(postedState(draft.current, noon - 1)).toMatchObject({ postedMicros: usd('6') });
  expect(postedState(draft.current, noon).postedMicros).toBe(0n);
  sweepExpired(draft, at('03-07'));
  expect(breakage(draft)).toBe(usd('6'));
  expect(postedState(draft.current, at('03-07')).postedMicros).toBe(0n);
  expect(sweepExpired(draft, at('03-08'))).toEqual([]);
});
