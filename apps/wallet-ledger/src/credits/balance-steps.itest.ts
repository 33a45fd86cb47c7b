// Goal: whoever watches balances is told each entry once, of any number of wallets, in their order.
// Method: the reader on a real PostgreSQL.
import type { Currency } from '@orbit/money';
import { PostgresBalanceSteps } from './adapters/postgres-balance-steps.js';
import { ReadBalanceSteps } from './application/read-balance-steps.js';
import { CreditsUnderTest } from './credits-under-test.js';

let ledger: CreditsUnderTest;
beforeAll(async () => {
  ledger = await CreditsUnderTest.start();
});
afterAll(async () => {
  expect(await ledger.stop()).toEqual([]);
});

const currency = 'credits' as Currency;

test('entries after the one that was seen are told, each with the balance that it left', async () => {
  const steps = new ReadBalanceSteps(new PostgresBalanceSteps(ledger.pool));
  const [first, other] = [ledger.customer(), ledger.customer()];
  const nobody = { organizationId: 'org_nobody', currency };
  expect(await steps.last(nobody)).toMatchObject({ sequence: '0', balance: '0' });
  await first.entry({ entry_type: 'increment', amount: 10 });
  const { sequence } = await steps.last({ organizationId: first.id, currency });
  await first.entry({ entry_type: 'decrement', amount: 2.5 });
  await first.entry({ entry_type: 'decrement', amount: 9 });
  await other.entry({ entry_type: 'increment', amount: 3 });
  const ask = (organizationId: string, afterSequence: bigint) => ({
    ...{ organizationId, currency, afterSequence },
  });
  const told = await steps.after([
    ...[ask(first.id, BigInt(sequence)), ask('org_nobody', 0n)],
    ask(other.id, 0n),
  ]);
  expect(told.map((wallet) => wallet.steps.map(({ balance }) => balance))).toEqual([
    // What no block covers is an entry of its own.
    ['7.5', '0', '-1.5'],
    [],
    ['3'],
  ]);
  const last = await steps.last({ organizationId: first.id, currency });
  expect(last).toMatchObject({ balance: '-1.5', booked_at: '2026-05-16T12:00:00.000Z' });
  expect(await steps.after([ask(first.id, BigInt(last.sequence))])).toEqual([{ steps: [] }]);
});
