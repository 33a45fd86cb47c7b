import { execFile } from 'node:child_process';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

/** Resolves with what the program printed; rejects with all that it said. Settings of our own npm do not reach it. */
export function run(program, args, { cwd, env = {} } = {}) {
  const outer = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(NODE_OPTIONS|npm_config_prefix|INIT_CWD)$/.test(name),
    ),
  );
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...outer, ...env }, maxBuffer: 16 * 1024 * 1024 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const command = [program, ...args].join(' ');
      reject(
        new Error(`${command} failed:\n${stdout}${stderr || error.message}`, { cause: error }),
      );
    });
  });
}
