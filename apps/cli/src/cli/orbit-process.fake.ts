/** `npm run orbit -- …` as a process of its own, as an operator starts it; for tests. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const ORBIT = path.join(import.meta.dirname, '../../../../tools/orbit.mjs');

export interface OrbitRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `interruptAfter`: Ctrl-C as soon as stderr has said this. */
export function runOrbit(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  interruptAfter?: string,
): Promise<OrbitRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ORBIT, ...args], {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      const before = stderr;
      stderr += chunk.toString();
      if (interruptAfter === undefined || before.includes(interruptAfter)) return;
      if (stderr.includes(interruptAfter)) child.kill('SIGINT');
    });
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}
