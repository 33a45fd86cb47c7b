import { runOrbit } from '../cli/program.js';
import { Context } from '../cli/context.js';
import { sentence } from './reconcile.js';

const DIFFERENCE = {
  kind: 'refund_not_booked',
  organization_id: 'org_1',
  topup_id: 'tu_1',
  subject: 're_1',
  payment_intent_id: 'pi_1',
  currency: 'USD',
  at_stripe: '-25.00',
  in_ledger: '0.00',
  what_to_do: 'Run with --fix.',
};

function orbit(differences: readonly object[], ...argv: readonly string[]) {
  let out = '';
  const asked: unknown[] = [];
  const stream = { write: (text: string) => void (out += text) };
  const context = new Context({ env: {}, stdout: stream, stderr: stream } as never);
  context.operator = async (method: string, route: string, body: unknown) => {
    asked.push([method, route, body]);
    await Promise.resolve();
    const compared = { balance_transactions: 4, payments: 2 };
    const clearing = [{ currency: 'USD', at_stripe: '75.00', in_ledger: '100.00' }];
    const counts = { not_ours: 0, replayed_events: 0 };
    return { since: 's', until: 'u', compared, ...counts, clearing, differences };
  };
  return runOrbit([...argv], context).then((status: number) => ({ status, out, asked }));
}

test('a difference is told with what to do, and the status is 1', async () => {
  const { status, out } = await orbit([DIFFERENCE], 'reconcile', 'stripe');
  expect(status).toBe(1);
  expect(out).toContain('refund not booked: re_1 (tu_1 of org_1)');
  expect(out).toContain('Stripe -25.00, ledger 0.00 USD');
  expect(out).toContain('Run with --fix.');
  expect(out).toContain('stripe_clearing USD: Stripe 75.00, ledger 100.00');
});

test('no difference ends with 0; --since and --fix are passed on; --json prints the report', async () => {
  const args = [
    '--json',
    'reconcile',
    'stripe',
    '--since',
    '2026-05-15T02:00:00+02:00',
    '--fix',
    '--yes',
  ];
  const { status, out, asked } = await orbit([], ...args);
  expect(status).toBe(0);
  expect(asked).toEqual([
    ['POST', '/reconcile/stripe', { fix: true, since: '2026-05-15T00:00:00.000Z' }],
  ]);
  expect(JSON.parse(out)).toMatchObject({ differences: [] });
});

test('an instant that is none is a fault of usage', async () => {
  const { status, asked } = await orbit([], 'reconcile', 'stripe', '--since', 'yesterday');
  expect([status, asked]).toEqual([2, []]);
});

test('a sentence names an entry of the ledger that nobody knows', () => {
  const unknown = { ...DIFFERENCE, topup_id: null, organization_id: null };
  expect(sentence(unknown)).toContain('refund not booked: re_1\n');
});
