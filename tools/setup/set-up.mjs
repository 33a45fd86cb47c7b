/**
 * The first step of every command of package.json: the right Node, and the packages of this clone. Node built-ins
 * only; a command imports everything else after `await setUp()`, because an import of a package that is not there
 * ends the process before its first line.
 */
import './node-version.mjs';
import { SetupError } from '../infra/setup-error.mjs';
import { installDependencies } from './dependencies.mjs';

/** stdout is for results. */
export const onStderr = (text) => process.stderr.write(`${text}\n`);

/** Makes a command ready to run: packages. */
export async function setUp(say = onStderr) {
  await orEnd(() => installDependencies(say));
}

/** Ends the process with a sentence when the set-up is not possible. */
export async function orEnd(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exit(1);
  }
}
