// Goal: a shadow reads a charge that a plan paid in part as its wallet paid it. Of 100 messages at 0.75 the
// plan covers 40: the wallet pays 0.45 for 60.
import { readCommand } from './shadow.js';

const message = (metadata: Record<string, unknown> = {}) => ({
  ...{ charge_id: 'c1', organization_id: 'org_1', currency: 'USD', amount: '0.75' },
  ...{ channel: 'sms', quantity: 100, metadata, occurred_at: '2026-05-01T00:00:00.000Z' },
});
const booked = (metadata: Record<string, unknown>) => ({
  currency: 'USD',
  channel: 'sms',
  metadata,
});
const chargeOf = (value: unknown, entry?: ReturnType<typeof booked>) => {
  const { command } = readCommand('charge.requested', value, entry) ?? {};
  const { charge } = command as unknown as { charge: Record<string, unknown> };
  return [charge['amountMicros'], charge['quantity'], charge['metadata']];
};

test('the part of a plan is taken off as the entry of the wallet names it', () => {
  const entry = booked({ orbit_allowance: 'messages:40' });
  expect(chargeOf(message({ campaign: 'spring' }), entry)).toEqual([
    ...[450_000n, 60],
    {
      ...{ campaign: 'spring', orbit_allowance: 'messages:40' },
      ...{ price_amount: '0.75', price_currency: 'USD' },
    },
  ]);
});

test('a charge that no plan paid is what was asked for, whatever its message says of plans', () => {
  expect(chargeOf(message(), booked({}))).toEqual([750_000n, 100, {}]);
  expect(chargeOf(message({ orbit_allowance: 'messages:40' }), booked({}))).toEqual([
    ...[750_000n, 100],
    {},
  ]);
});
