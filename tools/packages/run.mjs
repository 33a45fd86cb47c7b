import { execFile } from 'node:child_process';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

/** Variables that belong to the npm or Node that called us, and not to the one that is called here. */
const OF_THE_CALLER =
  /^(NODE_OPTIONS|INIT_CWD|npm_config_(?!registry|cache|userconfig|globalconfig).*)$/i;

/** Resolves with what the program printed; rejects with all that it said. */
export function run(program, args, { cwd, env = {} } = {}) {
  const outer = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_THE_CALLER.test(name)),
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
