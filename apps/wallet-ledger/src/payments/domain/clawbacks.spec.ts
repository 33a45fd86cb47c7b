// Goal: whatever order refunds and disputes of a payment come in, and however often, they never take more than
// the payment, and the wallet ends where docs/cases.md says. Method: facts as functions on one wallet, every
// permutation of them, each fact three times.
import { sweepExpired } from '../../books/domain/expiry.js';
import { inEveryOrder, NOW, usd, World } from './payment-fixture.js';

test('T17 refund after use: at most 75.00 of a top-up of 100.00 is refundable, once', () => {
  const world = new World();
  world.topUp('100');
  world.bonus('20');
  world.spend('45');
  expect(world.reserve('80')).toEqual({
    status: 'refused',
    reason: 'exceeds_refundable',
    refundableMicros: usd('75'),
  });
  expect(world.reserve('75')).toMatchObject({ reservedMicros: usd('75'), isReplay: false });
  expect(world.standing).toMatchObject({ balance: usd('75'), held: usd('75'), available: 0n });
  expect(world.reserve('75')).toMatchObject({ reservedMicros: usd('75'), isReplay: true });
  expect(world.reserve('74')).toMatchObject({ reason: 'reference_conflict' });
  expect(world.reserve('1', 'r_2')).toMatchObject({ reason: 'exceeds_refundable' });
  for (let n = 0; n < 3; n++) world.refund('75');
  expect(world.standing).toMatchObject({ balance: 0n, held: 0n, available: 0n });
  expect(world.clawed).toBe(usd('75'));
  expect(world.atStripe).toBe(usd('25'));
  const [entry] = world.entriesOf('refund:r_1');
  expect(entry).toMatchObject({
    type: 'refund',
    blockSequence: 1n,
    metadata: { payment: 'topup:tu_1', payment_intent: 'pi_1', refund_id: 'r_1' },
  });
});

test('a refund without an amount reserves all that is refundable; promotional credit never is', () => {
  const world = new World();
  world.topUp('100');
  world.bonus('20');
  world.spend('10');
  expect(world.reserve(null)).toMatchObject({ reservedMicros: usd('100') });
  expect(world.standing.available).toBe(usd('10'));
  const broke = new World();
  broke.bonus('20');
  expect(broke.reserve(null)).toMatchObject({ reason: 'not_found' });
});

test('what holds keep cannot be reserved for a refund', () => {
  const world = new World();
  world.topUp('100');
  world.isGranted = false;
  expect(world.reserve('100')).toMatchObject({ reason: 'insufficient_funds' });
  expect(world.standing.held).toBe(0n);
});

test('a refund that fails frees what it kept, before and after it was booked', () => {
  const world = new World();
  world.topUp('100');
  world.reserve('60');
  world.refundFails('60');
  expect(world.standing).toMatchObject({ balance: usd('100'), held: 0n, available: usd('100') });
  world.refund('60');
  expect(world.clawed).toBe(0n);
  world.reserve('60', 'r_2');
  world.refund('60', 'r_2');
  expect(world.standing.available).toBe(usd('40'));
  for (let n = 0; n < 3; n++) world.refundFails('60', 'r_2');
  expect(world.standing).toMatchObject({ balance: usd('100'), available: usd('100') });
  expect(world.clawed).toBe(0n);
});

test('a refund made in Stripe without asking makes debt; when it fails after a top-up repaid that, it is credit', () => {
  const world = new World();
  world.topUp('100');
  world.spend('70');
  world.refund('100');
  expect(world.standing).toMatchObject({ balance: usd('-70'), pausedReason: 'balance_depleted' });
  world.topUp('90', 'tu_2');
  expect(world.standing).toMatchObject({ balance: usd('20'), pausedReason: null });
  world.refundFails('100');
  expect(world.standing).toMatchObject({ balance: usd('120'), available: usd('120') });
});

test('T18 dispute after spend: held 100, available −30, paused; won: 70, resumed', () => {
  inEveryOrder(
    [(world) => world.dispute('100'), (world) => world.disputeEnds('100', true)],
    (world) => {
      world.topUp('100');
      world.spend('30');
    },
    (world) => {
      expect(world.standing).toEqual({
        balance: usd('70'),
        held: 0n,
        available: usd('70'),
        pausedReason: null,
      });
    },
  );
  const world = new World();
  world.topUp('100');
  world.spend('30');
  world.dispute('100');
  // Stripe has it already; the wallet has it still.
  expect([world.atStripe, world.left('disputes')]).toEqual([usd('-15'), usd('-100')]);
  expect(world.standing).toEqual({
    balance: usd('70'),
    held: usd('100'),
    available: usd('-30'),
    pausedReason: 'dispute',
  });
  expect(world.spend('1', false)).toBe('rejected');
});

test('T18 lost: −30, 15 to dispute fees; the next top-up of 50 leaves 20', () => {
  inEveryOrder(
    [
      (world) => world.topUp('100'),
      (world) => world.dispute('100'),
      (world) => world.disputeEnds('100', false),
    ],
    () => undefined,
    (world) => {
      world.spend('30');
      expect(world.standing).toMatchObject({ balance: usd('-30'), held: 0n });
      expect([world.left('dispute_fees'), world.left('disputes')]).toEqual([usd('-15'), 0n]);
      expect(world.atStripe).toBe(usd('-15'));
      expect(world.standing.pausedReason).toBe('balance_depleted');
      world.topUp('50', 'tu_2');
      expect(world.standing).toEqual({
        balance: usd('20'),
        held: 0n,
        available: usd('20'),
        pausedReason: null,
      });
    },
  );
});

