/** How npm is called: the one that called us, else the one on the PATH. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../infra/artefacts.mjs';
import { SetupError } from '../infra/setup-error.mjs';

/** A script's own switches are not meant for the npm that it calls. */
const OF_THE_SCRIPT = /^npm_config_(json|dry_run|global|workspaces?)$/i;

/** Dependencies that report who installs them; package.json and nx.json say the same to an npm that a person calls. */
const NO_TELEMETRY = { SCARF_ANALYTICS: 'false', DO_NOT_TRACK: '1', CHECKPOINT_DISABLE: '1' };

/** npm keeps what it fetched in the home folder; an account that cannot write it has our cache. */
function cacheArgs() {
  const wanted = process.env.npm_config_cache || path.join(os.homedir(), '.npm');
  let folder = path.resolve(wanted);
  while (!fs.existsSync(folder) && folder !== path.dirname(folder)) folder = path.dirname(folder);
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return [];
  } catch {
    return [`--cache=${path.join(cacheFolder(), 'npm')}`];
  }
}

/** Runs npm in `cwd`; what goes wrong is printed as npm says it. Returns its exit code. */
export async function runNpm(args, cwd) {
  const all = [...args, '--loglevel=error', '--no-update-notifier', ...cacheArgs()];
  const script = process.env.npm_execpath;
  const isKnown = /npm-cli\.c?js$/.test(script ?? '') && fs.existsSync(script);
  const [command, argv] = isKnown ? [process.execPath, [script, ...all]] : ['npm', all];
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_THE_SCRIPT.test(name)),
  );
  const child = spawn(command, argv, {
    cwd,
    env: { ...env, ...NO_TELEMETRY },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', (error) =>
      reject(new SetupError(`npm could not be started (${error.message}). It comes with Node.`)),
    );
  });
}
