import { authorizationIdOf, parseAuthorizationId } from './keys.js';

const id = authorizationIdOf('org_a', 'USD', 'sms_1');

test('an authorization id names its currency and charge, for its own organization', () => {
  expect(parseAuthorizationId('org_a', id)).toEqual({ currency: 'USD', chargeId: 'sms_1' });
  expect(parseAuthorizationId('org_b', id)).toBeNull();
});

test.each([`${id}=`, `${id}!`, `${id.slice(0, -1)}\n${id.slice(-1)}`, `${id}.messages`])(
  'an authorization has one id: %j is none, though it decodes to the same',
  (other) => {
    expect(parseAuthorizationId('org_a', other)).toBeNull();
  },
);
