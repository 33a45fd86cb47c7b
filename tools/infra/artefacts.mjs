/**
 * Server binaries that Maven brings, kept in a per-user cache so that every later start, also of
 * another clone, works offline. Each folder is filled under a temporary name and then renamed: a
 * folder that exists is complete.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../setup/lock.mjs';
import { makeFolder, makeWritableFolder } from './make-folder.mjs';
import { SetupError } from './setup-error.mjs';

const run = promisify(execFile);
const POM = path.join(import.meta.dirname, 'pom.xml');
const REDIS_ARTEFACT = 'com.github.codemonstur:embedded-redis:1.4.3';
const MAVEN_TIMEOUT_MS = 600_000;

/** Where binaries are kept: `ORBIT_CACHE`, the user's cache folder, or a folder in the temp dir. */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const candidates = [process.env.ORBIT_CACHE, path.join(base, 'orbit-billing')];
  for (const folder of candidates) {
    if (!folder) continue;
    try {
      makeWritableFolder(folder);
      return folder;
    } catch {
      continue; // Not writable: the next one.
    }
  }
  const fallback = path.join(os.tmpdir(), `orbit-billing-cache-${os.userInfo().uid}`);
  makeFolder(fallback, 0o700);
  return fallback;
}

/** Fills the folder with `fill(target)` unless it is there. Two processes at once fetch once. */
export async function fillOnce(folder, fill) {
  if (fs.existsSync(folder)) return folder;
  const onWait = (pid) =>
    process.stderr.write(
      `  … waiting for process ${pid}, which fetches ${path.basename(folder)}\n`,
    );
  await withLock(`${folder}.lock`, onWait, async () => {
    if (fs.existsSync(folder)) return;
    const unfinished = `${folder}.tmp`; // Of one that was killed, too.
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.mkdirSync(unfinished, { recursive: true });
    try {
      await fill(unfinished);
      fs.renameSync(unfinished, folder);
    } finally {
      fs.rmSync(unfinished, { recursive: true, force: true });
    }
  });
  return folder;
}

async function maven(args, what) {
  try {
    await run('mvn', ['-q', '-B', ...args], {
      timeout: MAVEN_TIMEOUT_MS,
      cwd: os.tmpdir(),
      // Java names files by the locale.
      env: { ...process.env, ...(process.platform === 'linux' ? { LC_ALL: 'C.UTF-8' } : {}) },
    });
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new SetupError(
        `${what} is fetched with Maven, and \`mvn\` is not on the PATH. Install Maven 3.8 or newer ` +
          '(Debian: `apt-get install maven`, macOS: `brew install maven`) and start again.',
      );
    }
    const detail = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(0, 6);
    throw new SetupError(
      `Maven could not fetch ${what}. The first start needs a network.\n${detail.join('\n')}`,
    );
  }
}

/** Folder with Kafka's jars. */
export function kafkaJars() {
  return fillOnce(path.join(cacheFolder(), 'kafka-4.1.0-logging'), (folder) =>
    maven(
      ['-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`],
      'Kafka 4.1.0',
    ),
  );
}

/** Path of a redis-server binary from a Maven artefact, for machines without one on the PATH. */
export async function redisBinary() {
  const folder = await fillOnce(path.join(cacheFolder(), 'embedded-redis-1.4.3'), (target) =>
    maven(
      [
        'dependency:unpack',
        `-Dartifact=${REDIS_ARTEFACT}`,
        `-DoutputDirectory=${target}`,
        '-Dmdep.unpack.includes=redis-server*',
      ],
      'Redis',
    ),
  );
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  const file = fs
    .readdirSync(folder)
    .find((name) => name.includes(process.platform) && name.endsWith(`${arch}`));
  if (!file) {
    throw new SetupError(
      `No Redis binary for ${process.platform} ${process.arch}: install redis-server on the PATH.`,
    );
  }
  fs.chmodSync(path.join(folder, file), 0o755);
  return path.join(folder, file);
}
