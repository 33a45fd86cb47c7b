import { scopedAlert } from './new-alert.js';

test.each([
  [{ customer_id: 'org/1', type: 't' }, '/alerts/customer_id/org%2F1'],
  [
    { external_customer_id: 'Ä', type: 't', customer_id: null },
    '/alerts/external_customer_id/%C3%84',
  ],
  [{ subscription_id: 's', type: 't' }, '/alerts/subscription_id/s'],
  [{ plan_id: 'p', type: 't' }, '/alerts/plan_id/p'],
])('an alert of %j is asked for at %s', (body, path) => {
  expect(scopedAlert('POST', '/alerts', body)).toEqual({ path, body: { type: 't' } });
});

test.each<{ body: unknown }>([
  { body: {} },
  { body: undefined },
  { body: { customer_id: 'a', plan_id: 'b' } },
  { body: { customer_id: '' } },
  { body: { customer_id: 7 } },
])('$body names not exactly one thing to watch', ({ body }) => {
  expect(scopedAlert('POST', '/alerts/', body)).toMatch(/^customer_id: give exactly one/);
});

test('other requests are left alone', () => {
  expect(scopedAlert('GET', '/alerts', {})).toBeNull();
  expect(scopedAlert('POST', '/alerts/a/disable', {})).toBeNull();
});
