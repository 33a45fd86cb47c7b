// Goal: the examples that people copy run as they stand, in every language that this machine has.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BillingClient } from './client.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'examples');
/** `go run` compiles the standard library first where nobody has yet: minutes on busy cores. */
const TIMEOUT_MS = 360_000;

interface Language {
  readonly name: string;
  /** Answers when the runtime is here. */
  readonly probe: readonly [string, ...string[]];
  readonly files: RegExp;
  readonly command: (file: string) => readonly [string, ...string[]];
  readonly cwd: string;
}

const folder = (name: string): string => join(EXAMPLES, name);
const LANGUAGES: readonly Language[] = [
  {
    name: 'curl',
    probe: ['curl', '--version'],
    files: /\.sh$/,
    command: (file) => ['sh', file],
    cwd: folder('curl'),
  },
  {
    name: 'node',
    probe: ['node', '--version'],
    files: /\.mjs$/,
    command: (file) => ['node', file],
    cwd: folder('node'),
  },
  {
    name: 'python',
    probe: ['python3', '--version'],
    files: /\.py$/,
    command: (file) => ['python3', file],
    cwd: folder('python'),
  },
  {
    name: 'go',
    probe: ['go', 'version'],
    files: /^(?!go\.mod)/,
    command: (file) => ['go', 'run', `./${file}`],
    cwd: folder('go'),
  },
  {
    name: 'ruby',
    probe: ['ruby', '--version'],
    files: /\.rb$/,
    command: (file) => ['ruby', file],
    cwd: folder('ruby'),
  },
  {
    name: 'php',
    probe: ['php', '--version'],
    files: /\.php$/,
    command: (file) => ['php', file],
    cwd: folder('php'),
  },
];

/** One of the examples charges the default payment method. */
async function saveCard(): Promise<void> {
  const client = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
  const back = `${stack.gatewayUrl}/health/live`;
  const urls = { successUrl: back, cancelUrl: back };
  const { data } = await client.post<{ url: string }>('/payment-methods/setup', urls);
  const card = { card_number: '4242424242424242', exp: '12 / 40', cvc: '123' };
  const owner = { name: 'Ada Lovelace', email: 'ada@example.com' };
  const saved = await fetch(data.url, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ ...card, ...owner, action: 'pay' }),
  });
  expect(saved.status).toBe(200);
}

/** A server of this test alone; answers its origin, and what ends it. */
async function serve(listener: RequestListener): Promise<[string, () => void]> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return [`http://127.0.0.1:${port}`, () => server.close().closeAllConnections()];
}

let stack: RunningStack;
beforeAll(async () => {
  stack = await startStack({ use: 'shared' });
  await saveCard();
}, START_MS_MAX);
afterAll(() => stack?.stop(), STOP_MS_MAX);

test.each(LANGUAGES)(
  'examples: those in $name run as they stand where their runtime is, and are in every language',
  async ({ probe, files, command, cwd }) => {
    const names = readdirSync(cwd).filter((name) => files.test(name));
    expect(names.length).toBeGreaterThanOrEqual(8);
    let strays = 0;
    const [elsewhere, endElsewhere] = await serve((_, response) => {
      strays += 1;
      response.end('{"data":{},"meta":{}}');
    });
    const [redirecting, endRedirecting] = await serve((request, response) => {
      response.writeHead(307, { location: elsewhere + (request.url ?? '') }).end();
    });
    const [program, ...flags] = probe;
    const isHere = await run(program, flags).then(
      () => true,
      () => false,
    );
    if (!isHere) {
      endElsewhere();
      endRedirecting();
      process.stderr.write(
        `${program} is not on this machine: its ${names.length} examples did not run\n`,
      );
      return;
    }
    for (const name of names) {
      const [binary, ...parameters] = command(name);
      const env = {
        ...process.env,
        NODE_OPTIONS: '',
        ORBIT_API_KEY: stack.organizationApiKey,
        ORBIT_BASE_URL: stack.gatewayUrl,
      };
      const { stdout } = await run(binary, parameters, { cwd, env });
      expect([name, stdout.trim().length > 0]).toEqual([name, true]);
      if (!name.startsWith('sdk')) {
        const answer = JSON.parse(stdout) as { data: unknown; meta: unknown };
        expect(Object.keys(answer).sort()).toEqual(['data', 'meta']);
      }
      // The key goes nowhere else, and a redirect is no success.
      const stray = run(binary, parameters, { cwd, env: { ...env, ORBIT_BASE_URL: redirecting } });
      await expect(stray).rejects.toThrow();
      expect([name, strays]).toEqual([name, 0]);
    }
    endElsewhere();
    endRedirecting();
  },
  TIMEOUT_MS,
);

const orbEnv = () => ({
  ...process.env,
  NODE_OPTIONS: '',
  ORB_BASE_URL: `${stack.gatewayUrl}/v1`,
  ORB_API_KEY: stack.orbAccounts.find(({ mode }) => mode === 'test')?.api_key,
});
const STORY = /upcoming: 150000 calls, 107\.00\nissued: (ORB-\S+), 112\.00 USD\n\1 is paid\n$/;

test("Orb's TypeScript SDK, unchanged, goes from a plan to a paid invoice: 107.00 of usage and 5.00", async () => {
  const story = run('node', ['story.mjs'], { cwd: folder('orb'), env: orbEnv() });
  expect((await story).stdout).toMatch(STORY);
});

test(
  "Orb's Python SDK, unchanged, does the same where it can be fetched",
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'orb-python-'));
    const python = join(home, 'bin', 'python');
    try {
      const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '-q'];
      const isHere = await run('python3', ['-m', 'venv', home])
        .then(() => run(python, [...pip, 'orb-billing==4.90.0']))
        .then(
          () => true,
          () => false,
        );
      if (!isHere) {
        process.stderr.write("python3 or a package index is not here: Orb's SDK did not run\n");
        return;
      }
      const story = run(python, ['story.py'], { cwd: folder('orb'), env: orbEnv() });
      expect((await story).stdout).toMatch(STORY);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);

test(
  'the Python client passes its own tests where Python is',
  async () => {
    const isHere = await run('python3', ['--version']).then(
      () => true,
      () => false,
    );
    if (!isHere) {
      process.stderr.write('python3 is not on this machine: the Python client was not tested\n');
      return;
    }
    const { stderr } = await run(
      'python3',
      ['-m', 'unittest', 'discover', '-s', 'sdks/python/tests'],
      {
        cwd: ROOT,
      },
    );
    expect(stderr).toMatch(/Ran \d+ tests[\s\S]*OK/);
  },
  TIMEOUT_MS,
);
