// Goal: granted = spent + left + returned at every step of a lease, nobody else spends what it holds, and no
// reference grants twice. Method: the pure functions on drafts, one rule per test.
import { micros, parseAmount, type Micros } from '@orbit/money';
import { decideCharge } from '../../charges/domain/charge.js';
import { bookCredit } from '../../books/domain/credit.js';
import { remainingMicros, returnedMicros } from '../../books/domain/escrow.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import { postedState } from '../../books/domain/hot-state.js';
import { closeLease, expireLease, finishLease, openLease, renewLease } from './lease.js';
import type { LeaseContext, LeaseOutcome } from './lease.js';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Charge, Credit, Escrow, Wallet } from '../../books/domain/wallet.js';

const NOW = Date.UTC(2026, 4, 16);
const TTL_MS = 60_000;
const usd = (text: string): Micros => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};

const EMPTY: Wallet = {
  walletNo: 1n,
  walletId: 'wal_1',
  organizationId: 'org_1',
  currency: 'USD',
  balanceMicros: micros(0n),
  sequence: 0n,
  version: 7n,
  overdraftMicros: micros(0n),
  lowBalanceMicros: null,
  alertLevel: 'depleted',
  awaitsSpend: false,
  pausedReason: null,
  lastToppedUpAtMs: null,
  rejectedCount: 0n,
  lateUsageGraceMs: 172_800_000,
  allowsLateCapture: false,
  outagePolicy: 'closed',
  outageBudgetMicros: micros(0n),
  blocks: [],
  escrows: [],
};

function walletWith(credits: readonly [string, Partial<Credit>][], changes: Partial<Wallet> = {}) {
  const draft = new WalletDraft({ ...EMPTY, ...changes });
  for (const [amount, terms] of credits) {
    bookCredit(
      draft,
      {
        type: 'topup',
        reference: `topup:${draft.nextSequence}`,
        amountMicros: usd(amount),
        kind: 'paid',
        priority: 0,
        effectiveAtMs: null,
        expiresAtMs: null,
        occurredAtMs: NOW,
        metadata: {},
        ...terms,
      },
      NOW - 1_000,
    );
  }
  return draft;
}

/** Looks things up in the draft, as the batch does. */
const context = (draft: WalletDraft, changes: Partial<LeaseContext> = {}): LeaseContext => ({
  nowMs: NOW,
  // Where the account's clock follows real time the two are one.
  realMs: changes.nowMs ?? NOW,
  isGranted: true,
  escrowOf: (name) =>
    [...draft.changedEscrows(), ...draft.escrows].find(
      ({ escrowId, reference }) => escrowId === name || reference === name,
    ),
  fundingOf: (reference) => draft.fundings.find((grant) => grant.reference === reference),
  ...changes,
});

const open = (draft: WalletDraft, amount: string, changes: Partial<LeaseContext> = {}) =>
  openLease(
    draft,
    {
      leaseId: 'lease_1',
      reference: 'lease:k1',
      amountMicros: usd(amount),
      ttlMs: TTL_MS,
      holder: null,
    },
    context(draft, changes),
  );

const renewal = { leaseId: 'lease_1', reference: 'renew:lease_1:r1', ttlMs: 0 };

function leaseOf(outcome: LeaseOutcome): Escrow {
  if (outcome.status !== 'changed') throw new Error(outcome.reason);
  const { lease } = outcome;
  expect(lease.grantedMicros).toBe(
    lease.spentMicros + remainingMicros(lease) + returnedMicros(lease),
  );
  return lease;
}

const charge = (id: string, amount: string, leaseId: string | null = 'lease_1'): Charge => ({
  chargeId: id,
  amountMicros: usd(amount),
  channel: 'sms',
  quantity: 1,
  metadata: {},
  occurredAtMs: NOW,
  isAuthorized: false,
  leaseId,
});
const post = (draft: WalletDraft, id: string, amount: string, isGranted = false, nowMs = NOW) =>
  decideCharge(draft, charge(id, amount), isGranted, nowMs);