test('T19 a dispute won, then refunded in full, takes 100', () => {
  inEveryOrder(
    [
      (world) => world.topUp('100'),
      (world) => world.dispute('100'),
      (world) => world.disputeEnds('100', true),
      (world) => world.refund('100'),
    ],
    () => undefined,
    (world) => {
      expect(world.clawed).toBe(usd('100'));
      expect(world.standing).toMatchObject({ balance: 0n, held: 0n });
      expect([world.atStripe, world.left('refunds'), world.left('bad_debt')]).toEqual([0n, 0n, 0n]);
    },
  );
});

test('T19 40 refunded, then 100 disputed and lost, takes 60 more: never 140, never 0', () => {
  inEveryOrder(
    [
      (world) => world.topUp('100'),
      (world) => world.refund('40'),
      (world) => world.dispute('100'),
      (world) => world.disputeEnds('100', false),
    ],
    () => undefined,
    (world) => {
      expect(world.clawed).toBe(usd('100'));
      expect(world.standing).toMatchObject({ balance: 0n, held: 0n });
      // Stripe took 140 and 15 for its trouble; 40 of it nobody can give.
      expect(world.atStripe).toBe(usd('-55'));
      expect([world.left('bad_debt'), world.left('dispute_fees')]).toEqual([
        usd('-40'),
        usd('-15'),
      ]);
      expect([world.left('refunds'), world.left('disputes')]).toEqual([0n, 0n]);
    },
  );
  const world = new World();
  world.topUp('100');
  world.refund('40');
  world.dispute('100');
  expect(world.standing).toMatchObject({ balance: usd('60'), held: usd('60') });
  world.disputeEnds('100', false);
  expect(world.total('disputes')).toBe(usd('60'));
});

test('a refund under way and a dispute share the payment; whichever fails leaves its part to the other', () => {
  const world = new World();
  world.topUp('100');
  world.reserve('40');
  world.dispute('100');
  expect(world.standing).toMatchObject({ held: usd('100'), available: 0n });
  world.refundFails('40');
  expect(world.standing).toMatchObject({ held: usd('100'), available: 0n });
  world.disputeEnds('100', false);
  expect(world.clawed).toBe(usd('100'));

  const capped = new World();
  capped.topUp('100');
  capped.refund('40');
  capped.dispute('100');
  capped.disputeEnds('100', false);
  capped.refundFails('40');
  expect(capped.total('disputes')).toBe(usd('100'));
  expect([capped.left('bad_debt'), capped.left('disputes'), capped.left('refunds')]).toEqual([
    0n,
    0n,
    0n,
  ]);
  expect(capped.atStripe).toBe(usd('-15'));
  expect(capped.standing).toMatchObject({ balance: 0n, held: 0n });
});

test('T20 500 credits that cost 10 dollars: a dispute takes and gives back 500, not 10', () => {
  const world = new World();
  world.topUp('500');
  world.dispute('500');
  expect(world.standing).toMatchObject({ held: usd('500'), available: 0n });
  world.disputeEnds('500', true);
  expect(world.standing).toMatchObject({ held: 0n, available: usd('500') });
});

test('what comes before its top-up waits for it and touches no other credit', () => {
  const world = new World();
  world.topUp('50', 'tu_other');
  world.bonus('20');
  world.refund('100');
  world.dispute('30', 'd_2');
  expect(world.standing).toMatchObject({ balance: usd('70'), held: 0n, pausedReason: 'dispute' });
  world.topUp('100');
  expect(world.standing).toMatchObject({ balance: usd('70'), held: 0n, available: usd('70') });
  world.disputeEnds('30', true, '0', 'd_2');
  expect(world.standing.pausedReason).toBeNull();
});

test('the wallet stays paused while any dispute is open', () => {
  const world = new World();
  world.topUp('100');
  world.dispute('50', 'd_1');
  world.dispute('50', 'd_2');
  world.disputeEnds('50', true, '0', 'd_1');
  expect(world.standing.pausedReason).toBe('dispute');
  world.disputeEnds('50', true, '0', 'd_2');
  expect(world.standing.pausedReason).toBeNull();
});

test('what a dispute takes past its own credit is paid by other credit, not left as debt beside it', () => {
  const world = new World();
  world.topUp('100');
  world.spend('100');
  world.dispute('100');
  world.topUp('30', 'tu_2');
  expect(world.standing.available).toBe(usd('-70'));
  world.disputeEnds('100', false);
  expect(world.standing).toMatchObject({ balance: usd('-70'), available: usd('-70') });
  expect(world.draft.debtMicros).toBe(usd('70'));
});

test('credit that a dispute holds does not lapse, and lapses when the dispute is won too late', () => {
  const world = new World();
  world.topUp('100', 'tu_1', { expiresAtMs: NOW + 1_000 });
  world.dispute('60');
  world.nowMs = NOW + 2_000;
  expect(sweepExpired(world.draft, world.nowMs)[0]?.amountMicros).toBe(usd('40'));
  world.refund('10', 'r_late');
  expect(world.draft.balance).toBe(usd('50'));
  world.disputeEnds('60', true);
  expect(sweepExpired(world.draft, world.nowMs)[0]?.amountMicros).toBe(usd('50'));
});
