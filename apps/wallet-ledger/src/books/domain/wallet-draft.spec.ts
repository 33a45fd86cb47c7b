import { micros, parseAmount, type Micros } from '@orbit/money';
import { postedState } from './hot-state.js';
import { LEDGER_RULES } from '../../ledger-rules.js';
import { bookCredit } from './credit.js';
import { sweepExpired } from './expiry.js';
import { WalletDraft } from './wallet-draft.js';
import { NOTICES, type Block, type Charge, type Credit, type Wallet } from './wallet.js';

const NOW = Date.UTC(2026, 2, 5);
const { decideCharge } = LEDGER_RULES;
const usd = (text: string): Micros => {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.amountMicros;
};

function block(sequence: bigint, amount: string, options: Partial<Block> = {}): Block {
  return {
    sequence,
    kind: 'paid',
    priority: 0,
    costBasisMicros: options.kind === 'promotional' ? 0n : 1_000_000n,
    amountMicros: usd(amount),
    remainingMicros: usd(amount),
    expiredMicros: micros(0n),
    repaidMicros: micros(0n),
    effectiveAtMs: 0,
    expiresAtMs: null,
    createdAtMs: Number(sequence),
    voidedAtMs: null,
    ...options,
  };
}

function wallet(blocks: Block[], changes: Partial<Wallet> = {}): Wallet {
  const sum = blocks.reduce((total, b) => total + b.remainingMicros, 0n);
  return {
    walletNo: 1n,
    walletId: 'wal_1',
    organizationId: 'org_1',
    currency: 'USD',
    balanceMicros: micros(sum),
    sequence: BigInt(blocks.length),
    version: 7n,
    overdraftMicros: micros(0n),
    lowBalanceMicros: usd('5'),
    alertLevel: sum > 0n ? 'ok' : 'depleted',
    awaitsSpend: false,
    pausedReason: null,
    lastToppedUpAtMs: null,
    rejectedCount: 0n,
    lateUsageGraceMs: 172_800_000,
    allowsLateCapture: false,
    outagePolicy: 'closed',
    outageBudgetMicros: micros(0n),
    blocks,
    escrows: [],
    ...changes,
  };
}

function charge(id: string, amount: string, changes: Partial<Charge> = {}): Charge {
  return {
    chargeId: id,
    amountMicros: usd(amount),
    channel: 'sms',
    quantity: 1,
    metadata: {},
    occurredAtMs: NOW,
    isAuthorized: false,
    leaseId: null,
    ...changes,
  };
}

const topUp = (amount: string): Credit => ({
  type: 'topup',
  reference: `topup:${amount}`,
  amountMicros: usd(amount),
  kind: 'paid',
  priority: 0,
  effectiveAtMs: NOW,
  expiresAtMs: null,
  occurredAtMs: NOW,
  metadata: {},
});

const left = (draft: WalletDraft): string[] =>
  draft.blocks.map((b) => `${b.sequence}:${b.remainingMicros}`);

const MAR_10 = Date.UTC(2026, 2, 10);
const MAR_31 = Date.UTC(2026, 2, 31);

test('T12 a charge of 25 over A 10 promo, B 20 paid and C 50 takes A10+B15 and leaves B5, C50', () => {
  const draft = new WalletDraft(
    wallet([
      block(3n, '50'),
      block(2n, '20', { expiresAtMs: MAR_31 }),
      block(1n, '10', { kind: 'promotional', expiresAtMs: MAR_10 }),
    ]),
  );
  const outcome = decideCharge(draft, charge('c1', '25'), true, NOW);
  expect(outcome.status).toBe('posted');
  expect(draft.entries.map((e) => [e.blockSequence, e.amountMicros])).toEqual([
    [1n, usd('10')],
    [2n, usd('15')],
  ]);
  expect(left(draft)).toEqual(['1:0', '2:5000000', '3:50000000']);
  expect(draft.current.balanceMicros).toBe(usd('55'));
});

test('T13 of two lots with equal expiry the promotional one pays first, then created_at, then id', () => {
  const blocks = [
    block(4n, '1', { expiresAtMs: MAR_31, createdAtMs: 2 }),
    block(3n, '1', { expiresAtMs: MAR_31, createdAtMs: 1 }),
    block(2n, '1', { expiresAtMs: MAR_31, createdAtMs: 1 }),
    block(5n, '1', { expiresAtMs: MAR_31, kind: 'promotional', createdAtMs: 9 }),
  ];
  for (const order of [blocks, [...blocks].reverse()]) {
    const draft = new WalletDraft(wallet(order));
    decideCharge(draft, charge('c1', '4'), true, NOW);
    expect(draft.entries.map((e) => e.blockSequence)).toEqual([5n, 2n, 3n, 4n]);
  }
});

