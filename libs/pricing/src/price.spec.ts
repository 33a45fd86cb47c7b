// Goal: every model gives the numbers of docs/cases (T08–T11, T24) at zero, below, at and above each bound.
import { describe, expect, test } from '@jest/globals';
import { decimal } from './decimal.js';
import { FULL_PERIOD, WHOLE, type RatingTerms } from './model.js';
import { MODEL_TYPES, readPrice, type ModelType } from './price.js';
import type { Rating } from './rating.js';
import { usageOf, type Usage } from './usage.js';

function rate(
  type: ModelType,
  config: unknown,
  usage: Usage | string,
  terms: RatingTerms = FULL_PERIOD,
): Rating {
  const read = readPrice(type, config);
  if (read.status === 'refused') throw new Error(JSON.stringify(read.faults));
  const rows = typeof usage === 'string' ? usageOf(decimal(usage)) : usage;
  return read.model.rate(rows, terms);
}
const amount = (...args: Parameters<typeof rate>): string => rate(...args).amount.toString();
const faults = (type: ModelType, config: unknown): string => {
  const read = readPrice(type, config);
  return read.status === 'read' ? '' : read.faults.map((f) => `${f.path}: ${f.message}`).join('\n');
};
/** `{region: 'eu'}` with a quantity, as metering hands it over. */
const rows = (...list: readonly [Record<string, string | null>, string][]): Usage =>
  list.map(([values, quantity]) => ({ values, quantity: decimal(quantity) }));
const of = (...list: readonly [string, string][]): Usage =>
  rows(...list.map(([g, q]): [Record<string, string>, string] => [{ g }, q]));
const half: RatingTerms = { proration: { numerator: 15n, denominator: 30n }, components: [] };

const GRADUATED = {
  tiers: [
    { first_unit: 0, last_unit: 10, unit_amount: '0.50' },
    { first_unit: 10, last_unit: null, unit_amount: '0.10' },
  ],
};
const VOLUME = { tiers: [{ maximum_units: 10, unit_amount: '0.50' }, { unit_amount: '0.40' }] };
const PACKAGE = { package_amount: '0.80', package_size: 10 };
const LOWER = [
  { tier_lower_bound: '0', unit_amount: '1' },
  { tier_lower_bound: '10', unit_amount: '0.5' },
];

