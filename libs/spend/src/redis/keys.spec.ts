import { unsignedIdOf, parseUnsignedId } from './keys.js';

const id = unsignedIdOf('org_a', 'USD', 'sms_1');

test('an unsigned id names its currency and charge, for its own organization', () => {
  expect(parseUnsignedId('org_a', id)).toEqual({ currency: 'USD', chargeId: 'sms_1' });
  expect(parseUnsignedId('org_b', id)).toBeNull();
});

test.each([`${id}=`, `${id}!`, `${id.slice(0, -1)}\n${id.slice(-1)}`, `${id}.messages`])(
  'an unsigned id is one text: %j is none, though it decodes to the same',
  (other) => {
    expect(parseUnsignedId('org_a', other)).toBeNull();
  },
);
