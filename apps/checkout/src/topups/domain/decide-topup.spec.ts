import { micros } from '@orbit/money';
import { decideTopUp, nextCheckAtMs, type PaymentSnapshot } from './decide-topup.js';
import {
  canMove,
  OPEN_STATES,
  PAID_STATES,
  stateOfMoney,
  TOPUP_STATES,
  type TopUpState,
} from './topup-state.js';
import { checkAmount, type TopUp } from './topup.js';

const TOPUP: TopUp = {
  id: 'tu_1',
  kind: 'hosted',
  organizationId: 'org_1',
  idempotencyKey: 'key-0001',
  bodyHash: '0'.repeat(64),
  amountMinor: 10_000n,
  paymentCurrency: 'USD',
  currency: 'USD',
  amountMicros: micros(100_000_000n),
  successUrl: 'https://example.com/ok',
  cancelUrl: 'https://example.com/cancelled',
  state: 'requires_payment',
  reason: null,
  sessionId: 'cs_1',
  checkoutUrl: 'https://checkout.example.com/cs_1',
  sessionExpiresAtMs: 86_400_000,
  paymentIntentId: null,
  paymentMethodId: null,
  actionUrl: null,
  receivedMinor: null,
  receivedCurrency: null,
  resolution: null,
  attempt: 0,
  createdAtMs: 0,
};

const OPEN: PaymentSnapshot = {
  sessionId: 'cs_1',
  sessionStatus: 'open',
  paymentStatus: 'unpaid',
  amountTotalMinor: 10_000n,
  currency: 'USD',
  topupId: 'tu_1',
  organizationId: 'org_1',
  expiresAtMs: 86_400_000,
  paymentIntent: null,
  card: null,
  receiptEmail: null,
};
const intent = (status: string, amountReceivedMinor = 0n, currency = 'USD') => ({
  id: 'pi_1',
  status,
  amountReceivedMinor,
  currency,
  lastErrorCode: status === 'requires_payment_method' ? 'card_declined' : null,
  actionUrl: status === 'requires_action' ? 'https://bank.example.com/3ds' : null,
});
const DECLINED: PaymentSnapshot = { ...OPEN, paymentIntent: intent('requires_payment_method') };
const UNPAID: PaymentSnapshot = {
  ...OPEN,
  sessionStatus: 'complete',
  paymentIntent: intent('processing'),
};
const PAID: PaymentSnapshot = {
  ...OPEN,
  sessionStatus: 'complete',
  paymentStatus: 'paid',
  paymentIntent: intent('succeeded', 10_000n),
};
const ASYNC_FAILED: PaymentSnapshot = { ...UNPAID, paymentIntent: DECLINED.paymentIntent };
const EXPIRED: PaymentSnapshot = { ...OPEN, sessionStatus: 'expired' };

/** The same without a page: the saved payment method was charged. */
const SAVED: TopUp = {
  ...TOPUP,
  kind: 'off_session',
  state: 'created',
  sessionId: null,
  checkoutUrl: null,
  paymentMethodId: 'pm_1',
};
const bare = (shown: PaymentSnapshot['paymentIntent']): PaymentSnapshot => ({
  ...OPEN,
  sessionId: null,
  sessionStatus: null,
  expiresAtMs: null,
  paymentStatus: shown?.status === 'succeeded' ? 'paid' : 'unpaid',
  paymentIntent: shown,
});
const NEEDS_OWNER = bare({
  ...intent('requires_payment_method'),
  lastErrorCode: 'authentication_required',
});
const ASKED = bare(intent('requires_action'));
const AUTHENTICATION_FAILED = bare({
  ...intent('requires_payment_method'),
  lastErrorCode: 'payment_intent_authentication_failure',
});
const CHARGED = bare(intent('succeeded', 10_000n));
const UNDER_WAY = bare(intent('processing'));

interface End {
  readonly state: TopUpState;
  readonly creditCount: number;
}

