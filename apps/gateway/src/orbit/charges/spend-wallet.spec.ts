// Goal: a caller of `wait=posted` is answered within its patience, whoever is slow (method: a frozen clock that moves by
// what each of Kafka, the reply channel and the ledger took); what is posted is never refused afterwards.
import { describe, expect, test } from '@jest/globals';
import { OrbitError, type ChargeOutcomeView } from '@orbit/contracts';
import { micros } from '@orbit/money';
import { frozenClock } from '@orbit/testing';
import type { Wallets, Spender } from '../../edge/ports.js';
import { PRINCIPAL } from '../../edge/http/principal.fake.js';
import { SpendWallet } from './spend-wallet.js';

const WAIT_MS = 5_000;
const idOf = ({ chargeId }: { readonly chargeId: string }): string => `auth_${chargeId}`;
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
  } as unknown as Wallets;
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
  const spendWallet = new SpendWallet(spender, ledger, replies, WAIT_MS, clock, idOf);
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
  const ledger = { readCharge } as unknown as Wallets;
  const replies = {
    open: () => ({ replyTo: 'r', wait: async () => null, close: () => undefined }),
  };
  const spendWallet = new SpendWallet(spender, ledger, replies, WAIT_MS, frozenClock(), idOf);
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

describe('authorize', () => {
  /** An authorization that Redis refuses; answers what the caller gets, and how often the ledger was asked. */
  async function refusedBy(reason: string, outcome: ChargeOutcomeView | null, change = {}) {
    let asked = 0;
    const ledger = {
      readCharge: async () => {
        asked += 1;
        return outcome;
      },
    } as unknown as Wallets;
    const refused = { status: 'refused', reason, pausedReason: null, endedAs: null };
    const availableMicros = micros(1_000n);
    const spender = {
      authorize: async () => ({ ...refused, availableMicros }),
    } as unknown as Spender;
    const replies = {
      open: () => ({ replyTo: 'r', wait: async () => null, close: () => undefined }),
    };
    const clock = frozenClock();
    const spendWallet = new SpendWallet(spender, ledger, replies, WAIT_MS, clock, idOf);
    const answer = await spendWallet
      .authorize(PRINCIPAL, { ...REQUEST, ...change, ttlSeconds: 60 })
      .catch((error: { code: string }) => error.code);
    return { answer, asked, nowMs: clock.nowMs() };
  }

  test.each(['insufficient_funds', 'paused'])(
    'what is posted already is answered as it was, though a new hold would be refused: %s',
    async (reason) => {
      const { answer, asked, nowMs } = await refusedBy(reason, POSTED);
      expect(answer).toEqual({
        status: 'authorized',
        authorizationId: 'auth_sms_1',
        chargeId: 'sms_1',
        amountMicros: 7_500n,
        availableAfterMicros: 1_000n,
        expiresAtMs: nowMs,
        replayed: true,
      });
      expect(asked).toBe(1);
    },
  );

  test('what a plan has paid is answered as that', async () => {
    const byPlan = { ...POSTED, currency: 'messages', amount: '3' };
    const { answer } = await refusedBy('insufficient_funds', byPlan, { quantity: 3 });
    expect(answer).toMatchObject({
      ...{ replayed: true, currency: 'messages', amountMicros: 3_000_000n },
      allowance: { unit: 'messages', quantity: 3 },
    });
    const other = await refusedBy('insufficient_funds', byPlan, { quantity: 4 });
    expect(other.answer).toBe('insufficient_funds');
  });

  test('a refusal stands where nothing is posted, or something else', async () => {
    const rejected = { ...POSTED, status: 'rejected', reason: 'insufficient_funds' } as const;
    for (const known of [null, rejected, { ...POSTED, amount: '0.0076' }]) {
      expect((await refusedBy('insufficient_funds', known)).answer).toBe('insufficient_funds');
    }
    expect(await refusedBy('unavailable', POSTED)).toMatchObject({ asked: 0 });
  });
});
