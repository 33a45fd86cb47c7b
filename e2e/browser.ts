import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const run = promisify(execFile);
const FINDER = join(import.meta.dirname, '..', 'tools', 'infra', 'browser.mjs');

/** A real browser, fetched when the machine has none. Missing is a failure with its remedy, never a skip. */
export async function openBrowser(): Promise<Browser> {
  const options = { env: { ...process.env, NODE_OPTIONS: '' } };
  const { stdout } = await run(process.execPath, [FINDER], options);
  const executablePath = stdout.trim();
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