/** Shows the snapshots one after the other, as deliveries would. */
function deliver(seen: readonly PaymentSnapshot[], from: TopUp = TOPUP): End {
  let topup = from;
  let creditCount = 0;
  for (const snapshot of seen) {
    const decision = decideTopUp(topup, snapshot);
    if (decision.kind === 'none') continue;
    topup = { ...topup, state: decision.to, reason: decision.reason };
    if (decision.to === 'succeeded') creditCount += 1;
  }
  return { state: topup.state, creditCount };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

/**
 * Each history is what Stripe went through, oldest first. Every delivery shows the truth at some moment,
 * and a slow handler may show an old one after a newer one: so any order of any of them must end right
 * as long as the last truth is among them.
 */
const HISTORIES: readonly { name: string; truths: readonly PaymentSnapshot[]; end: End }[] = [
  { name: 'paid by card', truths: [OPEN, PAID], end: { state: 'succeeded', creditCount: 1 } },
  {
    name: 'declined, then paid',
    truths: [OPEN, DECLINED, PAID],
    end: { state: 'succeeded', creditCount: 1 },
  },
  {
    name: 'unpaid, then async success',
    truths: [OPEN, UNPAID, PAID],
    end: { state: 'succeeded', creditCount: 1 },
  },
  {
    name: 'unpaid, then async failure',
    truths: [OPEN, UNPAID, ASYNC_FAILED],
    end: { state: 'failed', creditCount: 0 },
  },
  {
    name: 'abandoned',
    truths: [OPEN, DECLINED, EXPIRED],
    end: { state: 'expired', creditCount: 0 },
  },
  {
    name: 'still unpaid',
    truths: [OPEN, UNPAID],
    end: { state: 'processing', creditCount: 0 },
  },
];

const SAVED_HISTORIES: typeof HISTORIES = [
  { name: 'charged at once', truths: [CHARGED], end: { state: 'succeeded', creditCount: 1 } },
  {
    name: 'declined',
    truths: [bare(intent('requires_payment_method'))],
    end: { state: 'failed', creditCount: 0 },
  },
  {
    name: 'a bank debit that arrives',
    truths: [UNDER_WAY, CHARGED],
    end: { state: 'succeeded', creditCount: 1 },
  },
  {
    name: 'a bank debit that fails',
    truths: [UNDER_WAY, bare(intent('requires_payment_method'))],
    end: { state: 'failed', creditCount: 0 },
  },
  {
    name: 'the bank asks for its customer, who comes',
    truths: [NEEDS_OWNER, ASKED, UNDER_WAY, CHARGED],
    end: { state: 'succeeded', creditCount: 1 },
  },
  {
    name: 'the bank asks for its customer, who says no',
    truths: [NEEDS_OWNER, ASKED, AUTHENTICATION_FAILED],
    end: { state: 'failed', creditCount: 0 },
  },
  {
    name: 'the bank asks for its customer, who does not come',
    truths: [NEEDS_OWNER, ASKED, bare(intent('canceled'))],
    end: { state: 'expired', creditCount: 0 },
  },
];

for (const { name, truths, end } of SAVED_HISTORIES) {
  test(`T21 saved method, ${name}: each event three times, in every order, ends the same`, () => {
    const orders = permutations(truths);
    for (const first of orders) {
      for (const second of orders) {
        for (const third of orders.slice(0, 6)) {
          expect(deliver([...first, ...second, ...third], SAVED)).toEqual(end);
        }
      }
    }
  });
}

test('a saved method that needs its owner is a question, not a decline; another payment is a stray', () => {
  expect(decideTopUp(SAVED, NEEDS_OWNER)).toEqual({
    kind: 'move',
    to: 'requires_action',
    reason: 'authentication_required',
  });
  const known: TopUp = { ...SAVED, state: 'processing', paymentIntentId: 'pi_0' };
  expect(decideTopUp(known, bare(intent('requires_payment_method')))).toEqual({
    kind: 'none',
    why: 'not_ours',
  });
  expect(decideTopUp(known, CHARGED)).toMatchObject({ to: 'parked', reason: 'session_mismatch' });
  expect(decideTopUp({ ...known, state: 'succeeded' }, CHARGED)).toEqual({
    kind: 'none',
    why: 'paid_again',
  });
});

for (const { name, truths, end } of HISTORIES) {
  test(`T21 ${name}: each event three times, in every order, ends the same and credits at most once`, () => {
    const orders = permutations(truths);
    for (const first of orders) {
      for (const second of orders) {
        for (const third of orders) {
          expect(deliver([...first, ...second, ...third])).toEqual(end);
        }
      }
    }
  });

  test(`T21 ${name}: the same when the webhook overtakes the storing of the session`, () => {
    const created: TopUp = { ...TOPUP, state: 'created', sessionId: null, checkoutUrl: null };
    for (const order of permutations(truths)) expect(deliver(order, created)).toEqual(end);
  });
}

test('T21 a completed session that is unpaid waits: no credit until the money is there', () => {
  expect(deliver([UNPAID, UNPAID, UNPAID])).toEqual({ state: 'processing', creditCount: 0 });
});

test('a paid session counts as proof only when its payment intent has succeeded', () => {
  const early = { ...PAID, paymentIntent: intent('processing') };
  expect(deliver([early])).toEqual({ state: 'processing', creditCount: 0 });
  expect(deliver([early, PAID])).toEqual({ state: 'succeeded', creditCount: 1 });
});

test('proof of payment outweighs a failure or an expiry that we believed', () => {
  for (const state of ['failed', 'expired'] as const) {
    expect(deliver([PAID], { ...TOPUP, state, reason: 'x' }).state).toBe('succeeded');
  }
});

test('money that does not fit is parked with the first reason that applies, and never credited', () => {
  const wrong: { -readonly [K in keyof PaymentSnapshot]: PaymentSnapshot[K] } = {
    ...PAID,
    sessionId: 'cs_other',
    organizationId: 'org_other',
    currency: 'EUR',
    amountTotalMinor: 9_999n,
    paymentIntent: null,
  };
  const reasonOf = (): string | null => {
    const decision = decideTopUp(TOPUP, wrong);
    return decision.kind === 'move' && decision.to === 'parked' ? decision.reason : null;
  };
  expect(reasonOf()).toBe('session_mismatch');
  wrong.sessionId = 'cs_1';
  expect(reasonOf()).toBe('organization_mismatch');
  wrong.organizationId = 'org_1';
  expect(reasonOf()).toBe('currency_mismatch');
  wrong.currency = 'USD';
  expect(reasonOf()).toBe('amount_mismatch');
  wrong.amountTotalMinor = 10_000n;
  expect(reasonOf()).toBe('payment_intent_missing');
  wrong.paymentIntent = intent('succeeded', 10_000n, 'EUR');
  expect(reasonOf()).toBe('currency_mismatch');
  wrong.paymentIntent = intent('succeeded', 9_999n);
  expect(reasonOf()).toBe('amount_mismatch');
  expect(deliver([wrong, PAID, PAID])).toEqual({ state: 'parked', creditCount: 0 });
  wrong.paymentIntent = intent('succeeded', 10_000n);
  expect(decideTopUp(TOPUP, wrong)).toMatchObject({ to: 'succeeded' });
});

test('T21 a free session is a wrong amount: no credit', () => {
  const free = {
    ...PAID,
    paymentStatus: 'no_payment_required' as const,
    amountTotalMinor: 0n,
    paymentIntent: null,
  };
  expect(deliver([free])).toEqual({ state: 'parked', creditCount: 0 });
});

test('a session of another top-up changes nothing; a stray one of ours only matters when it is paid', () => {
  expect(decideTopUp(TOPUP, { ...PAID, topupId: 'tu_2' })).toEqual({
    kind: 'none',
    why: 'not_ours',
  });
  const stray = { ...EXPIRED, sessionId: 'cs_2' };
  expect(decideTopUp(TOPUP, stray)).toEqual({ kind: 'none', why: 'not_ours' });
  const credited: TopUp = { ...TOPUP, state: 'succeeded' };
  expect(decideTopUp(credited, { ...PAID, sessionId: 'cs_2' })).toEqual({
    kind: 'none',
    why: 'paid_again',
  });
});

test('until money comes the states can only rise: no way leads back to where it began', () => {
  const before = [...OPEN_STATES, 'failed', 'expired', 'parked', 'dismissed'] as const;
  for (const from of before) {
    for (const to of TOPUP_STATES) expect(canMove(from, to) && canMove(to, from)).toBe(false);
  }
});

test('a payment that is shown again moves nothing once the money is in, or an operator has it', () => {
  for (const state of [...PAID_STATES, 'parked', 'dismissed'] as const) {
    for (const seen of [OPEN, DECLINED, UNPAID, PAID, EXPIRED, ASYNC_FAILED]) {
      expect(decideTopUp({ ...TOPUP, state, reason: 'x' }, seen).kind).toBe('none');
    }
  }
});

test('the state of paid money follows from the facts alone, and every move between them exists', () => {
  const stateOf = (refundedMinor: bigint, dispute: 'none' | 'open' | 'won' | 'lost') =>
    stateOfMoney({ amountMinor: 100n, refundedMinor, dispute });
  expect(stateOf(0n, 'none')).toBe('succeeded');
  expect(stateOf(40n, 'none')).toBe('refunded_partially');
  expect(stateOf(100n, 'won')).toBe('refunded');
  expect(stateOf(0n, 'open')).toBe('disputed');
  expect(stateOf(40n, 'lost')).toBe('disputed');
  expect(stateOf(40n, 'won')).toBe('refunded_partially');
  for (const from of PAID_STATES) {
    for (const to of PAID_STATES) expect(canMove(from, to)).toBe(from !== to);
  }
});

test('checks come after ten minutes, then at twice the age, at the end, and every six hours at most', () => {
  const minute = 60_000;
  const hour = 60 * minute;
  const topup = { createdAtMs: 0, sessionExpiresAtMs: 24 * hour };
  expect(nextCheckAtMs(topup, 0)).toBe(10 * minute);
  expect(nextCheckAtMs(topup, 40 * minute)).toBe(80 * minute);
  expect(nextCheckAtMs(topup, 12 * hour)).toBe(18 * hour);
  expect(nextCheckAtMs(topup, 23 * hour)).toBe(24 * hour + minute);
  expect(nextCheckAtMs(topup, 30 * hour)).toBe(36 * hour);
});

test('checkAmount: names the field, knows the minimum of each currency and the maximum', () => {
  const faultOf = (amount: unknown, currency: unknown): string | null => {
    const check = checkAmount(amount, currency);
    return check.ok ? null : check.param;
  };
  for (const amount of [
    49,
    0,
    -1,
    50.5,
    NaN,
    Infinity,
    100_000_000,
    '100',
    null,
    undefined,
    2 ** 53,
  ]) {
    expect(faultOf(amount, 'USD')).toBe('amount');
  }
  expect(faultOf(50, 'USD')).toBeNull();
  expect(faultOf(99_999_999, 'usd')).toBeNull();
  expect(faultOf(49, 'JPY')).toBe('amount');
  expect(faultOf(1_005, 'KWD')).toBe('amount');
  expect(faultOf(1_000, 'XXX')).toBe('currency');
  expect(faultOf(1_000, null)).toBe('currency');
  expect(checkAmount(1_010, 'KWD')).toMatchObject({ ok: true, amountMicros: 1_010_000n });
  expect(checkAmount(500, 'JPY')).toMatchObject({ ok: true, amountMicros: 500_000_000n });
});
