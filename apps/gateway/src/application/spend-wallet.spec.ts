// Goal: a caller of `wait=posted` is answered within its patience, whoever is slow (method: a frozen clock that moves by
// what each of Kafka, the reply channel and the ledger took); what is posted is never refused afterwards.
import { expect, test } from '@jest/globals';
import { OrbitError, type ChargeOutcomeView } from '@orbit/contracts';
import { micros } from '@orbit/money';
import { frozenClock } from '@orbit/testing';
import type { Ledger, Spender } from './ports.js';
import { PRINCIPAL } from './principal.fake.js';
import { SpendWallet } from './spend-wallet.js';

const WAIT_MS = 5_000;
const REQUEST = {
  chargeId: 'sms_1',
  amountMicros: micros(7_500n),
  currency: 'USD',
  channel: 'sms',
  quantity: 1,
  metadata: {},
} as const;
const POSTED: ChargeOutcomeView = {
  charge_id: 'sms_1',
  status: 'posted',
  reason: null,
  amount: '0.0075',
  currency: 'USD',
  balance_after: '1.00',
  sequence: '1',
  slices: [],
};

interface Slowness {
  readonly publishMs: number;
  readonly readMs: number;
  readonly replayed: boolean;
  /** When the books have it, in milliseconds after the request; never unless told. */
  readonly postedAfterMs?: number;
}

/** One request; answers how it ended and how long it took. */
async function chargeAndWait({ publishMs, readMs, replayed, postedAfterMs }: Slowness) {
  const clock = frozenClock();
  const startMs = clock.nowMs();
  const tookMs = () => clock.nowMs() - startMs;
  const spender = {
    charge: async () => {
      clock.advance(publishMs);
      return {
        status: 'charged',
        authorizationId: 'auth_1',
        chargeId: REQUEST.chargeId,
        amountMicros: REQUEST.amountMicros,
        availableAfterMicros: micros(0n),
        replayed,
      };
    },
  } as unknown as Spender;
  const ledger = {
    readCharge: async () => {
      clock.advance(readMs);
      return postedAfterMs !== undefined && tookMs() >= postedAfterMs ? POSTED : null;
    },
  } as unknown as Ledger;
  const replies = {
    open: () => ({
      replyTo: 'r',
      wait: async (ms: number) => {
        clock.advance(ms);
        return null;
      },
      close: () => undefined,
    }),
  };
  const spendWallet = new SpendWallet(spender, ledger, replies, WAIT_MS, clock);
  const ended = await spendWallet.chargeAndWait(PRINCIPAL, REQUEST).then(
    ({ outcome }) => outcome.status,
    (error: { code: string }) => error.code,
  );
  return { ended, tookMs: tookMs() };
}

test('what Kafka took is not waited for again, but for a second', async () => {
  const slowKafka = await chargeAndWait({ publishMs: 3_000, readMs: 10, replayed: false });
  expect(slowKafka).toEqual({ ended: 'timeout', tookMs: WAIT_MS + 10 });
  const slowest = await chargeAndWait({ publishMs: 5_000, readMs: 10, replayed: false });
  expect(slowest).toEqual({ ended: 'timeout', tookMs: 6_010 });
});

test('a repeat that a slow ledger answers is not asked for longer than a quick one', async () => {
  const { ended, tookMs } = await chargeAndWait({ publishMs: 0, readMs: 2_500, replayed: true });
  expect(ended).toBe('timeout');
  expect(tookMs).toBeLessThanOrEqual(WAIT_MS + 2_500 + 2_500);
});

test('a charge that is posted within the wait is answered as posted', async () => {
  const slow = { publishMs: 3_000, readMs: 10, postedAfterMs: 4_000 };
  expect((await chargeAndWait({ ...slow, replayed: true })).ended).toBe('posted');
  expect((await chargeAndWait({ ...slow, replayed: false })).ended).toBe('posted');
});

/** A charge that Redis refuses; answers what the caller gets when the ledger says this of its id. */
async function refusedBy(
  reason: 'insufficient_funds' | 'paused' | 'unavailable',
  readCharge: () => Promise<ChargeOutcomeView | null>,
) {
  const refused = { status: 'refused', reason, pausedReason: null, endedAs: null };
  const spender = { charge: async () => refused } as unknown as Spender;
  const ledger = { readCharge } as unknown as Ledger;
  const replies = {
    open: () => ({ replyTo: 'r', wait: async () => null, close: () => undefined }),
  };
  const spendWallet = new SpendWallet(spender, ledger, replies, WAIT_MS, frozenClock());
  const answers = [
    await spendWallet.charge(PRINCIPAL, REQUEST).catch((error: { code: string }) => error.code),
    await spendWallet
      .chargeAndWait(PRINCIPAL, REQUEST)
      .catch((error: { code: string }) => error.code),
  ];
  expect(answers[1]).toEqual(answers[0]);
  return answers[0];
}

test.each(['insufficient_funds', 'paused'] as const)(
  'what is posted already is answered again, though a new charge would be refused: %s',
  async (reason) => {
    const answer = await refusedBy(reason, async () => POSTED);
    expect(answer).toEqual({ outcome: POSTED, isReplayed: true });
  },
);

test('a refusal stands where nothing is posted, something else is, or nobody knows', async () => {
  const refusedWhen = (readCharge: () => Promise<ChargeOutcomeView | null>) =>
    refusedBy('insufficient_funds', readCharge);
  const another = { ...POSTED, amount: '0.0076' };
  const rejected = { ...POSTED, status: 'rejected', reason: 'insufficient_funds' } as const;
  for (const known of [null, another, rejected, { ...POSTED, currency: 'EUR' }]) {
    expect(await refusedWhen(async () => known)).toBe('insufficient_funds');
  }
  const away = async () => {
    throw new OrbitError('unavailable', 'The ledger is away.');
  };
  expect(await refusedWhen(away)).toBe('insufficient_funds');
});

test('while Redis is away nobody asks the ledger in its place', async () => {
  expect(await refusedBy('unavailable', async () => POSTED)).toBe('unavailable');
});
