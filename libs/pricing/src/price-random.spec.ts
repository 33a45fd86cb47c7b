// Goal: what holds for every price: never negative, monotone where the model is, additive over groups,
// one-shot = incremental, and the lines make the amount. Method: random prices and usage; the seed is printed.
import { expect, test } from '@jest/globals';
import { seededRandom } from '@orbit/testing';
import { Decimal, sumOf } from './decimal.js';
import { FULL_PERIOD, type PriceModel } from './model.js';
import { readPrice, type ModelType } from './price.js';
import { usageOf, type Usage } from './usage.js';

const random = seededRandom();
const ROUNDS = 100;

const quantity = (max = 200_000): Decimal => Decimal.scaled(BigInt(random.integer(0, max)), 3);
const rate = (): string => Decimal.scaled(BigInt(random.integer(0, 99_999)), 6).toString();
function bounds(step = 1): number[] {
  const count = random.integer(2, 5);
  let bound = 0;
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? 0 : (bound += step * random.integer(1, 40)),
  );
}
const lower = (step = 1, name = 'unit_amount'): object[] =>
  bounds(step).map((bound) => ({ tier_lower_bound: String(bound), [name]: rate() }));

function model(type: ModelType, config: unknown): PriceModel {
  const read = readPrice(type, config);
  if (read.status === 'refused') throw new Error(JSON.stringify(read.faults));
  return read.model;
}

/** Models whose amount cannot fall when more is used. */
const MONOTONE: readonly (readonly [ModelType, () => unknown])[] = [
  ['unit', () => ({ unit_amount: rate() })],
  ['tiered_with_proration', () => ({ tiers: lower() })],
  ['package', () => ({ package_amount: rate(), package_size: random.integer(1, 50) })],
  [
    'package_with_allocation',
    () => ({ package_amount: rate(), package_size: '7', allocation: '14' }),
  ],
  ['tiered_package', () => ({ package_size: '5', tiers: lower(5, 'per_unit') })],
];

test.each(MONOTONE)(
  '%s: more usage never costs less, and never less than nothing',
  (type, make) => {
    for (let round = 0; round < ROUNDS; round++) {
      const config = make();
      const price = model(type, config);
      const [a, b] = [quantity(), quantity()];
      const [less, more] = a.isBelow(b) ? [a, b] : [b, a];
      const cost = (units: Decimal): Decimal => price.rate(usageOf(units), FULL_PERIOD).amount;
      const fact = `seed ${String(random.seed)} ${JSON.stringify(config)} ${less.toString()} ${more.toString()}`;
      expect([fact, cost(less).isNegative, cost(more).isBelow(cost(less))]).toEqual([
        fact,
        false,
        false,
      ]);
    }
  },
);

const groupsOf = (): Usage =>
  ['a', 'b', 'c', null].map((g) => ({ values: { g }, quantity: quantity() }));

const ADDITIVE: readonly (readonly [ModelType, () => unknown])[] = [
  ['grouped_tiered', () => ({ grouping_key: 'g', tiers: lower() })],
  [
    'grouped_allocation',
    () => ({ grouping_key: 'g', allocation: '20', overage_unit_rate: rate() }),
  ],
  [
    'grouped_with_min_max_thresholds',
    () => ({ grouping_key: 'g', per_unit_rate: rate(), minimum_charge: '1', maximum_charge: '9' }),
  ],
  [
    'matrix',
    () => ({
      dimensions: ['g'],
      default_unit_amount: rate(),
      matrix_values: [{ dimension_values: ['a'], unit_amount: rate() }],
    }),
  ],
];

test.each(ADDITIVE)('%s: groups together cost what each costs alone', (type, make) => {
  for (let round = 0; round < ROUNDS; round++) {
    const price = model(type, make());
    const usage = groupsOf();
    const alone = usage.map((row) => price.rate([row], FULL_PERIOD).amount);
    const together = price.rate(random.shuffle(usage), FULL_PERIOD);
    expect([random.seed, together.amount.toString()]).toEqual([
      random.seed,
      sumOf(alone).toString(),
    ]);
    expect(sumOf(together.lines.map(({ amount }) => amount)).toString()).toBe(
      together.amount.toString(),
    );
  }
});

test('events that come one by one, in any order, end where all at once end', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const config = { tiers: lower() };
    const price = model('bulk_with_proration', config);
    const events = Array.from({ length: random.integer(1, 30) }, () => quantity(5_000));
    let seen: Usage = [];
    for (const event of random.shuffle(events)) seen = [...seen, { values: {}, quantity: event }];
    const once = price.rate(usageOf(sumOf(events)), FULL_PERIOD).amount;
    expect([random.seed, price.rate(seen, FULL_PERIOD).amount.toString()]).toEqual([
      random.seed,
      once.toString(),
    ]);
  }
});
