import { micros } from '@orbit/money';
import { openHold } from '../client/hold-state.js';
import { OpenAuthorizations, type OpenAuthorization } from './open-authorizations.js';

const nameOf = (chargeId: string) =>
  ({ organizationId: 'org', chargeId, currency: 'USD' }) as const;
const authorization = (chargeId: string, isLocal = false): OpenAuthorization => ({
  name: nameOf(chargeId),
  occurredAtMs: 0,
  details: '[]',
  hold: openHold(micros(1n), 1),
  isLocal,
});

const name = nameOf('a');

test('rememberMade: comes back as it was made, whatever its details say', () => {
  const open = new OpenAuthorizations(10);
  open.rememberMade(name, micros(7n), 1_000, 900, '["sms",1,{"note":"x|y\\n"}]');
  expect(open.find(name)).toEqual({
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
  const known = Array.from({ length: 1_000 }, (_, n) => open.find(nameOf(`a${n}`))).filter(Boolean);
  expect(known.length).toBeLessThanOrEqual(100);
  for (let n = 950; n < 1_000; n++) expect(open.find(nameOf(`a${n}`))).not.toBeNull();
});

test('hasLocal: follows what is remembered, changed, forgotten and dropped', () => {
  const open = new OpenAuthorizations(4);
  open.remember(authorization('a', true));
  open.remember(authorization('a', true));
  expect(open.hasLocal).toBe(true);
  open.drop(name);
  expect(open.hasLocal).toBe(false);
  open.remember(authorization('b', true));
  for (const id of ['c', 'd', 'e', 'f', 'g']) open.remember(authorization(id));
  expect(open.find(nameOf('b'))).toBeNull();
  expect(open.hasLocal).toBe(false);
});
