// Goal: a reversal gives back the stored slices, to the blocks that paid, never more than was charged.
import { decideCharge } from './charge.js';
import { bookCredit } from '../../books/domain/credit.js';
import { at, block, booked, charge, draftOf, left, usd } from '../../books/domain/draft-fixture.js';
import { sweepExpired } from '../../books/domain/expiry.js';
import { reversalReference, reverseCharge, type Reversal } from './reversal.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Charge, ChangeOutcome, Entry, Escrow } from '../../books/domain/wallet.js';

const names = { A: 1n, B: 2n, C: 3n };
/** T12: A 10 promotional until Mar 10, B 20 paid until Mar 31, C 50 paid for ever. */
const world = (): WalletDraft =>
  draftOf([
    block(1n, '10', { kind: 'promotional', expiresAtMs: at('03-10') }),
    block(2n, '20', { expiresAtMs: at('03-31') }),
    block(3n, '50'),
  ]);
const entriesOf = (draft: WalletDraft, reference: string): Entry[] =>
  draft.entries.filter((entry) => entry.reference === reference);
const reverse = (
  draft: WalletDraft,
  amount: string | null,
  nowMs: number,
  changes: Partial<Reversal> = {},
): ChangeOutcome =>
  reverseCharge(
    draft,
    {
      chargeId: 'c1',
      amountMicros: amount === null ? null : usd(amount),
      reference: `r${draft.entries.length}`,
      extendToMs: null,
      metadata: { reason: 'not delivered' },
      ...changes,
    },
    {
      charged: entriesOf(draft, 'charge:c1'),
      reversed: entriesOf(draft, reversalReference('c1')),
      nowMs,
    },
  );
const shown = (outcome: ChangeOutcome): unknown =>
  outcome.status === 'changed' ? booked(outcome.entries, names) : outcome.reason;
const spend = (draft: WalletDraft, amount: string, changes: Partial<Charge> = {}): void => {
  expect(decideCharge(draft, charge('c1', amount, changes), true, at('03-05')).status).toBe(
    'posted',
  );
};

test('T12 a charge of 25 on Mar 5 takes A10 and B15: two entries; B5 and C50 are left', () => {
  const draft = world();
  spend(draft, '25');
  expect(booked(draft.entries, names)).toEqual(['spend A 10', 'spend B 15']);
  expect(left(draft, names)).toBe('A0 B5 C50');
});

test('T13 equal expiry: promotional before paid, then created_at, then number; a replay takes the same', () => {
  const ends = { expiresAtMs: at('03-31'), createdAtMs: 5 };
  const blocks = [
    block(1n, '1', { ...ends, createdAtMs: 4 }),
    block(2n, '1', ends),
    block(3n, '1', { ...ends, kind: 'promotional', createdAtMs: 9 }),
    block(4n, '1', ends),
  ];
  for (const order of [blocks, [...blocks].reverse()]) {
    const draft = draftOf(order);
    spend(draft, '4');
    expect(draft.entries.map(({ blockSequence }) => blockSequence)).toEqual([3n, 1n, 2n, 4n]);
  }
});

test('T16 the T12 charge reversed on Mar 20: B gets 15 back, A 10 lapses on arrival, C gets nothing new', () => {
  const draft = world();
  spend(draft, '25');
  expect(shown(reverse(draft, null, at('03-20')))).toEqual([
    'reversal B 15',
    'reversal A 10',
    'expiry A 10',
  ]);
  expect(left(draft, names)).toBe('A0 B20 C50');
  expect(draft.balance).toBe(usd('70'));
  expect(draft.findBlock(1n)?.expiredMicros).toBe(usd('10'));
  expect(sweepExpired(draft, at('03-20'))).toEqual([]);
});

test('T16 with an extension, what comes back to A lives on; what lapsed before does not', () => {
  const draft = draftOf([block(1n, '10', { expiresAtMs: at('03-10') }), block(2n, '20')]);
  spend(draft, '4');
  const outcome = reverse(draft, null, at('03-20'), { extendToMs: at('04-20') });
  expect(shown(outcome)).toEqual(['expiry A 6', 'extension A 0', 'reversal A 4']);
  expect(draft.findBlock(1n)).toMatchObject({
    remainingMicros: usd('4'),
    expiredMicros: usd('6'),
    expiresAtMs: at('04-20'),
  });
});

test('T16 a reversal within the life of the blocks restores them exactly', () => {
  const draft = world();
  spend(draft, '25');
  reverse(draft, null, at('03-06'));
  expect(left(draft, names)).toBe('A10 B20 C50');
  expect(draft.balance).toBe(usd('80'));
});