describe('one quantity', () => {
  test.each([
    ['0', '0'],
    ['10', '5'],
    ['10.5', '5.05'],
    ['11', '5.1'],
    ['100', '14'],
  ])('T08 graduated: %s units cost %s', (quantity, expected) => {
    expect(amount('tiered', GRADUATED, quantity)).toBe(expected);
    const ones = [
      { first_unit: 1, last_unit: 10, unit_amount: '0.50' },
      { first_unit: 11, unit_amount: '0.10' },
    ];
    expect(amount('tiered', { tiers: ones }, quantity)).toBe(expected);
  });

  test.each([
    ['0', '0'],
    ['9', '4.5'],
    ['10', '5'],
    ['11', '4.4'],
    ['101', '40.4'],
  ])('T09 volume: %s units cost %s', (quantity, expected) => {
    expect(amount('bulk', VOLUME, quantity)).toBe(expected);
  });

  test.each([
    ['0', '0'],
    ['1', '0.8'],
    ['4', '0.8'],
    ['10', '0.8'],
    ['10.5', '1.6'],
    ['11', '1.6'],
    ['20', '1.6'],
  ])('T10 package: %s units cost %s', (quantity, expected) => {
    expect(amount('package', PACKAGE, quantity)).toBe(expected);
  });

  test('T11 events one by one: 5.00 at ten, then −0.60, and the end is the one-shot 4.40', () => {
    const totals = Array.from({ length: 12 }, (_, n) => rate('bulk', VOLUME, String(n)).amount);
    expect(totals[10]?.toString()).toBe('5');
    expect(totals[11]?.minus(totals[10]!).toString()).toBe('-0.6');
    expect(totals[11]?.toString()).toBe('4.4');
  });

  test('the documented example: 150,000 calls cost 107.00; with 8 % tax 115.56', () => {
    const tiers = [
      { first_unit: 0, last_unit: 10_000, unit_amount: '0.001' },
      { first_unit: 10_000, last_unit: 100_000, unit_amount: '0.0008' },
      { first_unit: 100_000, last_unit: null, unit_amount: '0.0005' },
    ];
    const rating = rate('tiered', { tiers }, '150000');
    expect(rating.amount.toString()).toBe('107');
    expect(rating.lines.map((each) => each.formula())).toEqual([
      '10000 × 0.001 = 10',
      '90000 × 0.0008 = 72',
      '50000 × 0.0005 = 25',
    ]);
    expect(rating.formula()).toBe('10 + 72 + 25 = 107');
    const tax = rating.amount.times(decimal('0.08')).round(2, 'HALF_UP');
    expect([tax.toString(), rating.amount.plus(tax).toString()]).toEqual(['8.56', '115.56']);
  });

  test.each<[ModelType, unknown, string, string]>([
    ['unit', { unit_amount: '0.0075' }, '3', '0.0225'],
    ['unit', { unit_amount: '2', scaling_factor: 0.5 }, '3', '3'],
    ['unit_with_percent', { unit_amount: '2', percent: '12.5' }, '8', '2'],
    ['package_with_allocation', { ...PACKAGE, package_size: '10', allocation: '10' }, '10', '0'],
    ['package_with_allocation', { ...PACKAGE, package_size: '10', allocation: '10' }, '11', '0.8'],
    ['tiered_with_proration', { tiers: LOWER }, '12', '11'],
    ['bulk_with_proration', { tiers: LOWER }, '10', '10'],
    ['bulk_with_proration', { tiers: LOWER }, '12', '6'],
    ['unit_with_proration', { unit_amount: '3' }, '2', '6'],
  ])('%s %j of %s units is %s', (type, config, quantity, expected) => {
    expect(amount(type, config, quantity)).toBe(expected);
  });

  test('packages of tiers: the quantity is rounded up first, each tier takes its packages', () => {
    const tiers = [
      { tier_lower_bound: '0', per_unit: '2' },
      { tier_lower_bound: '20', per_unit: '1' },
    ];
    const config = { package_size: '10', tiers };
    const seen = ['0', '1', '20', '21', '45'].map((q) => amount('tiered_package', config, q));
    expect(seen).toEqual(['0', '2', '4', '5', '7']);
  });

  test('the tier that is reached carries the minimum', () => {
    const tiers = LOWER.map((tier, index) => ({
      ...tier,
      minimum_amount: index === 0 ? '5' : '20',
    }));
    const seen = ['0', '3', '6', '10', '11', '50'].map((q) =>
      amount('tiered_with_minimum', { tiers }, q),
    );
    expect(seen).toEqual(['5', '5', '6', '10', '20', '30']);
    const perPackage = tiers.map(({ unit_amount, ...tier }) => ({
      ...tier,
      per_unit: unit_amount,
    }));
    const config = { package_size: 5, tiers: perPackage };
    expect(amount('tiered_package_with_minimum', config, '31')).toBe('20');
  });

  test('a passed threshold sets the total', () => {
    const consumption_table = [
      { threshold: '0', total_amount: '5' },
      { threshold: '100', total_amount: '8' },
    ];
    const seen = ['0', '0.1', '100', '101'].map((q) =>
      amount('threshold_total_amount', { consumption_table }, q),
    );
    expect(seen).toEqual(['0', '5', '5', '8']);
  });

  test('half a period costs half where the model prorates, and the rest is exact', () => {
    expect(amount('unit', { unit_amount: '49', prorated: true }, '1', half)).toBe('24.5');
    expect(amount('unit', { unit_amount: '49' }, '1', half)).toBe('49');
    expect(amount('tiered', { ...GRADUATED, prorated: true }, '11', half)).toBe('2.55');
    const sixteen = { proration: { numerator: 16n, denominator: 31n }, components: [] };
    const monthly = (price: string): string =>
      rate('unit_with_proration', { unit_amount: price }, '1', sixteen)
        .amount.round(2, 'HALF_UP')
        .toString();
    // T24: 49 and 199 for 16 of 31 days.
    expect([monthly('49'), monthly('199')]).toEqual(['25.29', '102.71']);
  });

  test('less than nothing, as corrections may leave it, costs nothing', () => {
    expect(amount('tiered', GRADUATED, '-5')).toBe('0');
    expect(amount('unit', { unit_amount: '1' }, '-5')).toBe('0');
  });
});

