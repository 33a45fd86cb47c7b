import {
  amendBlock,
  extendBlock,
  voidBlock,
  type Amendment,
  type Extension,
} from './blocks-terms.js';
import { decideCharge } from '../../charges/domain/charge.js';
import { at, block, booked, charge, draftOf, left, usd } from '../../books/domain/draft-fixture.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { ChangeOutcome, Escrow } from '../../books/domain/wallet.js';

const names = { A: 1n, B: 2n };
const change = { blockSequence: 1n, reference: 'r:1', metadata: { reason: 'agreed' } };
const extend = (
  draft: WalletDraft,
  to: string | null,
  now: string,
  more: Partial<Extension> = {},
) =>
  extendBlock(
    draft,
    { ...change, expiresAtMs: to === null ? null : at(to), reopens: false, ...more },
    at(now),
  );
const amend = (draft: WalletDraft, amount: string, more: Partial<Amendment> = {}) =>
  amendBlock(draft, { ...change, amountMicros: usd(amount), ...more }, at('03-05'));
const shown = (outcome: ChangeOutcome): unknown =>
  outcome.status === 'changed' ? booked(outcome.entries, names) : outcome.reason;
const pins = (amount: string): { escrows: Escrow[] } => ({
  escrows: [
    { escrowId: 'lease_1', slices: [{ blockSequence: 1n, amountMicros: usd(amount) }] },
  ] as unknown as Escrow[],
});
const untilMar10 = { expiresAtMs: at('03-10') };

test('extend: an entry of zero with both ends; the block may be spent longer', () => {
  const draft = draftOf([block(1n, '10', untilMar10)]);
  const outcome = extend(draft, '03-20', '03-05');
  expect(outcome).toMatchObject({
    entries: [
      {
        type: 'extension',
        amountMicros: 0n,
        balanceAfterMicros: usd('10'),
        metadata: {
          reason: 'agreed',
          from: '2026-03-10T00:00:00.000Z',
          to: '2026-03-20T00:00:00.000Z',
        },
      },
    ],
  });
  const late = charge('c1', '4', { occurredAtMs: at('03-15') });
  expect(decideCharge(draft, late, true, at('03-15')).status).toBe('posted');
});

test('extend: what lapsed comes back from breakage within the grace; later only when it is said', () => {
  const draft = draftOf([block(1n, '10', untilMar10)]);
  sweepExpired(draft, at('03-10'));
  expect(draft.balance).toBe(0n);
  expect(shown(extend(draft, '04-10', '03-12T00:00:00.001'))).toBe('conflict');
  expect(shown(extend(draft, '04-10', '03-12'))).toEqual(['reopen A 10', 'extension A 0']);
  expect(draft.findBlock(1n)).toMatchObject({ remainingMicros: usd('10'), expiredMicros: 0n });
  sweepExpired(draft, at('04-10'));
  expect(shown(extend(draft, null, '05-10', { reopens: true }))).toEqual([
    'reopen A 10',
    'extension A 0',
  ]);
  expect(draft.findBlock(1n)).toMatchObject({ expiresAtMs: null });
});

test('extend: an end that is not later, or is over, changes nothing', () => {
  const draft = draftOf([block(1n, '10', untilMar10), block(2n, '10')]);
  expect(shown(extend(draft, '03-10', '03-05'))).toBe('conflict');
  expect(shown(extend(draft, '03-11', '03-11'))).toBe('already_over');
  expect(shown(extend(draft, '03-11', '03-05', { blockSequence: 2n }))).toBe('conflict');
  expect(shown(extend(draft, '03-11', '03-05', { blockSequence: 9n }))).toBe('not_found');
  expect(draft.isChanged).toBe(false);
});

test('void: what is left goes back to promo, of a paid block to adjustments', () => {
  const draft = draftOf([block(1n, '10', { kind: 'promotional' }), block(2n, '20')]);
  decideCharge(draft, charge('c1', '4'), true, at('03-05'));
  const first = voidBlock(draft, change, at('03-05'));
  expect(shown(first)).toEqual(['void A 6']);
  expect(first).toMatchObject({ entries: [{ to: 'promo', balanceAfterMicros: usd('20') }] });
  expect(shown(voidBlock(draft, change, at('03-05')))).toBe('conflict');
  const second = voidBlock(draft, { ...change, blockSequence: 2n }, at('03-05'));
  expect(second).toMatchObject({ entries: [{ to: 'adjustments', balanceAfterMicros: 0n }] });
  expect(draft.spendableAt(at('03-05'))).toBe(0n);
});

test('void: what an escrow keeps stays, and leaves like the rest when it comes back', () => {
  const draft = draftOf([block(1n, '10')], pins('4'));
  expect(shown(voidBlock(draft, change, at('03-05')))).toEqual(['void A 6']);
  expect(sweepExpired(draft, at('03-06'))).toEqual([]);
  const [escrow] = draft.escrows;
  if (escrow) draft.putEscrow({ ...escrow, state: 'closed', slices: [] });
  expect(draft.spendableAt(at('03-06'))).toBe(0n);
  expect(booked(sweepExpired(draft, at('03-06')), names)).toEqual(['void A 4']);
  expect(draft.findBlock(1n)).toMatchObject({ remainingMicros: 0n, expiredMicros: 0n });
});

test('void: a block that has lapsed or is used up is not voided', () => {
  const draft = draftOf([
    block(1n, '10', untilMar10),
    block(2n, '20', { remainingMicros: usd('0') }),
  ]);
  expect(shown(voidBlock(draft, change, at('03-10')))).toBe('conflict');
  expect(shown(voidBlock(draft, { ...change, blockSequence: 2n }, at('03-05')))).toBe('conflict');
});

test('amend: down to what was used and is set aside, not below; up brings more', () => {
  const draft = draftOf([block(1n, '10')], pins('3'));
  decideCharge(draft, charge('c1', '2'), true, at('03-05'));
  expect(shown(amend(draft, '4.999999'))).toBe('below_used');
  expect(shown(amend(draft, '5'))).toEqual(['amendment A 5']);
  expect(draft.findBlock(1n)).toMatchObject({ amountMicros: usd('5'), remainingMicros: usd('3') });
  const up = amend(draft, '25');
  expect(up).toMatchObject({ entries: [{ from: 'adjustments', to: 'wallet' }] });
  expect(draft.findBlock(1n)).toMatchObject({
    amountMicros: usd('25'),
    remainingMicros: usd('23'),
  });
  expect(shown(amend(draft, '25'))).toBe('conflict');
  expect(draft.balance).toBe(usd('23'));
});

test('amend: more credit repays the overdraft first', () => {
  const draft = draftOf([block(1n, '1')]);
  decideCharge(draft, charge('c1', '4', { isAuthorized: true }), true, at('03-05'));
  amend(draft, '6');
  expect(left(draft, names)).toBe('A2 B0');
  expect(draft.findBlock(1n)).toMatchObject({ repaidMicros: usd('3') });
  expect([draft.debtMicros, draft.balance]).toEqual([0n, usd('2')]);
});