test('a lease pins credit in draw-down order, and nobody else can spend that', () => {
  const draft = walletWith([
    ['10.00', { expiresAtMs: NOW + 1_000 }],
    ['50.00', {}],
  ]);
  const lease = leaseOf(open(draft, '25.00'));
  expect(lease.slices).toEqual([
    { blockSequence: 1n, amountMicros: usd('10') },
    { blockSequence: 2n, amountMicros: usd('15') },
  ]);
  expect(draft.spendableAt(NOW)).toBe(usd('35'));
  expect(draft.balance).toBe(usd('60'));
  expect(postedState(draft.current, NOW)).toMatchObject({
    postedMicros: usd('60'),
    escrowedMicros: usd('25'),
  });
  expect(decideCharge(draft, charge('c', '35.01', null), true, NOW).status).toBe('rejected');
});

test('refusals: paused before insufficient funds; holds that Redis knows count; depleted is no pause', () => {
  const paused = walletWith([['10.00', {}]], { pausedReason: 'manual' });
  expect(open(paused, '25.00')).toEqual({ status: 'refused', reason: 'paused' });
  const draft = walletWith([['10.00', {}]]);
  const poor = { status: 'refused', reason: 'insufficient_funds' };
  expect(open(draft, '10.01')).toEqual(poor);
  expect(open(draft, '10.00', { isGranted: false })).toEqual(poor);
  expect(draft.escrows).toEqual([]);
  const overdrawn = walletWith([], { overdraftMicros: usd('5'), pausedReason: 'balance_depleted' });
  expect(leaseOf(open(overdrawn, '5')).slices).toEqual([
    { blockSequence: null, amountMicros: usd('5') },
  ]);
});

test('the same reference opens once; with other values it is a conflict', () => {
  const draft = walletWith([['60.00', {}]]);
  const first = leaseOf(open(draft, '25.00'));
  const again = open(draft, '25.00', { isGranted: false });
  expect(again).toMatchObject({ status: 'changed', isReplay: true, lease: first });
  expect(open(draft, '26.00')).toEqual({ status: 'refused', reason: 'reference_conflict' });
  expect(draft.fundings).toHaveLength(1);
  expect(draft.spendableAt(NOW)).toBe(usd('35'));
});

test('its charges post from its slices although the block has expired and the wallet is paused', () => {
  const draft = walletWith([['10.00', { expiresAtMs: NOW + 1_000 }]]);
  leaseOf(open(draft, '6.00'));
  draft.patch({ pausedReason: 'dispute' });
  const later = NOW + 5_000;
  const [breakage] = sweepExpired(draft, later);
  expect(breakage?.amountMicros).toBe(usd('4'));
  expect(post(draft, 'c_1', '5.00', false, later)).toMatchObject({
    status: 'posted',
    entries: [{ blockSequence: 1n, amountMicros: usd('5'), balanceAfterMicros: usd('1') }],
  });
  expect(draft.escrows[0]).toMatchObject({ spentMicros: usd('5') });
  // What comes back of an expired block lapses with the next sweep.
  leaseOf(closeLease(draft, 'lease_1', context(draft)));
  const closed = leaseOf(finishLease(draft, 'lease_1', context(draft, { nowMs: later })));
  expect(returnedMicros(closed)).toBe(usd('1'));
  expect(sweepExpired(draft, later)[0]?.amountMicros).toBe(usd('1'));
  expect(draft.balance).toBe(usd('0'));
});

test('what passes the lease, and what names an unknown one, is a charge like any other', () => {
  const draft = walletWith([['10.00', {}]]);
  leaseOf(open(draft, '3.00'));
  expect(post(draft, 'c_1', '3.01')).toEqual({ status: 'rejected', reason: 'insufficient_funds' });
  expect(post(draft, 'c_2', '7.00', true).status).toBe('posted');
  expect(draft.escrows[0]).toMatchObject({ spentMicros: 0n });
  expect(post(draft, 'c_3', '3.00').status).toBe('posted');
  expect(draft.balance).toBe(usd('0'));
  const foreign = decideCharge(draft, charge('c_4', '1', 'lease_other'), false, NOW);
  expect(foreign).toEqual({ status: 'rejected', reason: 'insufficient_funds' });
});

