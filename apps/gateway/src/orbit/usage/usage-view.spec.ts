import { usageView } from './usage-view.js';

const usage = { channel: 'sms', total_messages: 3420, delivered: 3380, failed: 12 };

test('usageView: has the numbers of the seed for 273.60', () => {
  expect(usageView({ ...usage, total_cost: '273.60' }, 'USD')).toEqual({
    key: 'sms',
    channel: 'sms',
    total_messages: 3420,
    delivered: 3380,
    failed: 12,
    total_cost_minor: 27_360,
    total_cost: 273.6,
    total_cost_exact: '273.60',
  });
});

test('usageView: rounds the sum half up to cents and keeps it exact beside them', () => {
  expect(usageView({ ...usage, total_cost: '1.245' }, 'USD')).toMatchObject({
    total_cost_minor: 125,
    total_cost: 1.245,
    total_cost_exact: '1.245',
  });
});

test('usageView: a sum may be larger than any one charge', () => {
  expect(usageView({ ...usage, total_cost: '18014398509.481984' }, 'USD')).toMatchObject({
    total_cost_minor: 1_801_439_850_948,
    total_cost_exact: '18014398509.481984',
  });
});
