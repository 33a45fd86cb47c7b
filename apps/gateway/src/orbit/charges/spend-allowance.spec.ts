// Goal: a charge is taken from the plan first and from the wallet when the plan does not cover it, once.
import { micros, type Currency } from '@orbit/money';
import type { ChargeIntent } from '@orbit/spend';
import type { ChargedFrom, Spender } from '../../edge/ports.js';
import { SpendAllowance } from './spend-allowance.js';

const intent: ChargeIntent = {
  organizationId: 'org_a',
  chargeId: 'c1',
  amountMicros: micros(15_000n),
  currency: 'USD',
  channel: 'sms',
  quantity: 2,
  metadata: { campaign: 'spring' },
};

const charged = (one: ChargeIntent): ChargedFrom => ({
  status: 'charged',
  authorizationId: 'auth_1',
  chargeId: one.chargeId,
  amountMicros: one.amountMicros,
  availableAfterMicros: micros(0n),
  replayed: false,
});

function world(hasPlan: boolean, refusal: 'insufficient_funds' | 'unavailable' | null = null) {
  const asked: ChargeIntent[] = [];
  const inner = {
    authorize: async () => ({ status: 'refused' }),
    capture: async () => ({ status: 'not_found' }),
    release: async () => ({ status: 'not_found' }),
    charge: async (one: ChargeIntent) => {
      asked.push(one);
      const refused = { status: 'refused', reason: refusal, availableMicros: null };
      if (one.currency === 'USD' || refusal === null) return charged(one);
      return { ...refused, pausedReason: null, endedAs: null };
    },
  } as unknown as Spender;
  const spender = new SpendAllowance(
    inner,
    { hasPlan: async () => hasPlan },
    { read: async () => null },
    { read: () => null, withTerms: (_organization, id) => id, partOf: () => null },
  );
  return { asked, spender };
}

test('with a plan the quantity is taken in the unit of the channel, its price beside it', async () => {
  const { asked, spender } = world(true);
  expect(await spender.charge(intent)).toMatchObject({
    ...{ currency: 'messages' as unknown as Currency, amountMicros: 2_000_000n },
  });
  expect(asked).toMatchObject([
    {
      currency: 'messages',
      metadata: { campaign: 'spring', price_amount: '0.015', price_currency: 'USD' },
    },
  ]);
});

test('what the plan does not cover falls on the wallet, whole', async () => {
  const { asked, spender } = world(true, 'insufficient_funds');
  expect(await spender.charge(intent)).toEqual(charged(intent));
  expect(asked.map(({ currency }) => currency)).toEqual(['messages', 'USD']);
});

test('while the plan cannot be asked nothing is taken from the wallet', async () => {
  const { asked, spender } = world(true, 'unavailable');
  expect(await spender.charge(intent)).toMatchObject({ reason: 'unavailable' });
  expect(asked).toHaveLength(1);
});

test('without a plan, or for a channel that no plan includes, the wallet is asked at once', async () => {
  const without = world(false);
  await without.spender.charge(intent);
  expect(without.asked).toEqual([intent]);
  const other = world(true);
  await other.spender.charge({ ...intent, channel: 'fax' });
  expect(other.asked.map(({ currency }) => currency)).toEqual(['USD']);
});
