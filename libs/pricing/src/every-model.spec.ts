// Goal: what holds for each of the 36 models at, below and above every bound, for fractions, groups and events without
// the property: never below zero, lines make the amount, order and portions of events change nothing, one by one ends
// where all at once ends, a part of a period costs no more than the whole. Method: one configuration of each; the
// bounds out of the configuration itself; the seed is printed.
import { describe, expect, test } from '@jest/globals';
import { seededRandom } from '@orbit/testing';
import { PRICE_SAMPLES } from '../../../apps/invoicing/src/catalogue/price-samples-fixture.js';
import { Decimal, parseDecimal, sumOf } from './decimal.js';
import { FULL_PERIOD, type PriceModel, type RatingTerms } from './model.js';
import { MODEL_TYPES, readPrice, type ModelType } from './price.js';
import type { Usage, UsageRow } from './usage.js';

const random = seededRandom();
const VALUES: readonly [string | null, ...(string | null)[]] = [
  ...(['eu', 'us', 'gold', 'a', 'b', '2', '0.5', '2026-05-16', null] as const),
];
const HALF: RatingTerms = {
  proration: { numerator: 15n, denominator: 31n },
  components: [Decimal.of(5n)],
};
const FULL: RatingTerms = { ...FULL_PERIOD, components: HALF.components };

/** All units at the rate of the tier that the total reaches: intended, and shown in previews (T09). */
const FALLING: ReadonlySet<ModelType> = new Set<ModelType>([
  ...(['bulk', 'bulk_with_filters', 'bulk_with_proration'] as const),
]);

function modelOf(type: ModelType): PriceModel {
  const read = readPrice(type, PRICE_SAMPLES[type]);
  if (read.status === 'refused') throw new Error(`${type}: ${JSON.stringify(read.faults)}`);
  return read.model;
}

/** Every number of a configuration, a little below and above it, and zero, one and halves. */
function boundsOf(config: unknown): readonly [Decimal, ...Decimal[]] {
  const found = new Map<string, Decimal>();
  const add = (value: Decimal): unknown => value.isNegative || found.set(value.toString(), value);
  const walk = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) return Object.values(value).forEach(walk);
    const number = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
    const bound = parseDecimal(number);
    if (bound === null) return;
    for (const near of ['-0.001', '0', '0.001', '1']) add(bound.plus(parseDecimal(near)!));
  };
  walk(config);
  for (const text of ['0', '0.5', '1', '7.25', '1000']) add(parseDecimal(text)!);
  const [least = Decimal.ZERO, ...others] = [...found.values()].sort((a, b) => a.compare(b));
  return [least, ...others];
}

const rowOf = (dimensions: readonly string[], quantity: Decimal): UsageRow => ({
  values: Object.fromEntries(dimensions.map((name) => [name, random.pick(VALUES)])),
  quantity,
});

describe.each(MODEL_TYPES)('%s', (type) => {
  const model = modelOf(type);
  const isFalling = FALLING.has(type);
  const bounds = boundsOf(PRICE_SAMPLES[type]);
  const rate = (usage: Usage, terms = FULL): Decimal => model.rate(usage, terms).amount;
  /** Each bound alone, and groups of random bounds. */
  const usages: readonly Usage[] = [
    [],
    ...bounds.map((quantity) => [rowOf(model.dimensions, quantity)]),
    ...Array.from({ length: 20 }, () =>
      Array.from({ length: random.integer(1, 6) }, () =>
        rowOf(model.dimensions, random.pick(bounds)),
      ),
    ),
  ];
  const factOf = (usage: Usage): string =>
    `seed ${String(random.seed)} ${JSON.stringify(usage.map(({ values, quantity }) => [values, quantity.toString()]))}`;

  test('is never below zero, explains itself, and its lines make its amount', () => {
    for (const usage of usages) {
      const { amount, lines, formula } = model.rate(usage, FULL);
      // A minimum of the price as a whole stands beside the lines.
      const [, least = '0'] = /; at least (\S+)$/.exec(formula()) ?? [];
      const sum = sumOf(lines.map((line) => line.amount)).max(parseDecimal(least)!);
      const fact = [factOf(usage), amount.isNegative, sum.toString(), formula() === ''];
      expect(fact).toEqual([factOf(usage), false, amount.toString(), false]);
    }
  });

  test('rates events in any order, in any portions, and one by one, to the same amount', () => {
    for (const usage of usages) {
      const once = rate(usage).toString();
      const halves = usage.flatMap(({ values, quantity }) => {
        const part = quantity.dividedBy(Decimal.of(4n));
        return [
          { values, quantity: part },
          { values, quantity: quantity.minus(part) },
        ];
      });
      expect([factOf(usage), rate(random.shuffle(usage)).toString()]).toEqual([
        factOf(usage),
        once,
      ]);
      expect([factOf(usage), rate(random.shuffle(halves)).toString()]).toEqual([
        factOf(usage),
        once,
      ]);
      let seen: Usage = [];
      let running = rate(seen);
      for (const row of halves) {
        const next = [...seen, row];
        running = running.plus(rate(next).minus(rate(seen)));
        seen = next;
      }
      expect([factOf(usage), running.toString()]).toEqual([factOf(usage), once]);
    }
  });

  test('a part of a period costs no more than the whole, and never less than nothing', () => {
    for (const usage of usages) {
      const part = rate(usage, HALF);
      const fact = [factOf(usage), part.isNegative, part.isAbove(rate(usage))];
      expect(fact).toEqual([factOf(usage), false, false]);
    }
  });

  test(isFalling ? 'costs less again behind a bound, as it says' : 'more never costs less', () => {
    const values = VALUES.map((value) =>
      Object.fromEntries(model.dimensions.map((name) => [name, value])),
    );
    const falls = values.flatMap((own) =>
      bounds.slice(1).filter((more, index) => {
        const less = bounds[index] ?? Decimal.ZERO;
        const cost = (quantity: Decimal): Decimal => rate([{ values: own, quantity }]);
        return cost(more).isBelow(cost(less));
      }),
    );
    expect([random.seed, falls.length > 0]).toEqual([random.seed, isFalling]);
  });

  test('an event without the property is rated like one whose property is null', () => {
    for (const quantity of bounds) {
      const nulls = Object.fromEntries(model.dimensions.map((name) => [name, null]));
      const missing = rate([{ values: {}, quantity }]).toString();
      expect([quantity.toString(), missing]).toEqual([
        quantity.toString(),
        rate([{ values: nulls, quantity }]).toString(),
      ]);
    }
  });
});