test('T14 a lot that expires at 12:00:00.000Z pays at 11:59:59.999 and not at 12:00:00.000; the sweep books the rest', () => {
  const noon = Date.UTC(2026, 2, 5, 12);
  const draft = new WalletDraft(wallet([block(1n, '10', { expiresAtMs: noon })]));
  expect(decideCharge(draft, charge('c1', '4'), true, noon - 1).status).toBe('posted');
  expect(decideCharge(draft, charge('c2', '4', { occurredAtMs: noon }), true, noon)).toEqual({
    status: 'rejected',
    reason: 'insufficient_funds',
  });
  expect(postedState(draft.current, noon - 1)).toEqual({
    postedMicros: usd('6'),
    validUntilMs: noon,
    escrowedMicros: usd('0'),
  });
  expect(postedState(draft.current, noon)).toMatchObject({
    postedMicros: 0n,
    validUntilMs: null,
  });
  const [breakage] = sweepExpired(draft, noon + 5);
  expect(breakage).toMatchObject({
    to: 'breakage',
    amountMicros: usd('6'),
    balanceAfterMicros: 0n,
  });
  expect(sweepExpired(draft, noon + 6)).toEqual([]);
});

test('charge: a hold made before the expiry still pays from the lot afterwards', () => {
  const draft = new WalletDraft(wallet([block(1n, '10', { expiresAtMs: NOW })]));
  const held = charge('c1', '4', { isAuthorized: true, occurredAtMs: NOW - 1 });
  expect(decideCharge(draft, held, true, NOW + 60_000)).toMatchObject({
    status: 'posted',
    entries: [{ blockSequence: 1n }],
  });
});

test('charge: rejections come in the documented order', () => {
  const world = { pausedReason: 'manual' as const };
  const draft = new WalletDraft(wallet([block(1n, '1')], world));
  expect(decideCharge(draft, charge('c1', '2'), false, NOW)).toMatchObject({ reason: 'paused' });
  const open = new WalletDraft(wallet([block(1n, '1')]));
  expect(decideCharge(open, charge('c1', '2'), true, NOW)).toMatchObject({
    reason: 'insufficient_funds',
  });
  expect(decideCharge(open, charge('c1', '1'), false, NOW)).toMatchObject({
    reason: 'insufficient_funds',
  });
  expect(open.isChanged).toBe(false);
  expect(decideCharge(open, charge('c1', '1'), true, NOW)).toMatchObject({ status: 'posted' });
});

test('charge: an authorized one always posts; what no block covers is debt that the next top-up repays', () => {
  const draft = new WalletDraft(wallet([block(1n, '1')], { pausedReason: 'manual' }));
  decideCharge(draft, charge('c1', '1.5', { isAuthorized: true }), true, NOW);
  expect(draft.entries.map((e) => [e.blockSequence, e.balanceAfterMicros])).toEqual([
    [1n, 0n],
    [null, usd('-0.5')],
  ]);
  bookCredit(draft, topUp('2'), NOW);
  expect(draft.current.balanceMicros).toBe(usd('1.5'));
  expect(left(draft)).toEqual(['1:0', '4:1500000']);
  expect(decideCharge(draft, charge('c2', '1.5', { isAuthorized: true }), true, NOW).status).toBe(
    'posted',
  );
});

test('crossing: zero is told, and what stops the wallet is the end of its overdraft', () => {
  const draft = new WalletDraft({ ...wallet([block(1n, '5')]), overdraftMicros: usd('12') });
  const seen = ['6', '4', '7'].map((amount, index) => {
    decideCharge(draft, charge(`c${index}`, amount), true, NOW);
    return [draft.entries.at(-1)?.notices, draft.current.pausedReason];
  });
  expect(seen).toEqual([
    [NOTICES.low | NOTICES.depleted, null],
    [0, null],
    [NOTICES.paused, 'balance_depleted'],
  ]);
  bookCredit(draft, topUp('2'), NOW);
  expect(draft.entries.at(-1)?.notices).toBe(NOTICES.resumed);
  expect(draft.current.pausedReason).toBeNull();
});

test('crossing: low and depleted are told once, on the way down; recovered and resumed on the way up', () => {
  const draft = new WalletDraft(wallet([block(1n, '10')]));
  const notices = ['4', '2', '0.5', '3.5'].map((amount, index) => {
    decideCharge(draft, charge(`c${index}`, amount), true, NOW);
    return draft.entries.at(-1)?.notices;
  });
  expect(notices).toEqual([0, NOTICES.low, 0, NOTICES.depleted | NOTICES.paused]);
  expect(draft.current.pausedReason).toBe('balance_depleted');
  bookCredit(draft, topUp('10'), NOW);
  expect(draft.entries.at(-1)?.notices).toBe(NOTICES.recovered | NOTICES.resumed);
  expect(draft.current.pausedReason).toBeNull();
});
