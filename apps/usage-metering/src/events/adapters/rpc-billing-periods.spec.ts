import type { OrbAccount, OrbCall } from '@orbit/contracts';
import { RpcBillingPeriods } from './rpc-billing-periods.js';

const ACCOUNT = {
  id: 'acct',
  mode: 'test',
  default_currency: 'USD',
  timezone: 'UTC',
} as OrbAccount;
const subscription = (start: string | null, end: string | null) => ({
  start_date: '2026-01-15T05:00:00.000Z',
  billing_cycle_day: 15,
  customer: { timezone: 'America/New_York' },
  current_billing_period_start_date: start,
  current_billing_period_end_date: end,
});

test('periods of the active subscriptions of the customer are asked for, and none of one that has none', async () => {
  const calls: OrbCall[] = [];
  const data = [
    subscription('2026-11-15T05:00:00.000Z', '2026-12-15T05:00:00.000Z'),
    subscription(null, null),
  ];
  const periods = new RpcBillingPeriods({
    call: <T>(_: string, payload: unknown) => {
      calls.push(payload as OrbCall);
      return Promise.resolve({ status: 200, body: JSON.stringify({ data }) } as T);
    },
  });
  expect(await periods.current(ACCOUNT, 'org_1')).toEqual([
    {
      startMs: Date.parse('2026-11-15T05:00:00Z'),
      endMs: Date.parse('2026-12-15T05:00:00Z'),
      subscriptionStartMs: Date.parse('2026-01-15T05:00:00Z'),
      anchorDay: 15,
      timezone: 'America/New_York',
    },
  ]);
  const query = { customer_id: ['org_1'], status: ['active'], limit: 100 };
  expect(calls).toEqual([expect.objectContaining({ account: ACCOUNT, query })]);
});

test('an answer that is none is no empty list', async () => {
  const call = <T>() => Promise.resolve({ status: 500, body: null } as T);
  const asked = new RpcBillingPeriods({ call }).current(ACCOUNT, 'org_1');
  await expect(asked).rejects.toThrow('invoicing answered 500');
});
