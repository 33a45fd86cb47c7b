import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { forsaken, leaveSpare, takeSpare, type StackUse } from './spare-stacks.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');

/** For `beforeAll`: on a busy machine servers, and then services, may take four minutes each to be ready. */
export const START_MS_MAX = 500_000;
/** For `afterAll`: after 140 s at most `npm stop` has ended by force what did not end by itself. */
export const STOP_MS_MAX = 180_000;

/** The file that `npm start` writes for programs. */
export interface DevStack {
  readonly gatewayUrl: string;
  readonly organizationId: string;
  readonly organizationApiKey: string;
  readonly operatorApiKey: string;
  readonly orbAccounts: readonly {
    readonly account_id: string;
    readonly mode: 'live' | 'test';
    readonly api_key: string;
    readonly webhook_secret: string;
  }[];
  /** `/metrics` of each service. */
  readonly metricsUrls: readonly string[];
  readonly kafkaBrokers: readonly string[];
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly sandboxUrl: string;
}

export interface RunningStack extends DevStack {
  readonly home: string;
  /** `npm run orbit -- …` against this stack; resolves with what it printed. */
  orbit(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Whether other files of the run may have it before and after; `own` unless given. */
  readonly use?: StackUse;
  /** As variables before `npm start`; for a stack of one's own. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Settings of stacks that files share. */
const SHARED_SETTINGS = { AUTO_RELOAD_RETRY_SECONDS: '1' };

/** The whole product as a person starts it, on a home and a port of its own; or one that an earlier file has left. */
export async function startStack({
  use = 'own',
  settings = {},
}: StackOptions = {}): Promise<RunningStack> {
  const stack = await runningIn(takeSpare(use) ?? (await start(use, settings)));
  return {
    ...stack,
    stop: async () => {
      if (!leaveSpare(stack.home, use)) await stack.stop();
      for (const home of forsaken()) await (await runningIn(home)).stop();
    },
  };
}

/** Answers its home. */
async function start(use: StackUse, settings: Readonly<Record<string, string>>): Promise<string> {
  // `npm test` ends what is left in its folder, also after an interruption.
  const folder = process.env['ORBIT_TEST_HOME'] ?? tmpdir();
  const home = await mkdtemp(join(folder, 'orbit-e2e-'));
  // PostgreSQL does not run as root; its own user must be able to enter.
  await chmod(home, 0o755);
  const env = {
    ...process.env,
    ...(use === 'own' ? {} : SHARED_SETTINGS),
    ...settings,
    ORBIT_HOME: home,
    ORBIT_PORT: String(await freePort()),
    NODE_OPTIONS: '',
    // It lives for minutes: Java's second compiler would cost more than it brings.
    JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1',
  };
  await run(process.execPath, ['tools/start.mjs', '--detach'], { cwd: ROOT, env });
  return home;
}

async function runningIn(home: string): Promise<RunningStack> {
  const stack = JSON.parse(await readFile(join(home, 'dev.json'), 'utf8')) as DevStack;
  const env = { ...process.env, ORBIT_HOME: home, NODE_OPTIONS: '' };
  const options = { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 };
  return {
    ...stack,
    home,
    orbit: async (...args) =>
      (await run(process.execPath, ['tools/orbit.mjs', ...args], options)).stdout,
    stop: async () => {
      await run(process.execPath, ['tools/stop.mjs'], options);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** `npm start` takes it half a minute later; until then no other stack of this run is given the same. */
async function freePort(): Promise<number> {
  const url = new URL('../tools/infra/ports.mjs', import.meta.url);
  const { freePorts } = (await import(url.href)) as {
    freePorts(count: number): Promise<number[]>;
  };
  const [port = 0] = await freePorts(1);
  return port;
}
