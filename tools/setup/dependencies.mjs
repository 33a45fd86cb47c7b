/** The packages of this clone: what package-lock.json names, in node_modules. Node built-ins only. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SetupError } from '../infra/setup-error.mjs';
import { withLock } from './lock.mjs';
import { runNpm } from './npm.mjs';

const ROOT = path.join(import.meta.dirname, '..', '..');
/** Outside of node_modules, which `npm ci` removes; and where nothing else of ours is kept. */
const LOCK = path.join(ROOT, '.nx', 'npm-ci.lock');
const STAMP = path.join('node_modules', '.orbit-installed');

const read = (...parts) => fs.readFileSync(path.join(...parts), 'utf8');
const packagesOf = (text) => JSON.parse(text).packages;

/** The stamp of a complete installation: its lockfile and the machine; another machine's packages are no use here. */
const stampOf = (lockfile) =>
  `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform} ${process.arch}\n`;

const isMusl = () => !process.report.getReport().header.glibcVersionRuntime;

/** As npm reads `os` and `cpu`: a list of what fits, or of what does not. */
export function fits(list, value) {
  if (!list) return true;
  const isRefused = list.includes(`!${value}`);
  return !isRefused && (list.includes(value) || list.every((item) => item.startsWith('!')));
}

const isForThisMachine = ({ os, cpu, libc }) =>
  fits(os, process.platform) &&
  fits(cpu, process.arch) &&
  (process.platform !== 'linux' || !libc || fits(libc, isMusl() ? 'musl' : 'glibc'));

const isSame = (one, other) =>
  one.version === other.version &&
  one.integrity === other.integrity &&
  // A workspace that moved to another folder keeps its version.
  (!one.link || one.resolved === other.resolved);

/**
 * Why node_modules is not what the lockfile names; null when it is. npm writes its own list last, so a
 * broken installation has none. Contents are compared, not times: a copied clone starts offline.
 */
export function whatIsMissing(root = ROOT) {
  let list;
  try {
    list = packagesOf(read(root, 'node_modules', '.package-lock.json'));
  } catch {
    return fs.existsSync(path.join(root, 'node_modules'))
      ? 'node_modules is not complete'
      : 'node_modules is missing';
  }
  const lockfile = read(root, 'package-lock.json');
  const stamp = path.join(root, STAMP);
  const wasComplete = fs.existsSync(stamp) && read(stamp) === stampOf(lockfile);
  for (const [place, wanted] of Object.entries(packagesOf(lockfile))) {
    if (!place.includes('node_modules/')) continue;
    // Linked by us after npm wrote its list.
    if (wanted.link && list[place] === undefined && leadsTo(root, place, wanted)) continue;
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const installed = list[place];
    if (installed === undefined) {
      // npm leaves out an optional package that does not fit here, or that it could not build.
      if (wanted.optional && (wasComplete || !isForThisMachine(wanted))) continue;
      return `${name} is missing`;
    }
    if (!isSame(installed, wanted)) return `${name} is not the one of package-lock.json`;
    if (!fs.existsSync(path.join(root, place, 'package.json'))) return `${name} is missing`;
  }
  return null;
}

const leadsTo = (root, place, { resolved }) => {
  try {
    return fs.realpathSync(path.join(root, place)) === fs.realpathSync(path.join(root, resolved));
  } catch {
    return false;
  }
};

/**
 * Links what the lockfile has of this repository and node_modules has not: a library that came with the last pull
 * needs no installation. Does nothing where there is no node_modules at all.
 */
export function linkWorkspaces(root = ROOT) {
  if (!fs.existsSync(path.join(root, 'node_modules'))) return;
  for (const [place, { link, resolved }] of Object.entries(
    packagesOf(read(root, 'package-lock.json')),
  )) {
    const [from, to] = [path.join(root, place), path.join(root, resolved ?? '')];
    if (!link || !fs.existsSync(to) || fs.lstatSync(from, { throwIfNoEntry: false })) continue;
    fs.mkdirSync(path.dirname(from), { recursive: true });
    fs.symlinkSync(path.relative(path.dirname(from), to), from);
  }
}

/** `npm ci` when node_modules is not what the lockfile names. Two commands at once install once. */
export async function installDependencies(say) {
  linkWorkspaces();
  if (whatIsMissing() === null) return;
  const onWait = (pid) => say(`  … waiting for process ${pid}, which installs the dependencies`);
  await withLock(LOCK, onWait, async () => {
    const reason = whatIsMissing();
    if (reason === null) return;
    say(`  … installing dependencies (npm ci), about a minute the first time: ${reason}`);
    await npmCi();
    fs.writeFileSync(path.join(ROOT, STAMP), stampOf(read(ROOT, 'package-lock.json')));
  });
}

async function npmCi() {
  try {
    fs.accessSync(ROOT, fs.constants.W_OK);
  } catch {
    throw new SetupError(
      `The dependencies have to be installed, and ${ROOT} cannot be written. Run this once as its owner.`,
    );
  }
  // Also where NODE_ENV or the user's settings leave them out: the servers come from these.
  const included = ['--include=dev', '--include=optional'];
  const code = await runNpm(['ci', ...included, '--no-audit', '--no-fund'], ROOT);
  if (code === 0) return;
  throw new SetupError('npm ci failed; its message is above. Is the package registry reachable?');
}
