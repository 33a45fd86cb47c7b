// Goal: what the scripts write of a charge is read back as its state. Method: records as README.md lays them out.
import { expect, test } from '@jest/globals';
import { AuthorizationIds } from '../client/authorization-ids.js';
import { parseChargeState } from './charge-state.js';

const NAME = { organizationId: 'org_1', chargeId: 'c_1' };
const ids = new AuthorizationIds({ secret: 'a secret of the tests, long enough' });
const DETAILS = '["sms",2,{"note":"a|b"}]';
const record = (head: string): string => `${head}|1000|500|60000|900|USD|${DETAILS}`;
const state = (head: string, nowMs = 1_000): string | undefined =>
  parseChargeState(record(head), NAME, ids, nowMs)?.state;

test('each letter is a state; a hold past its instant is expired', () => {
  expect(state('H|7500||')).toBe('held');
  expect(state('H|7500||', 61_000)).toBe('expired');
  expect(state('C|7500||')).toBe('captured');
  expect(state('L|7500||12')).toBe('released');
  expect(state('P|7500|5000|12')).toBe('posted');
  expect(state('R|7500||')).toBe('rejected');
});

test('a captured part is the amount; details are those of the request', () => {
  expect(parseChargeState(record('P|7500|5000|12'), NAME, ids, 0)).toMatchObject({
    amountMicros: 5_000n,
    heldMicros: 7_500n,
    currency: 'USD',
    occurredAtMs: 900,
    channel: 'sms',
    quantity: 2,
    metadata: { note: 'a|b' },
  });
});

test('anything else is no record', () => {
  for (const text of ['', 'X|1', 'H|7500']) {
    expect(parseChargeState(text, NAME, ids, 0)).toBeNull();
  }
});
