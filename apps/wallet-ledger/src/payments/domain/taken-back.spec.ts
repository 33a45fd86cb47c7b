// Goal: one payment is taken back once. What an operator took back of it (void, amendment, adjustment), or what
// lapsed, is what a refund or a dispute uses first; the refundable amount says so, Stripe's balance stays right.
// Method: the stories with their numbers; every order of the facts; random histories beside a naive model.
import type { Entry, Escrow } from '../../books/domain/wallet.js';
import { addUpTaken } from './taken-back.js';
import { inEveryOrder, NOW, permutations, usd, World, type Fact } from './payment-fixture.js';

const paid = (amount = '50'): World => {
  const world = new World();
  world.topUp(amount);
  return world;
};
/** All that must be nothing in the end: nothing waits, and nobody lost. */
const waits = (world: World) => [
  world.left('refunds'),
  world.left('disputes'),
  world.left('bad_debt'),
];

test('a voided payment that is refunded at Stripe was taken back once: the balance is 0, not −50', () => {
  const world = paid();
  world.void();
  expect(world.draft.balance).toBe(0n);
  expect(world.refundable).toBe(usd('50'));
  for (let n = 0; n < 3; n++) world.refund('50');
  expect([world.draft.balance, world.atStripe, world.left('adjustments')]).toEqual([0n, 0n, 0n]);
  expect(world.entriesOf('refund:r_1')).toMatchObject([
    {
      type: 'refund',
      from: 'adjustments',
      to: 'refunds',
      amountMicros: usd('50'),
      blockSequence: 1n,
      metadata: { payment: 'topup:tu_1', payment_intent: 'pi_1', refund_id: 'r_1' },
    },
  ]);
  expect(waits(world)).toEqual([0n, 0n, 0n]);
  expect(world.refundable).toBe(0n);
});

test('a voided payment can be refunded by the API, once, and holds count on none of it', () => {
  const world = paid();
  world.void();
  world.isGranted = false;
  expect(world.claim('50')).toBe(0n);
  world.isGranted = true;
  expect(world.reserve('50.01')).toMatchObject({ refundableMicros: usd('50') });
  expect(world.reserve('30')).toMatchObject({ reservedMicros: usd('30') });
  expect(world.standing).toMatchObject({ held: 0n, available: 0n });
  expect(world.refundable).toBe(usd('20'));
  world.refund('30');
  expect([world.draft.balance, world.refundable]).toEqual([0n, usd('20')]);
});

test.each([
  ['spent 20, voided 30, refunded 50', ['20'], (w: World) => w.void(), '50', '-20'],
  ['spent 20, voided 30, refunded 30', ['20'], (w: World) => w.void(), '30', '0'],
  ['amended to 20, refunded 30', [], (w: World) => w.amend('20'), '30', '20'],
  ['amended to 20, refunded 50', [], (w: World) => w.amend('20'), '50', '0'],
  ['adjusted by −20, refunded 20', [], (w: World) => w.adjust('-20'), '20', '30'],
  ['adjusted by −20, refunded 50', [], (w: World) => w.adjust('-20'), '50', '0'],
  ['adjusted by −70, refunded 50', [], (w: World) => w.adjust('-70'), '50', '-20'],
] as const)('%s', (_title, spent, take, refunded, balance) => {
  for (const claim of [
    (world: World) => world.refund(refunded),
    (world: World) => (world.dispute(refunded), world.disputeEnds(refunded, false)),
  ]) {
    const world = paid();
    for (const amount of spent) world.spend(amount);
    take(world);
    claim(world);
    const expected = balance.startsWith('-') ? -usd(balance.slice(1)) : usd(balance);
    expect(world.draft.balance).toBe(expected);
    expect(world.standing.held).toBe(0n);
    expect(waits(world)).toEqual([0n, 0n, 0n]);
  }
});

test('larger and back again is as if nothing had been; a void takes what was given on top, too', () => {
  const world = paid();
  world.amend('80');
  world.amend('50');
  expect(world.refundable).toBe(usd('50'));
  world.refund('50');
  expect(world.draft.balance).toBe(0n);
  const more = paid();
  more.amend('80');
  more.spend('30');
  more.void();
  more.refund('50');
  expect(more.draft.balance).toBe(0n);
  const back = paid();
  back.amend('20');
  back.amend('50');
  expect(back.refundable).toBe(usd('50'));
  back.refund('30');
  expect([back.draft.balance, back.left('adjustments')]).toEqual([usd('20'), 0n]);
});

