import { micros } from '@orbit/money';
import { openHold } from './hold-state.js';
import { OpenAuthorizations, type OpenAuthorization } from './open-authorizations.js';

const authorization = (authorizationId: string, isLocal = false): OpenAuthorization => ({
  authorizationId,
  name: { organizationId: 'org', chargeId: authorizationId, currency: 'USD' },
  occurredAtMs: 0,
  details: '[]',
  hold: openHold(micros(1n), 1),
  isLocal,
});

const name = { organizationId: 'org', chargeId: 'c', currency: 'USD' } as const;

test('rememberMade: comes back as it was made, whatever its details say', () => {
  const open = new OpenAuthorizations(10);
  open.rememberMade('a', micros(7n), 1_000, 900, '["sms",1,{"note":"x|y\\n"}]');
  expect(open.find('a', name)).toEqual({
    authorizationId: 'a',
    name,
    occurredAtMs: 900,
    details: '["sms",1,{"note":"x|y\\n"}]',
    hold: openHold(micros(7n), 1_000),
    isLocal: false,
  });
});

test('remember: the newest half is known for certain, and never more than the size', () => {
  const open = new OpenAuthorizations(100);
  for (let n = 0; n < 1_000; n++) open.remember(authorization(`a${n}`));
  const known = Array.from({ length: 1_000 }, (_, n) => open.find(`a${n}`, name)).filter(Boolean);
  expect(known.length).toBeLessThanOrEqual(100);
  for (let n = 950; n < 1_000; n++) expect(open.find(`a${n}`, name)).not.toBeNull();
});

test('hasLocal: follows what is remembered, changed, forgotten and dropped', () => {
  const open = new OpenAuthorizations(4);
  open.remember(authorization('a', true));
  open.remember(authorization('a', true));
  expect(open.hasLocal).toBe(true);
  open.forget('a');
  expect(open.hasLocal).toBe(false);
  open.remember(authorization('b', true));
  for (const id of ['c', 'd', 'e', 'f', 'g']) open.remember(authorization(id));
  expect(open.find('b', name)).toBeNull();
  expect(open.hasLocal).toBe(false);
});