test('several reversals give back the slices from the last one on, and no more than was charged', () => {
  const draft = world();
  spend(draft, '25');
  const now = at('03-06');
  expect(shown(reverse(draft, '12', now))).toEqual(['reversal B 12']);
  expect(shown(reverse(draft, '13.000001', now))).toBe('exceeds_charge');
  expect(shown(reverse(draft, '5', now))).toEqual(['reversal B 3', 'reversal A 2']);
  expect(shown(reverse(draft, null, now))).toEqual(['reversal A 8']);
  expect(shown(reverse(draft, null, now))).toBe('exceeds_charge');
  expect(shown(reverse(draft, '0.000001', now))).toBe('exceeds_charge');
  expect(left(draft, names)).toBe('A10 B20 C50');
  const slices = entriesOf(draft, reversalReference('c1')).map(({ slice }) => slice);
  expect(slices).toEqual([0, 1, 2, 3]);
});

test('the same reference again answers the first entries and books nothing', () => {
  const draft = world();
  spend(draft, '25');
  const first = reverse(draft, '12', at('03-06'), { reference: 'r' });
  const again = reverse(draft, '12', at('03-07'), { reference: 'r' });
  expect(again).toEqual(first);
  expect(draft.balance).toBe(usd('67'));
});

test('a charge that is not in the books cannot be reversed', () => {
  expect(shown(reverse(world(), null, at('03-06')))).toBe('not_found');
});

test('late usage is reversed by what was spent, not by what was reopened', () => {
  const draft = world();
  sweepExpired(draft, at('03-10'));
  const late = charge('c1', '12', { occurredAtMs: at('03-09') });
  decideCharge(draft, late, true, at('03-11'));
  expect(booked(entriesOf(draft, 'charge:c1'), names)).toEqual([
    'reopen A 10',
    'spend A 10',
    'spend B 2',
  ]);
  expect(shown(reverse(draft, null, at('03-20')))).toEqual([
    'reversal B 2',
    'reversal A 10',
    'expiry A 10',
  ]);
  expect(draft.findBlock(1n)?.expiredMicros).toBe(usd('10'));
});

test('what the overdraft paid lowers the debt', () => {
  const draft = draftOf([block(1n, '1')]);
  spend(draft, '4', { isAuthorized: true });
  expect(draft.debtMicros).toBe(usd('3'));
  expect(shown(reverse(draft, '2', at('03-06')))).toEqual(['reversal debt 2']);
  expect([draft.debtMicros, draft.balance]).toEqual([usd('1'), usd('-1')]);
});

test('debt that a top-up repaid goes back to that top-up, not to a new block', () => {
  const draft = draftOf([block(1n, '1')]);
  spend(draft, '4', { isAuthorized: true });
  bookCredit(
    draft,
    {
      type: 'topup',
      reference: 'topup:1',
      amountMicros: usd('10'),
      kind: 'paid',
      priority: 0,
      effectiveAtMs: null,
      expiresAtMs: null,
      occurredAtMs: at('03-06'),
      metadata: {},
    },
    at('03-06'),
  );
  const topUp = draft.blocks.find(({ sequence }) => sequence > 1n)?.sequence ?? 0n;
  expect(draft.findBlock(topUp)).toMatchObject({
    remainingMicros: usd('7'),
    repaidMicros: usd('3'),
  });
  expect(shown(reverse(draft, null, at('03-07')))).toEqual([
    `reversal #${topUp} 3`,
    'reversal A 1',
  ]);
  expect(draft.findBlock(topUp)).toMatchObject({ remainingMicros: usd('10'), repaidMicros: 0n });
  expect([draft.debtMicros, draft.balance]).toEqual([0n, usd('11')]);
});

test('a voided block gets nothing back: it leaves as the rest of the block did', () => {
  const draft = world();
  spend(draft, '25');
  const b = draft.findBlock(2n);
  if (b) draft.replaceBlock({ ...b, voidedAtMs: at('03-06') });
  expect(shown(reverse(draft, '15', at('03-07')))).toEqual(['reversal B 15', 'void B 15']);
  expect(left(draft, names)).toBe('A0 B5 C50');
});

test('what an escrow keeps of a lapsed block stays pinned while a reversal passes through it', () => {
  const escrow = {
    escrowId: 'lease_1',
    slices: [{ blockSequence: 1n, amountMicros: usd('2') }],
  } as unknown as Escrow;
  const draft = draftOf([block(1n, '10', { expiresAtMs: at('03-10') })], { escrows: [escrow] });
  spend(draft, '5');
  expect(shown(reverse(draft, null, at('03-20')))).toEqual(['reversal A 5', 'expiry A 5']);
  expect(left(draft, { A: 1n })).toBe('A5');
  sweepExpired(draft, at('03-20'));
  expect(left(draft, { A: 1n })).toBe('A2');
});