describe('a matrix', () => {
  const config = {
    dimensions: ['region', 'tier'],
    default_unit_amount: '1',
    matrix_values: [
      { dimension_values: ['eu', 'gpu'], unit_amount: '3' },
      { dimension_values: ['us', null], unit_amount: '2' },
    ],
  };
  const usage = rows(
    [{ region: 'eu', tier: 'gpu' }, '2'],
    [{ region: 'us', tier: null }, '5'],
    [{ region: 'asia', tier: 'cpu' }, '7'],
    [{}, '1'],
  );

  test('looks each cell up; what has none takes the default, also without the property', () => {
    const rating = rate('matrix', config, usage);
    expect(rating.amount.toString()).toBe('24');
    expect(rating.lines.map(({ name, amount: a }) => [name, a.toString()])).toEqual([
      ['eu / gpu', '6'],
      ['us / without a value', '10'],
      ['asia / cpu', '7'],
      ['without a value / without a value', '1'],
    ]);
  });

  test('an allocation is spent on configured cells first', () => {
    const seen = ['0', '1', '2', '4', '15', '99'].map((allocation) =>
      amount('matrix_with_allocation', { ...config, allocation }, usage),
    );
    expect(seen).toEqual(['24', '21', '18', '14', '0', '0']);
  });

  test('display names, and a value that has no price shows at 0', () => {
    const unit_amounts = [{ display_name: 'GPU', dimension_value: 'a', unit_amount: '2' }];
    const rating = rate(
      'matrix_with_display_name',
      { dimension: 'g', unit_amounts },
      of(['a', '3'], ['b', '4']),
    );
    expect(rating.lines.map(({ name, amount: a }) => `${name} ${a.toString()}`)).toEqual([
      'GPU 6',
      'b 0',
    ]);
  });

  test('cells with tiers of their own, after one allocation for all', () => {
    const tiers = [
      { dimension_values: ['a'], tier_lower_bound: '0', unit_amount: '2' },
      { dimension_values: ['a'], tier_lower_bound: '10', unit_amount: '1' },
      { dimension_values: ['b'], tier_lower_bound: '5', unit_amount: '4' },
    ];
    const base = { dimensions: ['g'], default_unit_amount: '3', allocation: '0', tiers };
    const used = of(['a', '12'], ['b', '6'], ['c', '2']);
    // a: 10 × 2 + 2 × 1; b: 5 × 3 (below its first row) + 1 × 4; c: 2 × 3.
    expect(amount('tiered_matrix_with_allocation', base, used)).toBe('47');
    expect(amount('tiered_matrix_with_allocation', { ...base, allocation: '2' }, used)).toBe('45');
    const grouped = tiers.map(({ dimension_values: [dimension_value], ...tier }) => ({
      ...tier,
      dimension_value,
    }));
    const config2 = { dimension: 'g', default_unit_amount: '3', tiers: grouped };
    expect(amount('grouped_tiered_matrix', config2, used)).toBe('47');
  });

  test('discounts on what groups of cells cost, below and above a threshold', () => {
    const threshold = {
      first_dimension: 'g',
      default_unit_amount: '1',
      matrix_values: [{ first_dimension_value: 'a', unit_amount: '2' }],
      threshold_discount_groups: [
        {
          cell_coordinates: 'a',
          threshold_amount: '10',
          below_threshold_discount_percentage: '0.1',
          above_threshold_discount_percentage: '0.5',
        },
      ],
    };
    const seen = ['5', '6'].map((q) =>
      amount('matrix_with_threshold_discounts', threshold, of(['a', q], ['b', '1'])),
    );
    expect(seen).toEqual(['10', '11']);
  });

  test('factors scale quantities before a unit price or tiers', () => {
    const factors = {
      first_dimension: 'g',
      matrix_scaling_factors: [{ first_dimension_value: 'a', scaling_factor: '1.5' }],
    };
    const used = of(['a', '8'], ['b', '2']);
    const unitConfig = { ...factors, unit_price: '2' };
    expect(amount('scalable_matrix_with_unit_pricing', unitConfig, used)).toBe('28');
    expect(amount('scalable_matrix_with_tiered_pricing', { ...factors, tiers: LOWER }, used)).toBe(
      '12',
    );
  });
});

