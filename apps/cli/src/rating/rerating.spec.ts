// Goal: charges rated again cost exactly what the other card says, and by the same card the difference is 0, whatever
// was captured of them. Method: random cards and charges, tagged as the doors tag them; the seed is printed.
import { expect, test } from '@jest/globals';
import { PRICE_TAG, priceTagOf, rateAsk, type ReadyCard } from '@orbit/contracts';
import { decimal, readCardPrices } from '@orbit/pricing';
import { seededRandom } from '@orbit/testing';
import { Rerating, totalsOf } from './rerating.js';

const random = seededRandom();
const unit = (unit_amount: string) => ({ model_type: 'unit', unit_config: { unit_amount } });
const cardOf = (prices: object, version = '1.0'): ReadyCard => ({
  version,
  prices: readCardPrices(prices).prices,
});
const CHAT = (input: string, output: string) => ({
  ...{ currency: 'USD', channel: 'ai' },
  dimensions: { input: unit(input), output: unit(output) },
});
const booked = (card: ReadyCard, ask: object, amountMicros?: bigint) => {
  const rated = rateAsk(card, ask as { price: string });
  if ('fault' in rated) throw new Error(rated.fault.message);
  const { currency } = rated;
  const micros = amountMicros ?? rated.amountMicros;
  return { organizationId: 'org_a', currency, amountMicros: micros, metadata: priceTagOf(rated) };
};

test('T01 a thousand times by a card at twice the price: charged 8.755, rerated 17.51, difference 8.755', () => {
  const card = cardOf({ chat: CHAT('0.0000025', '0.00001') });
  const rerating = new Rerating(cardOf({ chat: CHAT('0.000005', '0.00002') }));
  const ask = { price: 'chat', quantities: { input: 1234, output: '567' } };
  for (let call = 0; call < 1_000; call++) rerating.add(booked(card, ask), false);
  expect(rerating.rows()).toEqual([
    {
      ...{ organization_id: 'org_a', currency: 'USD', charges: 1_000, charged: '8.755' },
      ...{ rerated: '17.51', difference: '8.755', unrated: 0, paid_by_plan: 0 },
    },
  ]);
});

test('by the same card the difference is 0 for any charges, captured whole, in part or finer than micros', () => {
  const graduated = (first: string) => ({
    ...{ currency: 'USD', channel: 'ai', model_type: 'tiered' },
    tiered_config: {
      tiers: [
        { first_unit: '0', last_unit: '10', unit_amount: first },
        { first_unit: '10', last_unit: null, unit_amount: '0.0000003' },
      ],
    },
  });
  const card = cardOf({
    tiny: { currency: 'EUR', channel: 'x', ...unit('0.0000001') },
    tier: graduated('0.003'),
  });
  const [same, other] = [new Rerating(card), new Rerating(cardOf({ tier: graduated('0.004') }))];
  for (let round = 0; round < 300; round++) {
    const quantity = random.integer(0, 400) / 8;
    const price = random.integer(0, 1) === 0 ? 'tiny' : 'tier';
    const whole = booked(card, { price, quantity: String(quantity) });
    const part = BigInt(random.integer(1, Number(whole.amountMicros)));
    const charge = {
      ...whole,
      amountMicros: random.integer(0, 2) === 0 ? part : whole.amountMicros,
    };
    for (const one of [same, other]) one.add(charge, false);
  }
  const fact = `seed ${String(random.seed)}`;
  expect([fact, ...same.rows().map(({ difference }) => difference)]).toEqual([fact, '0', '0']);
  const [euro, usd] = other.rows();
  expect(euro?.unrated).toBe(euro?.charges);
  expect(decimal(usd!.difference).isAbove(decimal('0'))).toBe(true);
});

test('half a capture counts half; own prices, plans, other currencies and prices that are gone stay as they are', () => {
  const card = cardOf({ one: { currency: 'USD', channel: 'x', ...unit('2') } });
  const rerating = new Rerating(cardOf({ one: { currency: 'USD', channel: 'x', ...unit('3') } }));
  const charge = booked(card, { price: 'one', quantity: 1 });
  rerating.add({ ...charge, amountMicros: 1_000_000n }, false);
  rerating.add(charge, true);
  rerating.add(
    { ...charge, metadata: { ...charge.metadata, orbit_allowance: 'messages:1' } },
    false,
  );
  rerating.add({ ...charge, currency: 'EUR' }, false);
  rerating.add({ ...charge, metadata: { ...charge.metadata, [PRICE_TAG.price]: 'gone' } }, false);
  rerating.add({ ...charge, metadata: { [PRICE_TAG.rated]: 'odd' } }, false);
  const row = {
    charges: 3,
    charged: '5',
    rerated: '5.5',
    difference: '0.5',
    unrated: 1,
    paid_by_plan: 1,
  };
  expect(rerating.rows()[1]).toEqual({ organization_id: 'org_a', currency: 'USD', ...row });
  expect(totalsOf(rerating.rows())[1]).toEqual({ currency: 'USD', ...row });
});
