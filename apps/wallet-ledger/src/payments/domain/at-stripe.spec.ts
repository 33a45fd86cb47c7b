// Goal: whatever order facts come in, stripe_clearing is what Stripe has of us, and what waits for its end,
// what nobody can give and what Stripe keeps stand on accounts of their own. Method: as clawbacks.spec.ts.
import { closeDispute } from './dispute.js';
import { inEveryOrder, usd, World } from './payment-fixture.js';

test('a refund that begins, ends well and fails after all, in every order, left Stripe as it was', () => {
  inEveryOrder(
    [
      (world) => world.topUp('100'),
      (world) => world.refundBegins('40'),
      (world) => world.refund('40'),
      (world) => world.refundFails('40'),
    ],
    () => undefined,
    (world) => {
      expect(world.atStripe).toBe(usd('100'));
      expect([world.left('refunds'), world.clawed]).toEqual([0n, 0n]);
      expect(world.standing).toMatchObject({ balance: usd('100'), held: 0n });
    },
  );
});

test('a refund under way has left Stripe and is still in the wallet, set aside, also when nobody asked for it', () => {
  inEveryOrder(
    [(world) => world.topUp('100'), (world) => world.refundBegins('40')],
    () => undefined,
    (world) => {
      expect([world.atStripe, world.left('refunds')]).toEqual([usd('60'), usd('-40')]);
      expect(world.standing).toMatchObject({ balance: usd('100'), held: usd('40') });
    },
  );
  const world = new World();
  world.topUp('100');
  world.reserve('40');
  world.refundBegins('40');
  world.refund('40');
  expect([world.atStripe, world.left('refunds'), world.draft.balance]).toEqual([
    usd('60'),
    0n,
    usd('60'),
  ]);
});

test('a fee that grows while the dispute is open, or that is kept though it is won, is what its end says', () => {
  for (const [isWon, fee, kept] of [
    [false, '30', '30'],
    [true, '15', '15'],
    [true, '0', '0'],
  ] as const) {
    const world = new World();
    const fact = { disputeId: 'd_1', topUpId: 'tu_1', amountMicros: usd('100'), facts: {} };
    const end = (): void => {
      closeDispute(world.draft, { ...fact, isWon, feeMicros: usd(fee) }, world);
    };
    world.topUp('100');
    world.dispute('100');
    for (let n = 0; n < 3; n++) end();
    world.dispute('100');
    expect(world.left('dispute_fees')).toBe(-usd(kept));
    expect(world.atStripe).toBe(usd(isWon ? '100' : '0') - usd(kept));
  }
});

test('what nobody can give is bad debt, until the refund that asked for it fails', () => {
  inEveryOrder(
    [
      (world) => world.dispute('100'),
      (world) => world.disputeEnds('100', false),
      (world) => world.refund('40'),
    ],
    (world) => world.topUp('100'),
    (world) => {
      expect([world.left('bad_debt'), world.left('refunds'), world.left('disputes')]).toEqual([
        usd('-40'),
        0n,
        0n,
      ]);
      world.refundFails('40');
      expect([world.left('bad_debt'), world.left('refunds'), world.left('disputes')]).toEqual([
        0n,
        0n,
        0n,
      ]);
      expect([world.atStripe, world.draft.balance]).toEqual([usd('-15'), 0n]);
    },
  );
});