test('a refund that counted on what was taken back is set aside in the wallet when that is given again', () => {
  const world = paid();
  world.amend('20');
  world.reserve('30');
  expect(world.standing).toMatchObject({ held: 0n, available: usd('20') });
  world.amend('50');
  expect(world.standing).toMatchObject({ held: usd('30'), available: usd('20') });
  expect(world.spend('21', false)).toBe('rejected');
  world.refund('30');
  expect(world.standing).toMatchObject({ balance: usd('20'), held: 0n });
});

test('a dispute of a voided payment holds nothing of the wallet; won it changes nothing, lost it costs the fee', () => {
  for (const isWon of [true, false]) {
    const world = paid();
    world.bonus('7');
    world.void();
    world.dispute('50');
    expect(world.standing).toMatchObject({
      held: 0n,
      available: usd('7'),
      pausedReason: 'dispute',
    });
    world.disputeEnds('50', isWon);
    expect(world.standing).toMatchObject({ balance: usd('7'), pausedReason: null });
    expect(world.left('adjustments')).toBe(isWon ? usd('50') : 0n);
    expect(world.atStripe).toBe(isWon ? usd('50') : -usd('15'));
    expect(world.refundable).toBe(isWon ? usd('50') : 0n);
  }
});

test('a void while a dispute keeps the credit takes it when the dispute is won, and nothing when it is lost', () => {
  for (const isWon of [true, false]) {
    const world = paid();
    world.dispute('50');
    world.void();
    world.disputeEnds('50', isWon);
    world.sweep();
    expect(world.standing).toMatchObject({ balance: 0n, held: 0n });
    expect(world.left('adjustments')).toBe(isWon ? usd('50') : 0n);
    world.refund('50');
    expect([world.draft.balance, world.left('adjustments')]).toEqual([0n, 0n]);
  }
});

test('a refund that fails after a void is taken back again, in whatever order, and can be refunded anew', () => {
  const orders: readonly Fact[][] = [
    [(w) => w.void(), (w) => w.refund('20'), (w) => w.refundFails('20')],
    [(w) => w.refund('20'), (w) => w.void(), (w) => w.refundFails('20')],
    [
      (w) => w.reserve('20'),
      (w) => w.void(),
      (w) => w.refundBegins('20'),
      (w) => w.refundFails('20'),
    ],
  ];
  for (const order of orders) {
    const world = paid();
    for (const fact of order) fact(world);
    world.sweep();
    expect([world.draft.balance, world.left('adjustments')]).toEqual([0n, usd('50')]);
    expect([world.refundable, world.atStripe]).toEqual([usd('50'), usd('50')]);
    world.refund('50', 'r_2');
    expect([world.draft.balance, world.left('adjustments'), world.atStripe]).toEqual([0n, 0n, 0n]);
  }
});

test('of two refunds the one that fails comes back as if it had never been', () => {
  const world = paid();
  world.amend('20');
  world.refund('30');
  world.refund('20', 'r_2');
  expect(world.draft.balance).toBe(0n);
  world.refundFails('30');
  expect(world.standing).toMatchObject({ balance: usd('20'), available: usd('20') });
  expect([world.left('adjustments'), world.refundable]).toEqual([usd('10'), usd('30')]);
  world.refundFails('20', 'r_2');
  expect([world.draft.balance, world.left('adjustments')]).toEqual([usd('20'), usd('30')]);
});

test('what lapsed is no debt when its payment goes back, swept or not, and is not offered for a refund', () => {
  for (const isSwept of [true, false]) {
    const world = new World();
    world.topUp('50', 'tu_1', { expiresAtMs: NOW + 1_000 });
    world.spend('20');
    world.nowMs = NOW + 2_000;
    if (isSwept) world.sweep();
    expect(world.refundable).toBe(0n);
    world.refund('30');
    world.sweep();
    expect([world.draft.balance, world.left('breakage'), world.atStripe]).toEqual([
      0n,
      0n,
      usd('20'),
    ]);
    world.refundFails('30');
    world.sweep();
    expect([world.draft.balance, world.left('breakage')]).toEqual([0n, usd('30')]);
    world.dispute('50');
    world.disputeEnds('50', false);
    // 20 of it were used.
    expect([world.draft.balance, world.left('breakage')]).toEqual([-usd('20'), 0n]);
  }
});

