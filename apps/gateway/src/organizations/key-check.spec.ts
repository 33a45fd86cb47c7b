import { isAccountKeyShaped } from './accounts/account.js';
import { isKeyShaped } from './api-key.js';
import { HmacKeyHasher } from './hmac-key-hasher.js';

const hasher = new HmacKeyHasher('secret-of-the-tests-0123456789');

test('a new key carries its check and has the shape of its door', () => {
  for (let n = 0; n < 50; n += 1) {
    const key = hasher.create('dv_live_sk_');
    expect(key).toMatch(/^dv_live_sk_[0-9A-Za-z]{46}$/);
    expect(isKeyShaped(key) && isAccountKeyShaped(hasher.create('orb_test_'))).toBe(true);
    expect(hasher.standing(key)).toBe('checked');
  }
});

test('any other character, prefix or secret makes it forged', () => {
  const key = hasher.create('dv_live_sk_');
  for (const at of [11, 30, key.length - 7, key.length - 1]) {
    const other = key[at] === 'a' ? 'b' : 'a';
    expect(hasher.standing(`${key.slice(0, at)}${other}${key.slice(at + 1)}`)).toBe('forged');
  }
  expect(hasher.standing(key.replace('live', 'test'))).toBe('forged');
  expect(new HmacKeyHasher('another-secret-of-the-tests').standing(key)).toBe('forged');
});

test('keys as long as before are unchecked, and hash as they did', () => {
  const key = `dv_live_sk_${'a'.repeat(40)}`;
  expect(hasher.standing(key)).toBe('unchecked');
  expect(hasher.hash(key)).toMatch(/^[0-9a-f]{64}$/);
});
