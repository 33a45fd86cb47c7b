// Goal: what cannot be taken back is asked about, lists are whole, and a broken file is a sentence. Method: the
// command line against a gateway that notes what reaches it.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { Context } from './context.js';
import { runOrbit as orbitProcess } from './orbit-process.fake.js';
import { createProgram, runOrbit } from './program.js';

const COUNT = 450;
let server: Server;
let requests: string[];
let home: string;

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'orbit-asking-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? '', 'http://gateway');
    if (!url.pathname.endsWith('/organizations')) {
      response.end(JSON.stringify({ data: { differences: [], clearing: [], compared: {} } }));
      return;
    }
    const limit = Number(url.searchParams.get('limit') ?? 50);
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const to = Math.min(COUNT, from + limit);
    const data = Array.from({ length: to - from }, (_, i) => ({ id: `org_${from + i}` }));
    const pagination = { has_more: to < COUNT, cursor: to < COUNT ? String(to) : null };
    response.end(JSON.stringify({ data, meta: { pagination } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  fs.rmSync(home, { recursive: true, force: true });
});

interface Run {
  readonly status: number;
  readonly out: string;
  readonly said: string;
}

/** `answer`: what a person types at a terminal; null where there is none. */
async function orbit(args: readonly string[], answer: string | null = null): Promise<Run> {
  let [out, said] = ['', ''];
  const stdin = Object.assign(new PassThrough(), { isTTY: answer !== null });
  const stdout = { write: (text: string) => (out += text) };
  const stderr = new PassThrough();
  stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (answer !== null && chunk.toString().includes('[y/N]')) stdin.write(`${answer}\n`);
  });
  const { port } = server.address() as AddressInfo;
  const env = { ORBIT_GATEWAY_URL: `http://127.0.0.1:${port}`, OPERATOR_API_KEY: 'k' };
  const context = new Context({ env, stdin, stdout, stderr } as never);
  return { status: await runOrbit(args, context), out, said };
}

/** Every command has to be here or there: who adds one decides whether it can be taken back. */
const ASKS = [
  'wallet adjust',
  'replay',
  'dlq retry',
  'dlq discard',
  'key revoke',
  'key rotate',
  'operator-key revoke',
  'operator-key rotate',
  'account rotate-key',
  'reconcile stripe',
  'ledger export',
  'import orb',
];
const CAN_BE_TAKEN_BACK = [
  ...['org create', 'org list', 'key create', 'wallet show', 'wallet pause', 'wallet resume'],
  ...['topics', 'lag', 'dlq list', 'dlq show', 'ledger verify', 'ledger recheck', 'ledger health'],
  ...[
    'balance',
    'sandbox pay',
    'key list',
    'operator-key create',
    'operator-key list',
    'audit list',
    'audit export',
    'account create',
    'account list',
    'rerate',
  ],
];

interface Described {
  readonly commands: readonly Described[];
  name(): string;
}
const namesOf = (command: Described, before = ''): string[] =>
  command.commands.flatMap((child) => {
    const name = `${before}${child.name()}`;
    return child.commands.length > 0 ? namesOf(child, `${name} `) : [name];
  });

test('each command is known as one that asks, or as one whose effect can be taken back', () => {
  const names = namesOf(createProgram(new Context()) as unknown as Described);
  expect(names.sort()).toEqual([...ASKS, ...CAN_BE_TAKEN_BACK].sort());
});

test.each([
  [['key', 'revoke', 'key_1'], 'DELETE /api/v1/operator/api-keys/key_1'],
  [['key', 'rotate', 'key_1'], 'POST /api/v1/operator/api-keys/key_1/rotate'],
  [['operator-key', 'revoke', 'opk_1'], 'DELETE /api/v1/operator/keys/opk_1'],
  [['operator-key', 'rotate', 'opk_1'], 'POST /api/v1/operator/keys/opk_1/rotate'],
  [['account', 'rotate-key', 'acct_1'], 'POST /api/v1/operator/accounts/acct_1/rotate-key'],
  [['reconcile', 'stripe', '--fix'], 'POST /api/v1/operator/reconcile/stripe'],
])('%j asks; without a terminal only --yes says yes', async (args, request) => {
  const refused = await orbit(args);
  expect(refused).toMatchObject({ status: 1, out: '' });
  expect(refused.said).toMatch(/\?.* Nobody can be asked here: add --yes to do it\.\n$/);
  expect(await orbit(args, 'n')).toMatchObject({ status: 1 });
  expect(await orbit(args, '')).toMatchObject({ status: 1 });
  expect(requests).toEqual([]);
  expect(await orbit([...args, '--yes'])).toMatchObject({ status: 0 });
  expect(await orbit(args, 'yes')).toMatchObject({ status: 0 });
  expect(requests).toEqual([request, request]);
});