test('a void and what is claimed back end the same in every order: what was not used is taken once', () => {
  const claims: readonly (readonly [string, readonly Fact[]])[] = [
    ['30', [(w) => w.refund('30')]],
    ['80', [(w) => w.refund('30'), (w) => w.dispute('50'), (w) => w.disputeEnds('50', false)]],
    ['30', [(w) => w.refund('30'), (w) => w.dispute('70'), (w) => w.disputeEnds('70', true)]],
    ['100', [(w) => w.refund('60'), (w) => w.dispute('40'), (w) => w.disputeEnds('40', false)]],
    ['0', [(w) => w.refundBegins('30'), (w) => w.refundFails('30')]],
  ];
  for (const spent of ['0', '25', '60']) {
    for (const [claimed, facts] of claims) {
      for (const order of permutations<Fact>([(w) => w.void(), ...facts])) {
        const world = paid('100');
        if (spent !== '0') world.spend(spent);
        for (const fact of order) fact(world);
        for (const fact of facts) fact(world);
        world.sweep();
        const unused = usd('100') - usd(spent);
        const over = usd(claimed) > unused ? usd(claimed) - unused : 0n;
        expect([spent, claimed, world.draft.balance]).toEqual([spent, claimed, -over]);
        expect(world.left('adjustments')).toBe(unused + over - usd(claimed));
        expect(waits(world)).toEqual([0n, 0n, 0n]);
      }
    }
  }
});

test('a charge of a refunded payment that is reversed after or before its void: nobody pays twice', () => {
  const facts: readonly Fact[] = [(w) => w.refund('50'), (w) => w.void(), (w) => w.reverse()];
  for (const spent of ['20', '50']) {
    for (const order of permutations(facts)) {
      const world = paid();
      world.spend(spent);
      for (const fact of order) fact(world);
      // Whoever voids a block with nothing left is refused, and may void again what has come back.
      world.void();
      world.sweep();
      expect([spent, world.draft.balance, world.left('adjustments')]).toEqual([spent, 0n, 0n]);
      expect([...waits(world), world.atStripe]).toEqual([0n, 0n, 0n, 0n]);
    }
  }
});

test('credit that a lease kept while its payment was refunded leaves a voided or lapsed block once', () => {
  for (const isVoided of [true, false]) {
    const world = new World();
    world.topUp('50', 'tu_1', { expiresAtMs: NOW + 1_000 });
    const lease = { escrowId: 'lease_1', kind: 'lease', state: 'open', holder: null };
    const slices = [{ blockSequence: 1n, amountMicros: usd('40') }];
    world.draft.putEscrow({ ...lease, slices } as unknown as Escrow);
    if (isVoided) world.void();
    else world.nowMs = NOW + 2_000;
    world.sweep();
    world.refund('50');
    world.draft.putEscrow({ ...lease, state: 'closed', slices: [] } as unknown as Escrow);
    world.sweep();
    expect([world.draft.balance, world.draft.debtMicros]).toEqual([0n, 0n]);
    expect([world.left('adjustments'), world.left('breakage'), world.atStripe]).toEqual([
      0n,
      0n,
      0n,
    ]);
    world.refundFails('50');
    world.sweep();
    expect(world.draft.balance).toBe(0n);
    expect(world.left(isVoided ? 'adjustments' : 'breakage')).toBe(usd('50'));
  }
});

test('what paid for a refund that the payment could not is regained as credit when no debt stands', () => {
  const world = paid();
  world.spend('50');
  world.topUp('80', 'tu_2');
  world.refund('50');
  expect(world.standing).toMatchObject({ balance: usd('30') });
  world.reverse();
  world.void();
  expect(world.standing).toMatchObject({ balance: usd('80'), available: usd('80') });
  expect(waits(world)).toEqual([0n, 0n, 0n]);
});

test('T20 500 credits for 10 dollars: voided, then refunded in parts, each part once', () => {
  inEveryOrder(
    [(w) => w.refund('150'), (w) => w.refund('350', 'r_2')],
    (w) => {
      w.topUp('500');
      w.void();
    },
    (w) => expect([w.draft.balance, w.left('adjustments'), w.atStripe]).toEqual([0n, 0n, 0n]),
  );
});

test('what a claim on another payment took of this block is no claim on this payment', () => {
  const entry = (type: Entry['type'], from: Entry['from'], to: Entry['to'], amount: string) =>
    ({ type, from, to, amountMicros: usd(amount), metadata: null }) as unknown as Entry;
  const clawbackOf = (payment: string, amount: string): Entry => ({
    ...entry('refund', 'wallet', 'refunds', amount),
    metadata: { payment },
  });
  const entries = [
    clawbackOf('topup:other', '6'),
    clawbackOf('topup:own', '2'),
    entry('void', 'wallet', 'adjustments', '8'),
    { ...entry('refund', 'adjustments', 'refunds', '5'), metadata: { payment: 'topup:own' } },
  ];
  expect(addUpTaken(entries, 'topup:own')).toEqual({
    withdrawnMicros: usd('8'),
    withdrawnUsedMicros: usd('5'),
    expiredUsedMicros: 0n,
    ownUsedMicros: usd('2'),
  });
});
