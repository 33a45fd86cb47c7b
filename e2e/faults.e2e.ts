// Goal: whatever dies, nothing is lost and nothing is charged twice, and the product recovers by itself.
// Method: charges flow over HTTP while one process after another is killed with SIGKILL; every charge that was
// not accepted is sent again with its own id until it is.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { formatAmount, micros } from '@orbit/money';
import { eventually } from '@orbit/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

const PRICE_MICROS = 12_345n;
const WORKERS = 4;
const LOAD_MS = 6_000;
const KILL_AFTER_MS = 1_500;
/** Kafka alone takes a minute to start again on two busy cores (docs/operating.md). */
const RECOVERY_MS_MAX = 150_000;

let stack: RunningStack;
let client: BillingClient;
let accepted = 0;

beforeAll(async () => {
  stack = await startStack();
  client = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
  const { data } = await client.post<{ checkoutUrl: string }>(
    '/credits/purchase',
    {
      amount: 500_000,
      currency: 'usd',
      successUrl: 'https://example.com/ok',
      cancelUrl: 'https://example.com/no',
    },
    { 'Idempotency-Key': 'faults-topup' },
  );
  await stack.orbit('sandbox', 'pay', data.checkoutUrl);
  await eventually(async () => {
    const balance = await client.get<{ balance_cents: number }>('/balance');
    expect(balance.data.balance_cents).toBe(500_000);
  });
}, START_MS_MAX);
afterAll(async () => {
  await stack?.stop();
}, STOP_MS_MAX);

/** Kills one process of the stack as a power cut would. */
async function kill(name: string): Promise<void> {
  const { pid } = JSON.parse(await readFile(join(stack.home, 'pids', `${name}.json`), 'utf8')) as {
    pid: number;
  };
  process.kill(pid, 'SIGKILL');
}

const charge = (chargeId: string) =>
  client.post('/charges', {
    charge_id: chargeId,
    amount: '0.012345',
    currency: 'USD',
    channel: 'sms',
  });

/** Sends one charge until it is accepted; every answer on the way is one that a client may act on. */
async function chargeUntilAccepted(chargeId: string): Promise<void> {
  const deadlineMs = Date.now() + RECOVERY_MS_MAX;
  for (;;) {
    // Null: the connection itself broke, the gateway was the one that died.
    const answer = await charge(chargeId).catch(() => null);
    if (answer && answer.status < 300) return;
    if (answer) {
      const told = `${answer.status} ${answer.error?.code}`;
      expect(told).toMatch(/^(503 unavailable|504 timeout)$/);
    }
    if (Date.now() > deadlineMs)
      throw new Error(`${chargeId} was not accepted after ${RECOVERY_MS_MAX} ms`);
    await sleep(250);
  }
}

async function load(name: string): Promise<number> {
  const endMs = Date.now() + LOAD_MS;
  const counts = await Promise.all(
    Array.from({ length: WORKERS }, async (_, worker) => {
      let count = 0;
      for (; Date.now() < endMs; count++) await chargeUntilAccepted(`${name}_${worker}_${count}`);
      return count;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

test.each(['wallet-ledger', 'gateway', 'redis', 'kafka', 'postgres', 'usage-metering'])(
  'kill -9 of %s under load: every accepted charge is in the books once',
  async (name) => {
    const [count] = await Promise.all([load(name), sleep(KILL_AFTER_MS).then(() => kill(name))]);
    accepted += count;
    const exact = formatAmount(micros(5_000_000_000n - BigInt(accepted) * PRICE_MICROS), 'USD');
    await eventually(
      async () => {
        const { data } = await client.get<{ balance_exact: string; held: string }>('/balance');
        expect(data).toMatchObject({ balance_exact: exact, held: '0.00' });
      },
      { timeoutMs: RECOVERY_MS_MAX },
    );
    await eventually(
      async () => {
        const { data } = await client.get<{ channel: string; total_messages: number }[]>(
          '/usage-by-channel?days=2',
        );
        expect(data.find(({ channel }) => channel === 'sms')?.total_messages).toBe(accepted);
      },
      { timeoutMs: RECOVERY_MS_MAX },
    );
  },
  // The load, the balance and the usage may each wait for the recovery.
  LOAD_MS + 3 * RECOVERY_MS_MAX + 30_000,
);