describe('groups', () => {
  const used = of(['a', '12'], ['b', '4']);
  test.each<[ModelType, unknown, string]>([
    ['grouped_tiered', { grouping_key: 'g', tiers: LOWER }, '15'],
    ['grouped_allocation', { grouping_key: 'g', allocation: '5', overage_unit_rate: '2' }, '14'],
    [
      'cumulative_grouped_allocation',
      { grouping_key: 'g', group_allocation: '3', cumulative_allocation: '4', unit_amount: '2' },
      '12',
    ],
    ['grouped_with_prorated_minimum', { grouping_key: 'g', unit_rate: '1', minimum: '10' }, '22'],
    [
      'grouped_with_min_max_thresholds',
      { grouping_key: 'g', per_unit_rate: '1', minimum_charge: '5', maximum_charge: '10' },
      '15',
    ],
  ])('%s', (type, config, expected) => {
    expect(amount(type, config, used)).toBe(expected);
    expect(amount(type, config, [])).toBe('0');
  });

  test('a minimum of a group has its part of a part of the period', () => {
    const config = { grouping_key: 'g', unit_rate: '1', minimum: '10' };
    expect(amount('grouped_with_prorated_minimum', config, used, half)).toBe('17');
  });

  test('packages for each group, or for the largest alone', () => {
    const tiers = LOWER.map(({ unit_amount, tier_lower_bound }) => ({
      tier_lower_bound,
      per_unit: unit_amount,
    }));
    const config = { grouping_key: 'g', package_size: '5' };
    expect(amount('grouped_tiered_package', { ...config, tiers }, used)).toBe('3.5');
    expect(amount('max_group_tiered_package', { ...config, tiers: LOWER }, used)).toBe('2.5');
  });

  test('the total chooses the tier, each group its rate', () => {
    const dimension_values = [
      { grouping_key: 'a', tier_lower_bound: '0', unit_amount: '3' },
      { grouping_key: 'b', tier_lower_bound: '0', unit_amount: '2' },
      { grouping_key: 'a', tier_lower_bound: '16', unit_amount: '1' },
      { grouping_key: 'b', tier_lower_bound: '16', unit_amount: '1' },
    ];
    const config = { group: 'g', dimension_values };
    expect(amount('cumulative_grouped_bulk', config, used)).toBe('44');
    expect(amount('cumulative_grouped_bulk', config, of(['a', '12'], ['b', '5']))).toBe('17');
  });

  test('rates by one property, factors by another, a minimum for each unit', () => {
    const config = {
      grouping_key: 'g',
      pricing_key: 'p',
      scaling_key: 's',
      minimum_unit_amount: '2',
      unit_amounts: [{ pricing_value: 'x', unit_amount: '3' }],
      scaling_factors: [{ scaling_value: 'big', scaling_factor: '2' }],
    };
    const used2 = rows(
      [{ g: 'a', p: 'x', s: 'big' }, '4'],
      [{ g: 'a', p: 'unknown', s: 'small' }, '1'],
      [{ g: 'b', p: 'x', s: 'small' }, '0.5'],
    );
    expect(amount('grouped_with_metered_minimum', config, used2)).toBe('27.5');
  });

  test('an allowance that was metered is credited up to what was consumed', () => {
    const config = {
      grouping_key: 'g',
      consumption_grouping_value: 'download',
      allowance_grouping_value: 'stored',
      unit_amount: '2',
    };
    const rating = rate(
      'metered_allowance',
      config,
      of(['download', '10'], ['stored', '3'], ['other', '9']),
    );
    expect(rating.lines.map(({ name, amount: a }) => `${name} ${a.toString()}`)).toEqual([
      'Consumption 20',
      'Allowance credit -6',
    ]);
    expect(amount('metered_allowance', config, of(['download', '1'], ['stored', '3']))).toBe('0');
  });
});

