import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';

const run = promisify(execFile);

/** Pinned: what it refuses must not change under a test. Its OpenAPI document is Stripe's published one. */
const VERSION = 'v0.203.0';
const MODULE = `github.com/stripe/stripe-mock@${VERSION}`;
const INSTALL_MS_MAX = 300_000;

/** A request as somebody sent it to Stripe's API, without its key. */
export interface StripeRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** `application/x-www-form-urlencoded`; empty: none. */
  readonly body: string;
}

export interface RefusedRequest {
  readonly request: StripeRequest;
  readonly status: number;
  readonly reason: string;
}

/** It reads Stripe's whole document first, which takes long on a busy machine. */
const START_MS_MAX = 150_000;

/** Stripe's own stand-in: it knows nothing of our objects, and refuses what the API's document does not allow. */
export interface StripeMock {
  readonly port: number;
  /** Those of the requests that Stripe's published OpenAPI would refuse, and why. */
  refusalsOf(requests: readonly StripeRequest[]): Promise<readonly RefusedRequest[]>;
  stop(): Promise<void>;
}

/**
 * Starts the official stripe-mock; the first time it is built by Go into the user's cache. Null, and a sentence
 * that says why, where there is no Go or no way to fetch it.
 */
export async function startStripeMock(): Promise<StripeMock | null> {
  const program = await findProgram();
  if (program === null) return null;
  const port = await freePort();
  // Unless told otherwise it takes a fixed port for HTTPS too, and ends where another one runs already.
  const addresses = ['-http-addr', `127.0.0.1:${port}`, '-https-addr', '127.0.0.1:0'];
  const child = spawn(program, addresses, { stdio: 'ignore' });
  await eventually(() => send(port, { method: 'GET', path: '/v1/customers', body: '' }), {
    timeoutMs: START_MS_MAX,
  }).catch(async (error: unknown) => {
    await stop(child);
    throw error;
  });
  return {
    port,
    async refusalsOf(requests) {
      const refused: RefusedRequest[] = [];
      for (const request of requests) {
        const { status, text } = await send(port, request);
        if (status >= 400) refused.push({ request, status, reason: reasonOf(text) });
      }
      return refused;
    },
    stop: () => stop(child),
  };
}

async function findProgram(): Promise<string | null> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'orbit-billing', `stripe-mock-${VERSION}`);
  const program = join(folder, 'stripe-mock');
  if (await isThere(program)) return program;
  try {
    await mkdir(folder, { recursive: true });
    const env = { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' };
    await run('go', ['install', MODULE], { env, timeout: INSTALL_MS_MAX });
    return program;
  } catch (error) {
    const isGoMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isGoMissing ? 'Go is not installed' : 'Go could not build it here';
    process.stderr.write(`stripe-mock is left out: ${why}.\n`);
    return null;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function send(
  port: number,
  request: StripeRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const isBody = request.method === 'POST';
  const response = await fetch(`http://127.0.0.1:${port}${request.path}`, {
    method: request.method,
    headers: {
      authorization: 'Bearer sk_test_123',
      ...(isBody ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    ...(isBody ? { body: request.body } : {}),
  });
  return { status: response.status, text: await response.text() };
}

function reasonOf(text: string): string {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message ?? text;
  } catch {
    return text;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