test('an export does not write over a file unasked', async () => {
  const file = path.join(home, 'books.ndjson');
  fs.writeFileSync(file, 'of yesterday');
  const refused = await orbit(['ledger', 'export', file]);
  expect(refused.status).toBe(1);
  expect(refused.said).toContain('--yes');
  expect(fs.readFileSync(file, 'utf8')).toBe('of yesterday');
});

test('all organizations are listed, however many pages they are', async () => {
  const { status, out } = await orbit(['org', 'list', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toEqual(Array.from({ length: COUNT }, (_, i) => ({ id: `org_${i}` })));
});

/** A command that finds changed sources compiles them first, and says so; on a busy machine that takes a while. */
jest.setTimeout(300_000);
const withoutBuild = (text: string): string => text.replace(/^ {2}[✓…] .*\n/gm, '');

const BROKEN = ['', '{"gatewayUrl": "http://127', '[]', 'null', '"text"', '\u0000'];
test.each(BROKEN)('a dev.json that holds %j is told in one sentence', async (text) => {
  const file = path.join(home, 'dev.json');
  fs.writeFileSync(file, text);
  const env = { ORBIT_HOME: home, ORBIT_GATEWAY_URL: '', OPERATOR_API_KEY: '' };
  const { status, stdout, stderr } = await orbitProcess(env, ['org', 'list', '--json']);
  expect(status).toBe(1);
  const { error } = JSON.parse(stdout) as { error: { message: string } };
  expect(error.message).toContain(`${file} `);
  expect(error.message).toContain('npm start, writes it anew');
  expect(withoutBuild(stderr)).toBe(`${error.message}\n`);
});

test.each([
  ['{"gatewayUrl": 7, "operatorApiKey": "k"}', ['org', 'list'], 'gatewayUrl is 7'],
  [
    '{"gatewayUrl": "http://127.0.0.1:1", "operatorApiKey": {}}',
    ['org', 'list'],
    'operatorApiKey is {}',
  ],
  ['{"kafkaBrokers": ["127.0.0.1:-1"]}', ['topics'], 'kafkaBrokers is ["127.0.0.1:-1"]'],
  ['{"kafkaBrokers": "127.0.0.1:9092"}', ['topics'], 'kafkaBrokers is "127.0.0.1:9092"'],
])('a dev.json with %s names the line that is wrong', async (text, command, named) => {
  fs.writeFileSync(path.join(home, 'dev.json'), text);
  const cleared = ['ORBIT_GATEWAY_URL', 'OPERATOR_API_KEY', 'KAFKA_BROKERS'].map((name) => [
    name,
    '',
  ]);
  const env = { ORBIT_HOME: home, ...Object.fromEntries(cleared) };
  const { status, stderr } = await orbitProcess(env, command);
  expect(status).toBe(1);
  expect(withoutBuild(stderr)).toContain(`dev.json: ${named}, which is not what npm start writes.`);
});

test('a replay whose state is half written, and a gateway that is none, are told in one sentence', async () => {
  fs.mkdirSync(path.join(home, 'replays'));
  const file = path.join(home, 'replays', 'rpl_1.json');
  fs.writeFileSync(file, '{"id": "rpl_1", "ran');
  const { status, stderr } = await orbitProcess({ ORBIT_HOME: home }, [
    'replay',
    '--resume',
    'rpl_1',
  ]);
  expect(status).toBe(1);
  expect(withoutBuild(stderr)).toMatch(/^[^\n]+rpl_1\.json is no JSON\. [^\n]+\n$/);
  server.removeAllListeners('request');
  server.on('request', (_request, response) => response.writeHead(200).end('<html>hello</html>'));
  const { status: other, said } = await orbit(['ledger', 'health']);
  expect(other).toBe(1);
  expect(said).toMatch(/^GET \/ledger\/health: 200 OK[^\n]*\n$/);
});
