// Goal: an authorization id can be made by nobody else, and names one hold of one organization and nothing more.
import { createHmac } from 'node:crypto';
import { micros, type Currency } from '@orbit/money';
import { AuthorizationIds, type AuthorizedHold } from './authorization-ids.js';
import { unsignedIdOf } from '../redis/keys.js';

const SECRET = 'a secret of the tests, long enough';
const ids = new AuthorizationIds({ secret: SECRET });
const hold: AuthorizedHold = {
  organizationId: 'org_a',
  currency: 'USD',
  chargeId: 'sms:1|ü',
  amountMicros: micros(7_500n),
  part: 'voice_minutes:12',
};
const { organizationId: _, ...named } = hold;

test('an id names its charge, what was held and what a plan pays beside it, for its own organization', () => {
  const id = ids.idOf(hold);
  expect(ids.read('org_a', id)).toEqual({ isSigned: true, ...named });
  expect(ids.read('org_b', id)).toBeNull();
  expect(ids.idOf(hold)).toBe(id);
});

test('the tag is the first half of HMAC-SHA256, whatever the lengths of key and text', () => {
  for (const secret of [SECRET, 'k'.repeat(64), 'k'.repeat(65), 'k'.repeat(500)]) {
    for (const text of ['', 'x', 'ü€'.repeat(100)]) {
      const expected = createHmac('sha256', secret).update(`text\0org\0${text}`).digest();
      const tag = new AuthorizationIds({ secret }).tagOf('org', text);
      expect(tag).toBe(expected.subarray(0, 16).toString('base64url'));
    }
  }
});

test.each<[string, Partial<AuthorizedHold>]>([
  ['more money', { amountMicros: micros(7_501n) }],
  ['another charge', { chargeId: 'sms:2' }],
  ['another currency', { currency: 'EUR' }],
  ['a unit', { currency: 'messages' as unknown as Currency }],
  ['more of the plan', { part: 'voice_minutes:13' }],
  ['nothing of the plan', { part: '' }],
])('the tag of one hold does not fit %s', (_what, change) => {
  const tag = ids.idOf(hold).slice('auth_'.length, 'auth_'.length + 22);
  const other = ids.idOf({ ...hold, ...change });
  const forged = `auth_${tag}${other.slice('auth_'.length + 22)}`;
  expect(forged).not.toBe(other);
  expect(ids.read('org_a', forged)).toBeNull();
});

test.each(['=', '!', '.messages.1.3.3000000', 'AA'])('%j behind an id makes it none', (end) => {
  expect(ids.read('org_a', `${ids.idOf(hold)}${end}`)).toBeNull();
});

test('what another secret signed is none, unless it is the one before', () => {
  const id = ids.idOf(hold);
  const secret = 'the next secret of the tests, as long';
  expect(new AuthorizationIds({ secret }).read('org_a', id)).toBeNull();
  const rotated = new AuthorizationIds({ secret, previousSecret: SECRET });
  expect(rotated.read('org_a', id)).toMatchObject({ isSigned: true });
  expect(ids.read('org_a', rotated.idOf(hold))).toBeNull();
  expect(rotated.isTagOf('org_a', 'x', ids.tagOf('org_a', 'x'))).toBe(true);
  expect(ids.isTagOf('org_b', 'x', ids.tagOf('org_a', 'x'))).toBe(false);
});

test('an id from before signing is read, and said to be unsigned', () => {
  const id = unsignedIdOf('org_a', 'USD', 'sms_1');
  expect(ids.read('org_a', id)).toEqual({ isSigned: false, currency: 'USD', chargeId: 'sms_1' });
  expect(ids.read('org_b', id)).toBeNull();
  expect(ids.readSigned('org_a', id)).toBeNull();
  for (const none of ['', 'x', 'auth_', 'auth_x', 'lease_1']) {
    expect(ids.read('org_a', none)).toBeNull();
  }
});

test('a secret that can be guessed is refused', () => {
  expect(() => new AuthorizationIds({ secret: 'short' })).toThrow('at least 32 characters');
});
