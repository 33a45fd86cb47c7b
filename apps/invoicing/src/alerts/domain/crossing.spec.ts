import { decimal } from '@orbit/pricing';
import { Faults } from '../../catalogue/domain/faults.js';
import { crossed, exceeded, isInAlert, thresholdsOf } from './crossing.js';
import { readAlertUpdate, readNewAlert } from './read-alert.js';
import { subjectOf } from './alert.js';

const d = decimal;

describe('a growing amount', () => {
  test.each([
    ['99.99', null, '10'],
    ['100', null, '100'],
    ['1000', null, '500'],
    ['499', '100', null],
    ['500', '100', '500'],
    ['600', '500', null],
  ])('of %s, with %s reported, reaches %s', (amount, reported, line) => {
    const before = reported === null ? null : d(reported);
    expect(exceeded(['10', '100', '500'], d(amount), before)).toBe(line);
  });
  test('reaches nothing below the least threshold, and 0 at once', () => {
    expect(exceeded(['10'], d('9.999999'), null)).toBeNull();
    expect(exceeded(['0', '10'], d('0'), null)).toBe('0');
  });
});

describe('a balance', () => {
  test.each([
    ['101', '100', '100'],
    ['101', '99.999999', '100'],
    ['100', '99', null],
    ['200', '5', '100'],
    ['99', '101', null],
    ['60', '-3', '50'],
  ])('from %s to %s drops to the line %s', (before, after, line) => {
    expect(crossed('credit_balance_dropped', ['10', '50', '100'], d(before), d(after))).toBe(line);
  });
  test.each([
    ['1', '0', '0', null],
    ['1', '-5', '0', null],
    ['0', '-5', null, null],
    ['0', '1', null, '0'],
    ['-5', '1', null, '0'],
    ['-5', '0', null, null],
  ])('from %s to %s is depleted %s and recovered %s', (before, after, depleted, recovered) => {
    expect(crossed('credit_balance_depleted', [], d(before), d(after))).toBe(depleted);
    expect(crossed('credit_balance_recovered', [], d(before), d(after))).toBe(recovered);
  });
  test('is in alert at the line itself', () => {
    expect(isInAlert('credit_balance_dropped', '100', d('100'))).toBe(true);
    expect(isInAlert('credit_balance_dropped', '100', d('100.01'))).toBe(false);
    expect(isInAlert('credit_balance_recovered', '0', d('0'))).toBe(false);
  });
});

test('the override that binds the most keys counts for a group', () => {
  const alert = {
    thresholds: ['10'],
    groupingKeys: ['region', 'model'],
    overrides: [
      { groupKeys: ['region'], groupValues: ['eu'], thresholds: ['20'] },
      { groupKeys: null, groupValues: ['eu', 'big'], thresholds: [] },
    ],
  };
  expect(thresholdsOf(alert, ['us', 'big'])).toEqual(['10']);
  expect(thresholdsOf(alert, ['eu', 'small'])).toEqual(['20']);
  expect(thresholdsOf(alert, ['eu', 'big'])).toEqual([]);
});

describe('a request', () => {
  const read = (body: Record<string, unknown>) => {
    const faults = new Faults();
    const terms = readNewAlert(body, faults);
    return { terms, said: faults.sentences };
  };
  const lines = (...values: unknown[]) => values.map((value) => ({ value }));

  test('says its thresholds in any order', () => {
    const { terms, said } = read({
      ...{ type: 'spend_exceeded', currency: 'USD', thresholds: lines(100, 1e-7, 5) },
    });
    expect(said).toEqual([]);
    expect(terms.thresholds).toEqual(['0.0000001', '5', '100']);
  });
  test.each([
    [{ type: 'usage_exceeded', thresholds: lines(1) }, 'metric_id'],
    [{ type: 'cost_exceeded', thresholds: lines(1), metric_id: 'm' }, 'metric_id'],
    [{ type: 'spend_exceeded', thresholds: lines(1) }, 'currency'],
    [{ type: 'cost_exceeded', thresholds: [] }, 'thresholds'],
    [{ type: 'cost_exceeded', thresholds: lines(-1) }, 'thresholds[0].value'],
    [{ type: 'cost_exceeded', thresholds: lines(1, 1) }, 'thresholds[1].value'],
    [{ type: 'cost_exceeded', thresholds: lines(1), grouping_keys: ['a'] }, 'currency'],
    [{ type: 'credit_balance_dropped', currency: 'USD' }, 'thresholds'],
    [{ type: 'credit_balance_dropped', currency: '€', thresholds: lines(1) }, 'currency'],
    [
      {
        ...{ type: 'spend_exceeded', currency: 'USD', thresholds: lines(1) },
        price_filters: [{ field: 'currency', operator: 'includes', values: ['USD'] }],
      },
      'price_filters[0].field',
    ],
    [
      {
        ...{ type: 'cost_exceeded', currency: 'USD', thresholds: lines(1), grouping_keys: ['a'] },
        threshold_overrides: [{ group_values: ['x', 'y'], thresholds: lines(1) }],
      },
      'threshold_overrides[0].group_values',
    ],
    [
      {
        ...{ type: 'cost_exceeded', thresholds: lines(1) },
        threshold_overrides: [{ group_values: ['x'], thresholds: lines(1) }],
      },
      'threshold_overrides',
    ],
  ])('%j is told what is wrong with %s', (body, field) => {
    const { said } = read(body);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^${field.replace(/[[\]]/g, '\\$&')} `));
  });
  test('an update keeps what is absent and clears what is empty', () => {
    const filter = { field: 'item_id', operator: 'includes', values: ['i'] };
    const body = { type: 'spend_exceeded', currency: 'USD', thresholds: lines(1) };
    const { terms } = read({ ...body, price_filters: [filter] });
    const update = (fields: object) => readAlertUpdate(terms, { ...fields }, new Faults());
    expect(update({ thresholds: lines(3) })).toMatchObject({
      ...{ thresholds: ['3'], priceFilters: [filter] },
    });
    expect(update({ thresholds: lines(3), price_filters: [] }).priceFilters).toBeNull();
  });
  test('filters in another order are the same subject', () => {
    const [a, b] = ['x', 'y'].map((id) => ({
      ...{ field: 'price_id', operator: 'includes', values: [id, 'z'] },
    }));
    const of = (price_filters: unknown) =>
      subjectOf(
        read({ type: 'spend_exceeded', currency: 'USD', thresholds: lines(1), price_filters })
          .terms,
      );
    expect(of([a, b])).toBe(of([b, { ...a, values: ['z', 'x'] }]));
    expect(of([a])).not.toBe(of([b]));
  });
});
