// Goal: kill -9 of invoicing and of the ledger at each step of a billing run and of an issue leaves no number twice or
// missing, no invoice twice, nothing half issued or half drawn. Method: both in processes of their own over their own
// databases, which die before statements, in and after each transaction; the run is begun again until it is done.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decimal, sumOf } from '@orbit/pricing';
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import {
  billingUnderTest,
  type BillingUnderTest,
  type Shown,
} from '../../../apps/invoicing/src/billing/billing-fixture.js';
import {
  priceOf,
  usagePriceOf,
} from '../../../apps/invoicing/src/timeline/domain/test-timeline.js';
import {
  CreditsUnderTest,
  type CustomerUnderTest,
} from '../../../apps/wallet-ledger/src/credits/credits-under-test.js';

const START_MS = Date.parse('2026-03-01T00:00:00Z');
/** When March is issued, and when April is. */
const [MARCH_MS, APRIL_MS] = [
  Date.parse('2026-04-01T12:00:00Z'),
  Date.parse('2026-05-01T12:00:00Z'),
];
/** A run that is killed more often than this does not come to an end. */
const RUNS_MAX = 40;
let room: BillingUnderTest;
let ledger: CreditsUnderTest;
const customers: CustomerUnderTest[] = [];

beforeAll(async () => {
  room = await billingUnderTest(START_MS);
  ledger = await CreditsUnderTest.start();
  ledger.nowMs = START_MS;
  room.plans.set('killed', {
    ...{ id: 'killed', name: 'Killed', version: 1, status: 'active', invoicingCurrency: 'USD' },
    ...{ netTerms: 0, defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [] },
    prices: [
      usagePriceOf({ id: 'calls', unit_config: { unit_amount: '1.00' } }),
      priceOf({ id: 'base', billing_mode: 'in_arrear' }),
    ],
  });
  for (let count = 0; count < 2; count++) {
    const customer = ledger.customer('UTC', 'USD');
    customers.push(customer);
    await room.customer(customer.id);
    const body = { customer_id: customer.id, plan_id: 'killed' };
    await room.ask('create-subscription', { body });
    await customer.entry({ entry_type: 'increment', amount: 30, currency: 'USD' });
    const day = (text: string) => ({ atMs: Date.parse(text), quantity: '14' });
    room.events.set(customer.id, [day('2026-03-02T00:00:00Z'), day('2026-04-02T00:00:00Z')]);
  }
});
afterAll(async () => {
  await room.drop();
  expect(await ledger.stop()).toEqual([]);
});

/** Of each transaction in turn: before two of its statements, at its end, and after it, where the next run goes on. */
const FAIL_POINTS = [
  { at: 'statement', nth: 3 },
  { at: 'statement', nth: 8 },
  { at: 'in', nth: 1 },
  { at: 'after', nth: 1 },
];
const failPointOf = (runs: number): object => FAIL_POINTS[runs % FAIL_POINTS.length] ?? {};

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
const endOf = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
const start = (file: string, job: object, errors: 'ignore' | 'inherit' = 'inherit') =>
  spawn(process.execPath, [path.join(import.meta.dirname, file), JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', errors],
  });

async function startLedger(nowMs: number, failPoint: object | null) {
  const databaseUrl = ledger.pool.options.connectionString;
  const child = start('ledger-process.mjs', { databaseUrl, nowMs, failPoint });
  const ended = endOf(child);
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (text: Buffer) => {
      resolve(Number(text.toString()));
    });
    void ended.then(() => {
      reject(new Error('the ledger did not start'));
    });
  });
  return { child, ended, port };
}

/** How the billing run ended. What it says when the ledger dies is of no interest. */
function run(nowMs: number, failPoint: object | null, ledgerPort: number): Promise<Ended> {
  const job = {
    ...{ databaseUrl: room.databaseUrl, accountId: 'acct_a', nowMs, ledgerPort },
    ...{ events: Object.fromEntries(room.events), failPoint },
  };
  const child = start('billing-process.mjs', job, failPoint === null ? 'ignore' : 'inherit');
  return endOf(child);
}

test('a billing run whose processes die at each step makes each document once: numbered, drawn and issued', async () => {
  const kills = { invoicing: 0, ledger: 0 };
  const march = await startLedger(MARCH_MS, null);
  let isDone = false;
  for (let runs = 0; !isDone && runs < RUNS_MAX; runs++) {
    const { code, signal } = await run(MARCH_MS, failPointOf(runs), march.port);
    if (signal === 'SIGKILL') kills.invoicing += 1;
    isDone = code === 0;
  }
  march.child.kill('SIGKILL');
  await march.ended;
  expect(isDone).toBe(true);
  // The ledger dies in a draw, further on, and once when it has booked and told nobody.
  for (const failPoint of [{ query: 1 }, { query: 4 }, { answer: true }]) {
    const { child, ended, port } = await startLedger(APRIL_MS, failPoint);
    await run(APRIL_MS, null, port);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    else kills.ledger += 1;
    await ended;
  }
  const april = await startLedger(APRIL_MS, null);
  expect(await run(APRIL_MS, null, april.port)).toMatchObject({ code: 0 });
  april.child.kill('SIGKILL');
  await april.ended;
  expect(kills.invoicing).toBeGreaterThanOrEqual(8);
  expect(kills.ledger).toBeGreaterThanOrEqual(2);
  const numbers: unknown[] = [];
  for (const customer of customers) {
    const query = { customer_id: customer.id, 'status[]': ['draft', 'issued', 'paid', 'void'] };
    const page = await room.ask('list-invoices', { query });
    const invoices = page['data'] as readonly Shown[];
    // 14 of usage and a fee of 10, each month; 30 of credit.
    expect(invoices).toMatchObject([
      { status: 'issued', subtotal: '24.00', total: '18.00' },
      { status: 'paid', subtotal: '24.00', total: '0.00' },
    ]);
    numbers.push(...invoices.map((one) => one['invoice_number']));
    const lines = invoices.flatMap((one) => one['line_items'] as Record<string, unknown>[]);
    const applied = lines.map((line) => decimal(String(line['credits_applied'])));
    expect(sumOf(applied).toString()).toBe('30');
    const { data } = await customer.page({ currency: 'USD', entry_type: 'decrement', limit: 100 });
    expect(sumOf(data.map((row) => decimal(String(row['amount'])))).toString()).toBe('-30');
    for (const row of data) expect(invoices.map(({ id }) => id)).toContain(row['invoice_id']);
  }
  const last = numbers.map((number) => String(number).slice(-3)).sort();
  expect(last).toEqual(['001', '002', '003', '004']);
}, 480_000);
