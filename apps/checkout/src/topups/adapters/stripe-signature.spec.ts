import { createStripe, StripeSignatureCheck } from './stripe-provider.js';

const SECRET = 'whsec_of_the_tests';
const NOW_MS = Date.parse('2026-05-16T12:00:00Z');
const stripe = createStripe('sk_test_1');
const check = new StripeSignatureCheck(stripe, SECRET);
const payload = JSON.stringify({ id: 'evt_1', object: 'event' });

const verify = (signedAtSeconds: number, before = ''): unknown => {
  const timestamp = NOW_MS / 1_000 + signedAtSeconds;
  const options = { payload, secret: SECRET, timestamp };
  const header = stripe.webhooks.generateTestHeaderString(options);
  return check.verify(Buffer.from(payload), `${before}${header}`, NOW_MS);
};

test.each([-300, -1, 0, 300])('a signature of %i s from now is good', (seconds) => {
  expect(verify(seconds)).toMatchObject({ id: 'evt_1' });
});

test.each([-301, 301, 3_600, 31_536_000])('a signature of %i s from now is refused', (seconds) => {
  expect(verify(seconds)).toBeNull();
});

test('a second time in front does not hide one that is far ahead', () => {
  expect(verify(3_600, `t=${NOW_MS / 1_000},`)).toBeNull();
});