describe('events and composites', () => {
  test('events carry their rate; without one the default counts, or nothing does', () => {
    const used = rows([{ r: '0.5' }, '4'], [{ r: null }, '3'], [{ r: 'free' }, '1']);
    expect(amount('event_output', { unit_rating_key: 'r' }, used)).toBe('2');
    expect(amount('event_output', { unit_rating_key: 'r', default_unit_rate: '1' }, used)).toBe(
      '6',
    );
  });

  test('each day has credits of its own', () => {
    const config = {
      event_day_property: 'd',
      dimensions: ['m'],
      default_unit_amount: '1',
      daily_allowance: '10',
      matrix_values: [{ dimension_values: ['big'], unit_amount: '3' }],
    };
    const used = rows(
      [{ d: '1', m: 'big' }, '4'],
      [{ d: '2', m: 'big' }, '1'],
      [{ d: '2', m: 'x' }, '2'],
    );
    expect(amount('daily_credit_allowance', config, used)).toBe('2');
  });

  test('composites stand on their components', () => {
    const terms = { proration: WHOLE, components: [decimal('30'), decimal('12.5')] };
    expect(amount('minimum_composite', { minimum_amount: '50' }, [], terms)).toBe('7.5');
    expect(amount('minimum_composite', { minimum_amount: '40' }, [], terms)).toBe('0');
    expect(amount('percent', { percent: 0.1 }, [], terms)).toBe('4.25');
    expect(amount('percent', { percent: 0.1, minimum_amount: '5' }, [], terms)).toBe('5');
    expect(amount('percent', { percent: 0.1, maximum_amount: '4' }, [], terms)).toBe('4');
    const part = { ...terms, proration: half.proration };
    const prorated = { minimum_amount: '100', prorated: true };
    expect(amount('minimum_composite', prorated, [], part)).toBe('7.5');
  });

  test('filters leave events out', () => {
    const config = { filters: [{ property_key: 'k', property_value: 'v' }], tiers: LOWER };
    expect(amount('bulk_with_filters', config, rows([{ k: 'v' }, '4'], [{ k: 'w' }, '99']))).toBe(
      '4',
    );
  });
});

describe('a configuration that cannot be priced is refused with its path', () => {
  const tier = (first_unit: number, last_unit: number | null, unit_amount = '1'): object => ({
    first_unit,
    last_unit,
    unit_amount,
  });
  test.each<[ModelType, unknown, string]>([
    ['tiered', { tiers: [tier(0, 10), tier(15, null)] }, 'tiers[1].first_unit: leaves a gap'],
    ['tiered', { tiers: [tier(0, 10), tier(5, null)] }, 'tiers[1].first_unit: overlaps'],
    ['tiered', { tiers: [tier(0, 10)] }, 'tiers[0].last_unit: the last tier has no end'],
    ['tiered', { tiers: [tier(0, null), tier(10, null)] }, 'tiers[0].last_unit: only the last'],
    ['tiered', { tiers: [tier(0, null, '-1')] }, 'tiers[0].unit_amount: must not be negative'],
    ['tiered', { tiers: [] }, 'tiered_config.tiers: must have at least 1 entry'],
    ['unit', {}, 'unit_config.unit_amount: must be a decimal'],
    ['unit', { unit_amount: '1e400' }, 'unit_config.unit_amount: must be a decimal'],
    ['unit', null, 'unit_config.unit_amount: must be a decimal'],
    ['package', { package_amount: '1', package_size: 0 }, 'package_size: must be above 0'],
    [
      'tiered_package',
      {
        package_size: '10',
        tiers: [
          { tier_lower_bound: '0', per_unit: '1' },
          { tier_lower_bound: '15', per_unit: '1' },
        ],
      },
      'tiers[1].tier_lower_bound: must be a multiple of the package size 10',
    ],
    ['grouped_tiered', { grouping_key: '', tiers: LOWER }, 'grouping_key: must be a text'],
    [
      'matrix',
      {
        dimensions: ['a'],
        default_unit_amount: '1',
        matrix_values: [
          { dimension_values: ['x'], unit_amount: '1' },
          { dimension_values: ['x'], unit_amount: '2' },
        ],
      },
      'matrix_values[1].dimension_values: stands twice',
    ],
    ['percent', { percent: 1.5 }, 'percent_config.percent: must be above 0 and at most 1'],
  ])('%s %j', (type, config, expected) => {
    expect(faults(type, config)).toContain(expected);
  });

  test('each of the 36 models refuses an empty configuration', () => {
    expect(MODEL_TYPES).toHaveLength(36);
    for (const type of MODEL_TYPES) expect([type, faults(type, {})]).not.toEqual([type, '']);
  });
});
