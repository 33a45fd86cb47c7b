// Goal: the commands ask the operator API for what they were told, and end with 1 when the answer is bad news.
import { beforeEach, expect, test } from '@jest/globals';
import { Context } from '../cli/context.js';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportRows } from '../proof/ledger-export.fake.js';
import { runOrbit } from '../cli/program.js';

type Answer = Record<string, unknown>;
let asked: { method: string; route: string; body: unknown }[];
let answers: Answer[];
let printed: string;
let told: string;

beforeEach(() => {
  asked = [];
  answers = [];
  printed = '';
  told = '';
});

function orbit(...argv: string[]): Promise<number> {
  const stdout = { write: (text: string) => void (printed += text) };
  const stderr = { write: (text: string) => void (told += text) };
  const context = new Context({ env: {}, stdin: { isTTY: false }, stdout, stderr });
  context.operator = (method: string, route: string, body: unknown) => {
    asked.push({ method, route, body });
    return Promise.resolve(answers.shift());
  };
  return runOrbit(argv, context) as Promise<number>;
}
const balance = (n: number): Answer => ({ organization_id: `org_${n}`, balance: `${n}.00` });

test('balance: asks page by page, for one instant in UTC', async () => {
  answers = [
    { balances: [balance(1), balance(2)], cursor: '2' },
    { balances: [balance(3)], cursor: null },
  ];
  const argv = ['--at', '2026-05-16T02:00:00+02:00', '--currency', 'USD'];
  expect(await orbit('--json', 'balance', ...argv)).toBe(0);
  const query = 'at=2026-05-16T00%3A00%3A00.000Z&currency=USD';
  expect(asked.map(({ route }) => route)).toEqual([
    `/ledger/balances?${query}`,
    `/ledger/balances?${query}&cursor=2`,
  ]);
  expect(JSON.parse(printed)).toEqual([balance(1), balance(2), balance(3)]);
});

test('balance: an organization without a wallet ends with 1, a vague instant with 2', async () => {
  answers = [{ balances: [], cursor: null }];
  expect(await orbit('balance', '--at', 'now', '--organization', 'org_x')).toBe(1);
  expect(asked[0]?.route).toMatch(/organization_id=org_x/);
  expect(await orbit('balance', '--at', 'yesterday')).toBe(2);
});

test('ledger recheck: releases only with --clear; a breach that stands ends with 1', async () => {
  const wallet = { wallet_id: 'wal_1', outbound_paused: false, breaches: [] };
  answers = [{ wallets: [wallet] }, { wallets: [{ ...wallet, breaches: [{ check: 'x' }] }] }];
  expect(await orbit('ledger', 'recheck', 'org/1')).toBe(0);
  expect(await orbit('ledger', 'recheck', 'org/1', '--clear', '--currency', 'EUR')).toBe(1);
  const route = '/organizations/org%2F1/reconciliation';
  expect(asked).toEqual([
    { method: 'POST', route, body: { clear: false } },
    { method: 'POST', route, body: { clear: true, currency: 'EUR' } },
  ]);
});

test('ledger health: ends with 1 when something does not hold or stands still', async () => {
  answers = [
    { status: 'ok', holds: true, checks: [] },
    { status: 'degraded', holds: true, checks: [] },
  ];
  expect(await orbit('ledger', 'health')).toBe(0);
  expect(await orbit('ledger', 'health')).toBe(1);
});

test('ledger health: of 53 wallets with breaches it lists 50 at most, and says that 3 are left off', async () => {
  const wallets = Array.from({ length: 50 }, (_, n) => `wal_${n}`);
  const checks = ['entries_add_up', 'balance_is_last_entry'];
  const breaches = wallets.flatMap((id) => checks.map((check) => ({ wallet_id: id, check })));
  answers = [
    { status: 'degraded', breach_count: 53, breaches },
    { status: 'degraded', breach_count: 50, breaches },
  ];
  expect(await orbit('--json', 'ledger', 'health')).toBe(1);
  expect(JSON.parse(printed)).toMatchObject({ breach_count: 53, wallets_left_off: 3 });
  printed = '';
  expect(await orbit('ledger', 'health')).toBe(1);
  expect(printed).toMatch(/wallets_left_off +0\n/);
});

test('ledger verify: a root is a number, a colon and a hash', async () => {
  expect(await orbit('ledger', 'verify', 'file', '--root', '12')).toBe(2);
  expect(await orbit('ledger', 'verify', '/no/such/file')).toBe(1);
});

test('ledger verify: shows money as decimals of its currency, and no end of a file before it is read', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'orbit-')), 'books.ndjson');
  writeFileSync(
    file,
    exportRows()
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
  expect(await orbit('--json', 'ledger', 'verify', file)).toBe(0);
  const { currencies } = JSON.parse(printed) as { currencies: Record<string, string>[] };
  expect(currencies).toEqual([
    { currency: 'USD', sum: '0.00', in_wallets: '39.00' },
    { currency: 'EUR', sum: '0.00', in_wallets: '23.25' },
  ]);
  const count = exportRows().length;
  expect(told).toMatch(/^rows checked: 1, \d+\/s\n/);
  expect(told).toMatch(new RegExp(`rows checked: ${count} of ${count} \\(100 %\\)`));
});