test('a closing lease still takes charges; a closed one does not', () => {
  const draft = walletWith([['10.00', {}]]);
  leaseOf(open(draft, '6.00'));
  expect(leaseOf(closeLease(draft, 'lease_1', context(draft))).state).toBe('closing');
  expect(closeLease(draft, 'lease_1', context(draft))).toMatchObject({ isReplay: true });
  expect(post(draft, 'c_1', '2.00').status).toBe('posted');
  const closed = leaseOf(finishLease(draft, 'lease_1', context(draft)));
  expect(closed).toMatchObject({ state: 'closed', spentMicros: usd('2'), slices: [] });
  expect(returnedMicros(closed)).toBe(usd('4'));
  expect(draft.spendableAt(NOW)).toBe(usd('8'));
  expect(post(draft, 'c_2', '1.00')).toMatchObject({ reason: 'insufficient_funds' });
  expect(finishLease(draft, 'lease_1', context(draft))).toMatchObject({ isReplay: true });
});

test('a renewal adds money and time, once per reference, and never shortens', () => {
  const draft = walletWith([['60.00', {}]]);
  leaseOf(open(draft, '25.00'));
  const more = { ...renewal, amountMicros: usd('10') };
  const first = leaseOf(renewLease(draft, more, context(draft)));
  expect(first).toMatchObject({ grantedMicros: usd('35'), expiresAtMs: NOW + TTL_MS });
  expect(renewLease(draft, more, context(draft, { isGranted: false }))).toMatchObject({
    isReplay: true,
  });
  expect(renewLease(draft, { ...more, ttlMs: 1 }, context(draft))).toEqual({
    status: 'refused',
    reason: 'reference_conflict',
  });
  const time = { ...renewal, reference: 'r2', amountMicros: usd('0'), ttlMs: TTL_MS };
  const longer = leaseOf(renewLease(draft, time, context(draft, { nowMs: NOW + 10_000 })));
  expect(longer.expiresAtMs).toBe(NOW + 10_000 + TTL_MS);
  const shorter = { ...time, reference: 'r3', ttlMs: 5_000 };
  expect(leaseOf(renewLease(draft, shorter, context(draft))).expiresAtMs).toBe(longer.expiresAtMs);
  const tooMuch = { ...renewal, reference: 'r4', amountMicros: usd('25.01') };
  expect(renewLease(draft, tooMuch, context(draft))).toMatchObject({
    reason: 'insufficient_funds',
  });
  expect(draft.fundings.reduce((sum, grant) => sum + grant.amountMicros, 0n)).toBe(usd('35'));
});

test('a lease past its end is not renewed, and expires only then: a renewal that came first wins', () => {
  const draft = walletWith([['60.00', {}]]);
  leaseOf(open(draft, '25.00'));
  const atEnd = context(draft, { nowMs: NOW + TTL_MS });
  const justBefore = context(draft, { nowMs: NOW + TTL_MS - 1 });
  expect(leaseOf(expireLease(draft, 'lease_1', justBefore)).state).toBe('open');
  const more = { ...renewal, amountMicros: usd('1') };
  expect(renewLease(draft, more, atEnd)).toEqual({ status: 'refused', reason: 'conflict' });
  expect(renewLease(draft, { ...more, leaseId: 'lease_x' }, atEnd)).toEqual({
    status: 'refused',
    reason: 'not_found',
  });
  expect(leaseOf(expireLease(draft, 'lease_1', atEnd)).state).toBe('closing');
  expect(renewLease(draft, more, justBefore)).toEqual({ status: 'refused', reason: 'conflict' });
});

test('what was leased of the overdraft is paid by credit that came in meanwhile', () => {
  const draft = walletWith([['10.00', {}]], { overdraftMicros: usd('5') });
  leaseOf(open(draft, '14.00'));
  expect(draft.spendableAt(NOW)).toBe(usd('1'));
  const paid = walletWith([], {});
  expect(paid.debtMicros).toBe(0n);
  bookCredit(
    draft,
    {
      type: 'topup',
      reference: 'topup:later',
      amountMicros: usd('20'),
      kind: 'paid',
      priority: 0,
      effectiveAtMs: null,
      expiresAtMs: null,
      occurredAtMs: NOW,
      metadata: {},
    },
    NOW,
  );
  const outcome = post(draft, 'c_1', '14.00');
  expect(outcome).toMatchObject({
    status: 'posted',
    entries: [
      { blockSequence: 1n, amountMicros: usd('10') },
      { blockSequence: 2n, amountMicros: usd('4') },
    ],
  });
  expect(draft.debtMicros).toBe(0n);
  expect(draft.spendableAt(NOW)).toBe(usd('21'));
});
