import Stripe from 'stripe';
import { signWebhook } from './webhook-signature.js';

const SECRET = 'whsec_0123456789abcdef';
const BODY = JSON.stringify({ id: 'evt_1', object: 'event', note: 'Zoë' }, null, 2);
const { webhooks } = new Stripe('sk_test_0123456789');

test('signWebhook: the SDK takes the signature over the raw body', () => {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const event = webhooks.constructEvent(BODY, signWebhook(BODY, SECRET, nowSeconds), SECRET);
  expect(event.id).toBe('evt_1');
});

test('signWebhook: equals the header that the SDK itself would make', () => {
  const timestamp = 1_700_000_000;
  const theirs = webhooks.generateTestHeaderString({ payload: BODY, secret: SECRET, timestamp });
  expect(signWebhook(BODY, SECRET, timestamp)).toBe(theirs);
});

test('signWebhook: another body, secret or time is refused by the SDK', () => {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const header = signWebhook(BODY, SECRET, nowSeconds);
  expect(() => webhooks.constructEvent(`${BODY} `, header, SECRET)).toThrow();
  expect(() => webhooks.constructEvent(BODY, header, `${SECRET}x`)).toThrow();
  const old = signWebhook(BODY, SECRET, nowSeconds - 3_600);
  expect(() => webhooks.constructEvent(BODY, old, SECRET)).toThrow('tolerance');
});
