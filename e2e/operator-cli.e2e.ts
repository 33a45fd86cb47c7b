// Goal: an operator can see, correct, replay and check a running product from the terminal, and is refused where due.
// Method: the product as a person starts it, the CLI as a process; every command with --json, as a script uses it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@orbit/testing';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

let stack: RunningStack;
let billing: BillingClient;

interface Run<T> {
  readonly status: number;
  readonly result: T;
  readonly stderr: string;
}

/** A process of its own that loads its modules anew: seconds on a busy machine, and a test has up to ten. */
function orbit<T = Record<string, unknown>>(...args: readonly string[]): Promise<Run<T>> {
  const env = { ...process.env, ORBIT_HOME: stack.home, NODE_OPTIONS: '' };
  const command = [join(import.meta.dirname, '..', 'tools', 'orbit.mjs'), ...args, '--json'];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { env }, (_error, stdout, stderr) => {
      const result = (stdout === '' ? null : JSON.parse(stdout)) as T;
      resolve({ status: child.exitCode ?? -1, result, stderr });
    });
  });
}

beforeAll(async () => {
  stack = await startStack({ use: 'first' });
  billing = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
}, START_MS_MAX);
afterAll(() => stack?.stop(), STOP_MS_MAX);

interface ShownWallet {
  readonly balance: string;
  readonly paused_reason: string | null;
  readonly entries: readonly { type: string; amount: string; reason?: string }[];
  readonly redis: { readonly state: string };
}
const show = async (): Promise<ShownWallet> =>
  (await orbit<ShownWallet>('wallet', 'show', stack.organizationId)).result;
const adjust = (...args: readonly string[]) =>
  orbit('wallet', 'adjust', stack.organizationId, ...args);

test('an adjustment needs a reason and a yes, and is booked once per reference', async () => {
  expect(await adjust('--amount', '25.00')).toMatchObject({
    status: 2,
    result: { error: { status: 2, message: expect.stringContaining('--reason') } },
  });
  expect(await adjust('--amount', '0', '--reason', 'x', '--yes')).toMatchObject({ status: 2 });
  const refused = await adjust('--amount', '25.00', '--reason', 'outage');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('--yes');

  const before = Number((await show()).balance);
  const good = ['--amount', '25.00', '--reason', 'outage', '--reference', 'inc-1', '--yes'];
  expect(await adjust(...good, '--dry-run')).toMatchObject({
    status: 0,
    result: { dry_run: true },
  });
  expect((await adjust(...good)).status).toBe(0);
  expect((await adjust(...good)).status).toBe(0);
  expect((await adjust('--amount', '-5', '--reason', 'too much', '--yes')).status).toBe(0);
  const after = await show();
  expect(Number(after.balance) - before).toBe(20);
  expect(after.redis.state).toBe('agrees');
  expect(after.entries.slice(0, 2)).toMatchObject([
    { amount: '-5.00', reason: 'too much' },
    { amount: '25.00', reason: 'outage' },
  ]);
}, 240_000);

test('a paused wallet is shown and refuses; a resumed one charges', async () => {
  // covers: POST /api/v1/operator/organizations/{organization_id}/pause
  // covers: POST /api/v1/operator/organizations/{organization_id}/resume
  const charge = (charge_id: string) =>
    billing.post('/charges?wait=posted', {
      ...{ charge_id, amount: '0.0075', currency: 'USD', channel: 'sms' },
    });
  expect((await orbit('wallet', 'pause', stack.organizationId)).status).toBe(0);
  expect((await show()).paused_reason).toBe('manual');
  expect((await charge('cli_paused')).status).toBe(402);
  expect((await orbit('wallet', 'resume', stack.organizationId)).status).toBe(0);
  // A ledger that is slower than the answer waits is a 504; the repeat finds the charge posted.
  await eventually(async () => {
    expect(await charge('cli_resumed')).toMatchObject({ data: { status: 'posted' } });
  });
}, 240_000);

test('lag, topics and dead letters are told; a replay and its shadow change nothing', async () => {
  // The group notes how far it is after it has answered a charge, a moment later.
  await eventually(async () => {
    const lag = await orbit<{ lag: number }[]>('lag', 'wallet-ledger', '--max', '1000');
    expect(lag.status).toBe(0);
    expect(lag.result.length).toBeGreaterThan(0);
  });
  const topics = await orbit<{ topic: string; messages: string }[]>('topics', 'charge.requested');
  expect(Number(topics.result[0]?.messages)).toBeGreaterThan(0);
  expect(await orbit('dlq', 'list')).toMatchObject({ status: 0, result: { open: 0 } });

  const before = await show();
  const range = ['replay', 'charge.requested', '--from', '-1h'];
  expect((await orbit(...range)).stderr).toMatch(
    /Read \d+ messages of charge\.requested .* add --yes/,
  );
  const replay = await orbit<{ sent: number }>(...range, '--yes');
  expect(replay).toMatchObject({ status: 0, result: { status: 'done' } });
  expect(replay.result.sent).toBeGreaterThan(0);
  await eventually(async () => {
    const { result } = await orbit<{ lag: number }[]>('lag', 'wallet-ledger');
    expect(result.every((row) => row.lag === 0)).toBe(true);
  });
  expect(await show()).toEqual(before);
  const shadow = await orbit('replay', 'charge.requested', '--shadow');
  expect(shadow).toMatchObject({ status: 0, result: { status: 'done', differences: [] } });
}, 240_000);

test('what is wrong on the command line ends with 2, what is refused with 1, each with a sentence', async () => {
  expect(await orbit('wallet', 'show')).toMatchObject({
    status: 2,
    result: { error: { status: 2, message: expect.stringContaining('organizationId') } },
  });
  const unknown = await orbit('wallet', 'show', 'org_none');
  expect(unknown).toMatchObject({ status: 1, result: { error: { status: 1 } } });
  expect(unknown.stderr).toContain('org_none has no wallet');
  expect((await orbit('wallet', 'pause', 'org_none')).status).toBe(1);
}, 240_000);
